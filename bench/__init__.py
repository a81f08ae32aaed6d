"""How fast and how large: `python -m bench [NAME...]`, one module a bench."""

"""Wiring and rendering: the terminal now, the Slack app later."""

"""What the app's manifest says it offers to people."""

COMMANDS = ("/stuncheck",)
SHORTCUTS = {"check_alert": "Check this alert"}
"""Of messages, by callback_id."""

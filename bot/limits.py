"""What Slack takes of a message, and how much of it we use.

Slack's figures: https://docs.slack.dev/reference/block-kit/blocks and the pages of its objects.
Longer is refused as invalid_blocks, and nothing is posted at all.
"""

BLOCKS = 50
"""Blocks of a message."""

SECTION = 3000
"""Characters of a section's text, and of any text object."""

HEADER = 150
"""Characters of a header."""

FIELDS, FIELD = 10, 2000
"""Fields of a section, characters of each."""

CONTEXT = 10
"""Elements of a context block."""

BUTTONS, BUTTON, VALUE, IDENTIFIER = 25, 75, 2000, 255
"""Buttons of a row; characters of a button's text, of its value, of an action_id or block_id."""

FALLBACK = 4000
"""Characters of a message's text that Slack advises; it cuts at 40,000."""

ALT = 1000
"""Characters of an uploaded picture's alt text; an image block takes 2000."""

WHOLE = 12_000
"""Characters of all texts of one message: ours. Somewhat above it Slack refuses a message as
msg_blocks_too_long, and nobody reads as far."""

ITEM = 700
"""Characters of one sentence of a list: ours."""

ROWS = 20
"""Rows of a table: ours; the terminal shows all."""

LINE = 96
"""Columns of a table's line, in a code block of Slack's window: ours."""

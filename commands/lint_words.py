"""How a rule that values break is said to people and to machines."""

from commands.reply import Payload
from verdict.lint import Lint


def lint_words(one: Lint) -> str:
    """Say a rule that is broken, and who says so."""
    return f"{one.text} ({one.rule}, {one.source})"


def lint_entry(one: Lint) -> Payload:
    """Give a rule that is broken to machines."""
    return {"rule": one.rule, "weight": one.weight.value, "text": one.text, "source": one.source}

"""What can be clicked on a card: one name for the button and for what listens to it."""

from enum import StrEnum


class Action(StrEnum):
    """The action_id of a button; the button's value is the incident it stands for."""

    EVIDENCE = "evidence"
    WHAT_IF = "what_if"
    CHECK_AGAIN = "check_again"
    WRONG = "wrong"


LABELS = {
    Action.EVIDENCE: "Evidence",
    Action.WHAT_IF: "What if...",
    Action.CHECK_AGAIN: "Check again",
    Action.WRONG: "This is wrong",
}
"""What a button says."""

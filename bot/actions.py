"""What can be clicked on a card: one name for the button and for what listens to it."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """The action_id of a button; the button's value is the incident or proposal it stands for."""

    EVIDENCE = "evidence"
    WHAT_IF = "what_if"
    CHECK_AGAIN = "check_again"
    WRONG = "wrong"
    APPROVE = "approve"
    REJECT = "reject"
    OTHER_VALUES = "other_values"
    REVERT = "revert"
    KEEP = "keep"


LABELS = {
    Action.EVIDENCE: "Evidence",
    Action.WHAT_IF: "What if...",
    Action.CHECK_AGAIN: "Check again",
    Action.WRONG: "This is wrong",
    Action.APPROVE: "Approve",
    Action.REJECT: "Reject",
    Action.OTHER_VALUES: "What if...",
    Action.REVERT: "Revert",
    Action.KEEP: "Keep",
}
"""What a button says."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """What is asked before a click counts."""

    title: str
    text: str


CONFIRMED = {
    Action.APPROVE: Confirm(
        "Approve this change?", "It is sent to the cluster at once, and read back."
    ),
    Action.REVERT: Confirm(
        "Put it back?", "The values of before are sent to the cluster at once, and read back."
    ),
}
"""Buttons that change a cluster."""

PRIMARY = frozenset({Action.APPROVE})
"""The button that is meant to be seen first."""

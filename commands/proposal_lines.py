"""What is said in a proposal's thread about each step that the audit holds, one line a step."""

from collections.abc import Callable, Mapping

from commands.proposal_card import change_words
from storage.audit import Entry
from storage.proposals import Proposal, State

DRIFTED = "drifted"
"""What the audit calls an approval that met other values than were shown."""

KEPT = "kept"
"""What it calls the word that a change for good stays."""

Line = Callable[[Entry, Proposal, str], str]


def line_of(entry: Entry, proposal: Proposal) -> str | None:
    """Say a step in a line; None for one that only the card shows, or that was refused."""
    said = LINES.get(entry.what)
    return (
        said(entry, proposal, f"{change_words(proposal)} on {proposal.cluster}") if said else None
    )


def _approved(entry: Entry, proposal: Proposal, what: str) -> str:
    if proposal.break_glass:
        return f"{entry.who.name} broke the glass and approved {what} alone: {entry.why}"
    return f"{entry.who.name} approved {what}, asked for by {proposal.asked_by.name}."


def _rejected(entry: Entry, _: Proposal, what: str) -> str:
    return f"{entry.who.name} rejected {what}{f': {entry.why}' if entry.why else '.'}"


def _drifted(entry: Entry, proposal: Proposal, _: str) -> str:
    more = " Nothing was done; a fresh card shows the values as they are now."
    more = more if proposal.state is State.SUPERSEDED else ""
    return f"{entry.who.name} did not approve it: {entry.why[:1].lower()}{entry.why[1:]}{more}"


def _applied(entry: Entry, proposal: Proposal, what: str) -> str:
    del entry
    approver = proposal.decided_by
    by = f" {approver.name} approved it, {proposal.asked_by.name} asked." if approver else ""
    return f"Applied and read back: {what}.{by}"


def _left(entry: Entry, proposal: Proposal, _: str) -> str:
    cluster, who = proposal.cluster, entry.who.name
    return f"{who}: left as it is, {cluster} keeps what was set meanwhile. {entry.why}"


def _kept(entry: Entry, _: Proposal, what: str) -> str:
    return f"{entry.who.name} keeps {what}: {entry.why}"


def _plainly(words: str) -> Line:
    """Make a line that names the change, and what went wrong where something did."""

    def line(entry: Entry, _: Proposal, what: str) -> str:
        return " ".join(filter(None, (words.format(what), entry.why)))

    return line


LINES: Mapping[str, Line] = {
    State.APPROVED: _approved,
    State.REJECTED: _rejected,
    State.EXPIRED: _plainly("Nobody decided in time: {}. Nothing was changed."),
    State.SUPERSEDED: _plainly("A newer proposal took the place of {}. Nothing was changed."),
    State.APPLIED: _applied,
    State.FAILED: _plainly("Not done: {}."),
    State.UNKNOWN: _plainly("Sent, and not known whether it was done: {}."),
    State.REVERTED: _plainly("Put back and read: {} is undone."),
    State.REVERT_FAILED: _plainly("Not put back: {}."),
    State.REVERT_UNKNOWN: _plainly("Sent back, and not known whether it was done: {}."),
    State.LEFT: _left,
    DRIFTED: _drifted,
    KEPT: _kept,
}

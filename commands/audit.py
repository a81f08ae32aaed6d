"""`audit [CLUSTER]`: who proposed, approved, applied, reverted what, and whether it is whole."""

import csv
import io
import json
from collections.abc import Sequence

from commands.context import Context
from commands.known import known_cluster
from commands.limit_words import count
from commands.reply import Column, Payload, Problem, Reply, Room, Table
from commands.wording import date_time, iso
from sources.names import same
from storage.audit import Entry, entries
from storage.proof import Break, Fault, verify

MOST = 50
"""Entries in a table; JSON and CSV hold them all."""

COLUMNS = (
    Column("When, UTC"),
    Column("Who", room=Room.FOLDED),
    Column("What", room=Room.FOLDED),
    Column("Cluster", room=Room.FOLDED),
    Column("Change", room=Room.FOLDED),
    Column("Why", room=Room.FOLDED),
)

FIELDS = (
    *("number", "at", "what", "who", "who_name", "cluster", "proposal"),
    *("before", "after", "why", "detail", "hash"),
)

FAULTS = {
    Fault.CHANGED: "was changed after it was written",
    Fault.MISSING: "is missing",
    Fault.MOVED: "was written as another one",
    Fault.ADDED: "was added behind the end",
    Fault.END: "does not fit what is stored as the end",
}

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the start of a cell (OWASP, CSV injection)."""


def audit(context: Context, cluster: str | None = None, *, most: int = MOST) -> Reply:
    """Tell what was done, newest first. Raises UserError for a stranger."""
    with context.store.reading():
        found = _found(context, cluster)
        broken = verify(context.store)
    shown = tuple(reversed(found[-most:]))
    table = Table("Audit", COLUMNS, tuple(_cells(one) for one in shown))
    return Reply(
        payload={
            "entries": [_entry(one) for one in found],
            "whole": broken is None,
            "break": {"entry": broken.entry, "fault": broken.fault.value} if broken else None,
        },
        tables=(table,) if shown else (),
        closing=(_closing(found, shown, cluster),),
        problems=(_problem(broken),) if broken else (),
    )


def as_csv(context: Context, cluster: str | None = None) -> str:
    """Give the audit as CSV with a head line, oldest first. Raises UserError for a stranger.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    for one in _found(context, cluster):
        entry = _entry(one)
        writer.writerow([_cell(entry[field]) for field in FIELDS])
    return out.getvalue()


def _found(context: Context, cluster: str | None) -> tuple[Entry, ...]:
    """Find entries, of a cluster in any case, were it gone from the configuration long since."""
    every = entries(context.store)
    if cluster is None:
        return every
    name = same(cluster)
    mine = tuple(one for one in every if one.cluster is not None and same(one.cluster) == name)
    if not mine:
        known_cluster(context, cluster)
    return mine


def _cells(one: Entry) -> tuple[str, ...]:
    return (
        date_time(one.at).removesuffix(" UTC"),
        one.who.name,
        one.what.replace("_", " "),
        one.cluster or "",
        _change(one),
        one.why,
    )


def _change(one: Entry) -> str:
    """Say what of the values is another by this, or was to be."""
    before, after = one.before or {}, one.after or {}
    return ", ".join(
        f"{name} {value} to {after[name]}" for name, value in before.items() if name in after
    )


def _closing(found: Sequence[Entry], shown: Sequence[Entry], cluster: str | None) -> str:
    of = f" of {cluster}" if cluster else ""
    if not found:
        return f"Nothing was done yet{of}."
    rest = f"; the last {len(shown)} are shown, --json gives all" if len(shown) < len(found) else ""
    return f"{count(len(found), 'entry', 'entries')}{of}{rest}."


def _problem(broken: Break) -> Problem:
    return Problem(
        f"The audit is not as it was written: entry {broken.entry} {FAULTS[broken.fault]}.",
        "From there on it proves nothing. Keep the file, and compare it with a copy.",
    )


def _entry(one: Entry) -> Payload:
    return {
        "number": one.number,
        "at": iso(one.at),
        "what": one.what,
        "who": one.who.id,
        "who_name": one.who.name,
        "cluster": one.cluster,
        "proposal": one.proposal,
        "before": None if one.before is None else dict(one.before),
        "after": None if one.after is None else dict(one.after),
        "why": one.why,
        "detail": dict(one.detail),
        "hash": one.digest,
    }


def _cell(value: object) -> str:
    """Write a value into a cell; what somebody typed must not become a formula there."""
    text = json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value or "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text

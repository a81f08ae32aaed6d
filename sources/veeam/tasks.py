"""The task sessions of some VMs: each VM's part in the runs of the jobs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from sources.json_rows import Row
from sources.veeam.identity import Alias
from sources.veeam.pages import IN_ORDER, Listing, Query
from sources.veeam.wish import Span

TASKS = "/api/v1/taskSessions"

LONGEST = timedelta(days=2)
"""How long a VM's part in a job may have run and still be found. They are asked for by their
beginning, because a running one has no end that a filter could meet."""

RENAMED = "nameInVeeam"
"""The field in which a renamed row keeps the name that Veeam gave it."""


def all_tasks(span: Span, *, sample: bool = False) -> Query:
    """Ask for the task sessions of every VM, or for any one of them."""
    params = {
        "createdAfterFilter": span.wall(span.start - LONGEST),
        "createdBeforeFilter": span.wall(span.end),
        **IN_ORDER,
    }
    return Query(TASKS, "task sessions", params, sample)


def tasks_of(name: str, span: Span, *, sample: bool = False) -> Query:
    """Ask for the task sessions of one VM, by the name that Veeam has for it."""
    query = all_tasks(span, sample=sample)
    return replace(query, params={"nameFilter": name, **query.params})


def proof(sample: Listing, span: Span) -> list[Query]:
    """Ask for a task session that is known to be there, to see whether names find anything.

    A filter may silently match nothing: `sessionTypeFilter` does so on VBR 13.0.3.63 (Checkmk's
    agent for Veeam says so). Nothing is to be asked where there is no task session at all.
    """
    names = list(_texts(sample.rows, "name"))
    return [tasks_of(name, span, sample=True) for name in names[:1]]


def only(listing: Listing, name: str, span: Span) -> Listing:
    """Keep the rows of this name that overlap the span, and any that cannot be read.

    The filter on the name matches other fields, too.
    """
    rows = [row for row in listing.rows if _wanted(row, name, span)]
    return Listing(rows, listing.missing, listing.faults)


def renamed(listing: Listing, alias: Alias) -> Listing:
    """Call the rows of an alias by the VM's name in vCenter, and keep Veeam's name beside it."""
    rows: list[object] = [
        row | {"name": alias.vm.name, RENAMED: alias.name} if isinstance(row, dict) else row
        for row in listing.rows
    ]
    return Listing(rows, listing.missing, listing.faults)


def strangers(tasks: Iterable[object], sessions: Iterable[object]) -> Sequence[str]:
    """Give the ids of the sessions that tasks belong to and that were not read yet."""
    read = {ident.lower() for ident in _texts(sessions, "id")}
    needed = (ident.lower() for ident in _texts(tasks, "sessionId"))
    return [ident for ident in dict.fromkeys(needed) if ident not in read]


def _wanted(entry: object, name: str, span: Span) -> bool:
    if not isinstance(entry, dict):
        return True
    row = Row(entry)
    given = row.text("name")
    return (given is None or given.casefold() == name.casefold()) and span.holds(row)


def _texts(rows: Iterable[object], field: str) -> Iterable[str]:
    texts = (Row(row).text(field) for row in rows if isinstance(row, dict))
    return (text for text in texts if text)

"""The sessions of a window: those that ended in it or later, and those still under way."""

from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial

from sources.errors import SourceError
from sources.json_rows import UnreadableError, load
from sources.veeam.client import Client
from sources.veeam.crew import Crew
from sources.veeam.faults import AGAIN, SOURCE
from sources.veeam.pages import IN_ORDER, Listing, Query
from sources.veeam.wish import Span

SESSIONS = "/api/v1/sessions"

UNDER_WAY = ("Working", "Stopping", "Postprocessing")
"""States in which a session has no end yet and may still hold a snapshot. Whether the filter on
the end drops such a session is nowhere said, so they are asked for by state (every revision)."""


def overlapping(span: Span) -> list[Query]:
    """Ask for the sessions that overlap a span."""
    begun = {"createdBeforeFilter": span.wall(span.end), **IN_ORDER}
    ended = {**begun, "endedAfterFilter": span.wall(span.start)}
    return [
        Query(SESSIONS, "sessions", ended),
        *(Query(SESSIONS, "sessions", {**begun, "stateFilter": state}) for state in UNDER_WAY),
    ]


def begin_single(
    client: Client, crew: Crew, idents: Iterable[str]
) -> list[Future[object | SourceError]]:
    """Begin to read single sessions by their ids."""
    return crew.begin(partial(_session, client, ident) for ident in idents)


def read_single(sessions: Iterable[Future[object | SourceError]]) -> Listing:
    """Wait for single sessions."""
    found = [session.result() for session in sessions]
    faults = tuple(one for one in found if isinstance(one, SourceError))
    rows = [one for one in found if not isinstance(one, SourceError)]
    return Listing(rows, len(faults), faults)


def _session(client: Client, ident: str) -> object:
    body = client.get(f"{SESSIONS}/{ident}", "sessions")
    try:
        return load(body)
    except UnreadableError as error:
        why = f"sessions: the answer is damaged: {error}"
        raise SourceError(SOURCE, client.host, why, AGAIN) from error

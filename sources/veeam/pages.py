"""Lists of Veeam's REST API: every page of them, and the truth about what is missing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sources.errors import SourceError
from sources.json_rows import Row, UnreadableError, load
from sources.veeam.client import Client
from sources.veeam.crew import Crew
from sources.veeam.faults import AGAIN, SOURCE

LIMIT = 500
"""Rows asked for at once: Checkmk's agent for Veeam asks real servers for as many. A server may
give fewer (its default is 200), and that is obeyed."""

MOST = 200_000
"""Rows of one list that are ever asked for: a month of a very busy server."""


IN_ORDER = {"orderColumn": "CreationTime", "orderAsc": "true"}
"""What begins while the pages are read comes last, and moves no row to another page."""


@dataclass(frozen=True, slots=True)
class Query:
    """One list that is wanted, or just its first row; `what` names it for people."""

    path: str
    what: str
    params: Mapping[str, str] = field(default_factory=dict)
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a list as they came, each once; how many are missing; and what went wrong."""

    rows: list[object] = field(default_factory=list)
    missing: int = 0
    faults: tuple[SourceError, ...] = ()

    def __add__(self, other: "Listing") -> "Listing":
        """Put two lists together."""
        rows = _once([*self.rows, *other.rows])
        return Listing(rows, self.missing + other.missing, self.faults + other.faults)


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[object]
    total: int


def read_all(client: Client, crew: Crew, queries: Sequence[Query]) -> list[Listing]:
    """Read several lists side by side: the first page of each, then all the others at once."""
    firsts = crew.all(
        partial(_page, client, query, 0, 1 if query.sample else LIMIT) for query in queries
    )
    rest = [
        (which, skip, len(first.rows))
        for which, first in enumerate(firsts)
        if isinstance(first, _Page) and first.rows and not queries[which].sample
        for skip in range(len(first.rows), min(first.total, MOST), len(first.rows))
    ]
    pages = crew.all(partial(_page, client, queries[n], skip, size) for n, skip, size in rest)
    lists: list[list[_Page | SourceError]] = [[first] for first in firsts]
    for (which, _, _), page in zip(rest, pages, strict=True):
        lists[which].append(page)
    return [_listing(client, query, read) for query, read in zip(queries, lists, strict=True)]


def answer(listing: Listing) -> bytes:
    """Write a list as one answer of the REST API that holds all of its pages."""
    count = len(listing.rows)
    page = {"total": count + listing.missing, "count": count, "skip": 0, "limit": count}
    return json.dumps({"data": listing.rows, "pagination": page}).encode()


def _page(client: Client, query: Query, skip: int, limit: int) -> _Page:
    """Read one page. Raises SourceError."""
    params = {**query.params, "skip": str(skip), "limit": str(limit)}
    body = client.get(query.path, query.what, params)
    try:
        parsed = load(body)
    except UnreadableError as error:
        raise _damaged(client, query, str(error)) from error
    fields = parsed if isinstance(parsed, dict) else {}
    rows, pagination = fields.get("data"), fields.get("pagination")
    if not isinstance(rows, list) or not isinstance(pagination, dict):
        raise _damaged(client, query, "it holds no data or no pagination")
    total = Row(pagination).number("total")
    if total is None:
        raise _damaged(client, query, "it does not say how many rows there are")
    return _Page(rows, total)


def _damaged(client: Client, query: Query, why: str) -> SourceError:
    return SourceError(SOURCE, client.host, f"{query.what}: the answer is damaged: {why}", AGAIN)


def _listing(client: Client, query: Query, read: Iterable[_Page | SourceError]) -> Listing:
    pages, faults = [], []
    for page in read:
        if isinstance(page, _Page):
            pages.append(page)
        else:
            faults.append(page)
    rows = _once([row for page in pages for row in page.rows])
    total = 0 if query.sample else max((page.total for page in pages), default=0)
    missing = total - len(rows)
    if missing > 0 and not faults:
        why = f"{query.what}: {missing} of {missing + len(rows)} were not given"
        faults.append(SourceError(SOURCE, client.host, why, AGAIN))
    return Listing(rows, max(missing, 0), tuple(faults))


def _once(rows: list[object]) -> list[object]:
    """Keep one of rows with the same id: a list that grows between two pages shows some twice."""
    seen: set[str] = set()
    kept = []
    for row in rows:
        ident = Row(row).text("id") if isinstance(row, dict) else None
        if ident is None or ident.lower() not in seen:
            kept.append(row)
        if ident:
            seen.add(ident.lower())
    return kept

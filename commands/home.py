"""The app's home: every cluster's margin, open proposals and the last verdicts, at a glance."""

from collections.abc import Iterator

from commands.cluster_facts import ClusterFacts, cluster_facts
from commands.context import Context
from commands.history import verdict_table
from commands.known import known_cluster
from commands.reply import Column, Reply, Room, Share, Table
from commands.wording import date_time
from sources.errors import UserError
from storage.proposal_rows import open_for
from storage.verdicts import history
from storage.vm_story import SPAN
from verdict.words import seconds

LAST = 5
"""Verdicts that are shown."""

COLUMNS = (
    Column("Cluster", room=Room.FOLDED),
    Column("Worst node", room=Room.CUT),
    Column("Longest stun", right=True),
    Column("Tolerates", right=True),
    Column("Used"),
)

PROPOSALS = (
    Column("Cluster"),
    Column("Wanted", room=Room.FOLDED),
    Column("By", room=Room.CUT),
    Column("State"),
    Column("Until, UTC"),
)


def home(context: Context) -> Reply:
    """Tell every cluster's margin and the last verdicts. Raises UserError."""
    now = context.now()
    rows, unread = [], []
    for access in context.site.clusters:
        try:
            known = known_cluster(context, access.name)
        except UserError as error:
            unread.append(f"{error.message} {error.hint or ''}".strip())
            continue
        rows.append(_row(cluster_facts(context, known, now - SPAN, now)))
    found = history(context.store, None, LAST)
    tables = (Table(f"Margins of {SPAN.days} days", COLUMNS, tuple(rows)),) if rows else ()
    verdicts = (verdict_table("Last verdicts", found),) if found else ()
    waiting = tuple(_proposals(context))
    proposals = (Table("Open proposals", PROPOSALS, waiting),) if waiting else ()
    return Reply(
        payload={},
        tables=(*tables, *proposals, *verdicts),
        closing=(*unread, "Ask with /stuncheck help."),
    )


def _proposals(context: Context) -> Iterator[tuple[str, ...]]:
    """Name what waits for somebody, or is under way."""
    for access in context.site.clusters:
        for one in open_for(context.store, access.name):
            wanted = ", ".join(f"{name} {value}" for name, value in one.wanted.items())
            until = date_time(one.expires_at).removesuffix(" UTC")
            yield one.cluster, wanted, one.asked_by.name, one.state.value, until


def _row(facts: ClusterFacts) -> tuple[str | Share, ...]:
    worst = facts.worst
    if worst is None:
        limit = seconds(facts.limits[0].length) if facts.limits else ""
        return facts.cluster.name, "", "none read", limit, ""
    node = facts.nodes[0].node.name
    part = worst.longest / worst.limit.length
    longest, limit = seconds(worst.longest), seconds(worst.limit.length)
    return facts.cluster.name, node, longest, limit, Share(part)

"""The weekly digest: what failed over and why, how close the backups came, what nobody read."""

from datetime import datetime

from commands.context import Context
from commands.digest_facts import ClusterWeek, Week, week_facts
from commands.digest_words import calm, closest, dates, doubted, failovers, headline, quiet, unknown
from commands.job import job_of
from commands.limit_words import count, stun_entry
from commands.near_miss import entries
from commands.reply import Card, Cell, Column, Payload, Reply, Room, Section, Share, Table
from commands.wording import iso
from verdict.facts import Phase
from verdict.words import seconds

COLUMNS = (
    Column("Cluster", room=Room.CUT),
    Column("Failovers", right=True),
    Column("Near misses", right=True),
    Column("Longest stun", right=True),
    Column("Of its limit"),
    Column("During", room=Room.CUT),
    Column("Log read", right=True),
)

WORK = {
    Phase.CREATE: "a snapshot",
    Phase.REMOVE: "a snapshot",
    Phase.MIGRATION: "a migration",
    Phase.OTHER: "other work",
    Phase.UNKNOWN: "not known",
}
"""What a stun belongs to where no job is known."""

TOLD = 12
"""Failovers, and doubts, that are told one by one."""


def digest(context: Context, since: datetime, now: datetime) -> Reply:
    """Tell of the time from one moment to another (UTC), of every configured cluster.

    What happened comes first; where nothing did, that is one line. Raises UserError.
    """
    week = week_facts(context, since, now)
    if not week.eventful and not week.doubts:
        return Reply(payload=_entry(week), closing=(quiet(week), *unknown(week)))
    rows = tuple(_row(context, one) for one in week.eventful)
    return Reply(
        payload=_entry(week),
        cards=(_card(context, week),),
        tables=(Table("By cluster", COLUMNS, rows),) if rows else (),
        closing=(*calm(week), *unknown(week)),
    )


def _card(context: Context, week: Week) -> Card:
    tone, said = headline(week)
    sections = (
        Section("Failovers", _some(failovers(week))),
        Section("Doubted", _some([doubted(one) for one in week.doubts])),
    )
    return Card(
        tone,
        said,
        (dates(week), count(len(week.clusters), "cluster")),
        paragraphs=tuple(closest(context, week)),
        sections=tuple(section for section in sections if section.items),
    )


def _some(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - TOLD
    return (*lines[:TOLD], f"and {more:,} more") if more > 0 else tuple(lines)


def _row(context: Context, week: ClusterWeek) -> tuple[Cell, ...]:
    happened = str(week.failovers or ""), str(len(week.near_misses) or "")
    read = f"{week.read:.0%}"
    found = week.closest
    if found is None:
        return week.cluster, *happened, "none known", "", "", read
    job = job_of(context, found.vm, found.stun)
    during = job.job if job else WORK[found.stun.phase]
    length = seconds(found.stun.duration)
    return week.cluster, *happened, length, Share(week.used), during, read


def _entry(week: Week) -> Payload:
    return {
        "since": iso(week.since),
        "until": iso(week.until),
        "clusters": [_cluster_entry(one) for one in week.clusters],
        "never_read": list(week.never),
        "doubts": [
            {
                "cluster": one.cluster,
                "at": iso(one.at),
                "ours": one.ours.value,
                "theirs": one.theirs.value,
                "why": one.why,
            }
            for one in week.doubts
        ],
        "unmatched": week.unmatched,
    }


def _cluster_entry(week: ClusterWeek) -> Payload:
    return {
        "cluster": week.cluster,
        "failovers": [
            {"at": iso(one.at), "backup": one.backup.value, "cause": one.cause.value}
            for one in week.verdicts
        ],
        "not_judged": [iso(at) for at in week.unjudged],
        "near_misses": list(entries(week.near_misses)),
        "longest": stun_entry(week.closest.stun) if week.closest else None,
        "used": round(week.used, 4),
        "read": round(week.read, 4),
    }

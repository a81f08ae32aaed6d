"""How a week is said to people: what happened, how close it came, what nobody knows."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from commands.context import Context
from commands.digest_facts import Week
from commands.job import job_name, job_of
from commands.limit_words import DURING, against, count
from commands.reply import Tone
from commands.wording import CAUSES, date_time
from storage.verdicts import Judgement
from storage.week import Doubt
from verdict.verdict import Blame, Cause
from verdict.words import listing

NAMED = 8
"""Clusters that are named in one sentence; more are counted."""


def headline(week: Week) -> tuple[Tone, str]:
    """Answer the first question: was it the backup?"""
    failed = sum(one.failovers - one.planned for one in week.clusters)
    near = sum(len(one.near_misses) for one in week.clusters)
    misses = count(near, "near miss", "near misses") if near else "no near miss"
    if caused := week.count(Blame.CAUSED):
        return Tone.RED, f"The backup caused {caused} of {count(failed, 'failover')}; {misses}"
    if suspected := week.count(Blame.SUSPECTED):
        of = count(failed, "failover")
        return Tone.YELLOW, f"The backup is suspected of {suspected} of {of}; {misses}"
    open_ones = failed - week.count(Blame.CLEARED)
    how = f"{open_ones} not explained" if open_ones else "none by the backup"
    said = f"{count(failed, 'failover')}, {how}" if failed else "No failover"
    return Tone.YELLOW if near or open_ones else Tone.GREEN, f"{said}; {misses}"


def closest(context: Context, week: Week) -> Iterator[str]:
    """Tell of the stun that used most of what it could break. Raises UserError."""
    worst = max(week.clusters, key=lambda one: one.used, default=None)
    if worst is None or worst.closest is None:
        return
    stun, margin = worst.closest.stun, worst.closest.margin
    job = job_of(context, worst.closest.vm, stun)
    by = f", by {job_name(job)}" if job else ""
    yield (
        f"Closest to the edge: {worst.closest.vm.name} of {worst.cluster}, stunned "
        f"{against(stun.duration, margin.limit)}, at {_minute(stun.start)} "
        f"{DURING[stun.phase]}{by}."
    )


def failovers(week: Week) -> list[str]:
    """Tell each failover in a line, in order of time."""
    told = [(one.at, _verdict(one)) for each in week.clusters for one in each.verdicts]
    for each in week.clusters:
        said = f"{each.cluster}: not looked into, /stuncheck failover {each.cluster} does."
        told += [(at, said) for at in each.unjudged]
    return [f"{_minute(at)}, {said}" for at, said in sorted(told)]


def _verdict(one: Judgement) -> str:
    lost = f" lost {one.lost_node}" if one.lost_node else ""
    if one.cause is Cause.PLANNED:
        return f"{one.cluster}{lost}: planned."
    cause = "" if one.cause is Cause.UNKNOWN else f", {CAUSES[one.cause]}"
    return f"{one.cluster}{lost}: backup {one.backup}{cause}."


def doubted(one: Doubt) -> str:
    """Tell what a person says against a verdict, without naming the person."""
    why = f': "{one.why}"' if one.why else ""
    where = f"{one.cluster}, {_minute(one.at)}"
    return f"{where}: the verdict was {one.ours}, somebody says {one.theirs}{why}"


def quiet(week: Week) -> str:
    """Say in one line that nothing happened, as far as that is known."""
    read = [one for one in week.clusters if one.telling]
    when = dates(week)
    if not read:
        return f"{when}: no failover and no near miss is known of, but hardly any log was read."
    longest = ""
    worst = max(read, key=lambda one: one.used)
    if worst.closest:
        told = against(worst.closest.stun.duration, worst.closest.margin.limit)
        longest = f" The longest stun took {told} ({worst.cluster})."
    return f"{when}: quiet, no failover and no near miss on {count(len(read), 'cluster')}.{longest}"


def calm(week: Week) -> Iterator[str]:
    """Name the clusters of which there is nothing to tell, where that is known."""
    names = sorted(one.cluster for one in week.clusters if one.telling and not one.eventful)
    if names:
        yield f"Quiet: {_names(names)}."


def unknown(week: Week) -> Iterator[str]:
    """Say of which clusters little is known, and whether alerts may have been missed."""
    dark = sorted((*(one.cluster for one in week.clusters if not one.telling), *week.never))
    if dark:
        yield (
            f"Not known: {_names(dark)}, whose vmware.log was read for less than half of the "
            "time; stuncheck doctor says what hinders."
        )
    if week.unmatched:
        looked = count(week.unmatched, "message")
        yield f"{looked} looked like alerts and fitted no pattern: /stuncheck status shows them."


def dates(week: Week) -> str:
    """Say which days: "2026-11-16 to 2026-11-23"."""
    last = week.until - timedelta(microseconds=1)
    return f"{week.since:%Y-%m-%d} to {last:%Y-%m-%d}"


def _names(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return f"{', '.join(names[:NAMED])} and {more:,} more" if more > 0 else listing(names)


def _minute(moment: datetime) -> str:
    """Say date and time to the minute: "2026-11-18 14:20 UTC"."""
    return f"{date_time(moment)[:16]} UTC"

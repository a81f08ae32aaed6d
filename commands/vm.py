"""`vm NAME`: a VM's stuns against what its cluster tolerates, near misses, backups."""

from collections.abc import Iterator

from commands.context import Context
from commands.known import known_vms
from commands.limit_words import DURING, NAMES, TONES, against, count, limits_entry, stun_entry
from commands.reading import SWITCHED_OFF, switched_off
from commands.reply import Card, Payload, Reply, Section, Tone
from commands.stun_chart import StunChart
from commands.vm_facts import VmFacts, vm_facts
from commands.vm_tables import vm_tables
from commands.wording import PHASES, date_time, iso
from storage.stuns import stuns_of
from storage.vm_story import SPAN
from verdict.facts import Operation
from verdict.margin import Margin, Room
from verdict.words import listing, seconds

DAYS = SPAN.days


def vm(context: Context, name: str, *, chart: bool = False) -> Reply:
    """Tell what is known of a VM, or of each that has the name; `chart` reads what to draw, too.

    Raises UserError for a name that is not known.
    """
    now = context.now()
    found = [vm_facts(context, one, now) for one in known_vms(context, name)]
    return Reply(
        payload={"vms": [_entry(facts) for facts in found]},
        cards=tuple(_card(context, facts, chart=chart) for facts in found),
        tables=tuple(table for facts in found for table in vm_tables(facts)),
    )


def _card(context: Context, facts: VmFacts, *, chart: bool) -> Card:
    worst = facts.margins[0] if facts.margins else None
    tone, headline = _headline(facts, worst)
    where = (facts.vm.name, facts.vm.vcenter) if facts.vm.vcenter else (facts.vm.name,)
    return Card(
        tone,
        headline,
        where,
        paragraphs=(" ".join(_sentences(facts)),),
        figures=tuple(_figures(facts)),
        sections=tuple(_missing(context, facts)),
        chart=_chart(context, facts) if chart else None,
    )


def _headline(facts: VmFacts, worst: Margin | None) -> tuple[Tone, str]:
    """Answer in a line; green only where most of the time was really read."""
    if worst is None and facts.longest:
        return Tone.GREY, f"Longest stun {seconds(facts.longest.duration)}; no limit is known"
    if worst is None and facts.reading.until is None:
        return Tone.GREY, "No stun was ever measured"
    if worst is None:
        said = f"No stun in {facts.reading.amount}"
        return Tone.GREEN if facts.reading.telling else Tone.GREY, said
    said = f"Longest stun {against(worst.longest, worst.limit)}"
    if worst.room is Room.PLENTY and not facts.reading.telling:
        return Tone.GREY, said
    return TONES[worst.room], said


def _sentences(facts: VmFacts) -> Iterator[str]:
    """Say whose node it is, how often it was stunned, and how it went."""
    roles = [f"node {node} of {cluster}" for cluster, node in facts.roles]
    said = f"{facts.vm.name} is {listing(roles)}" if roles else f"{facts.vm.name} is no known node"
    stuns = sum(facts.story.phases.values())
    if facts.longest is None:
        yield f"{said}." if facts.reading.until is None else f"{said}; no stun in {DAYS} days."
    else:
        longest = facts.longest
        yield (
            f"{said}, stunned {count(stuns, 'time')} in the last {DAYS} days; the longest took "
            f"{seconds(longest.duration)} from {date_time(longest.start)}, {DURING[longest.phase]}."
        )
    missed = len(facts.story.near_misses)
    if missed:
        yield f"{count(missed, 'near miss', 'near misses')}: more than half of the tolerance used."
    if facts.failovers:
        yield f"{count(len(facts.failovers), 'failover')} of the node in that time."
    if not facts.reading.telling:
        yield facts.reading.doubt


def _figures(facts: VmFacts) -> Iterator[tuple[str, str]]:
    phases = [f"{number:,} {PHASES[phase]}" for phase, number in facts.story.phases.items()]
    if phases:
        yield "Stuns", ", ".join(phases)
    for limit in facts.limits if not facts.margins else ():
        yield NAMES[limit.mechanism], seconds(limit.length)
    yield "Open snapshot", _open(facts)
    yield "Log read up to", facts.reading.words


def _open(facts: VmFacts) -> str:
    if facts.open:
        return "; ".join(map(_work, facts.open))
    if facts.work_until is None:
        return "not known: vCenter's tasks were never read"
    return f"none in vCenter's tasks up to {date_time(facts.work_until)}"


def _work(work: Operation) -> str:
    by = f" by {work.by}" if work.by else ""
    state = "taken" if work.end else f"{work.title}, running since"
    return f"{state} {date_time(work.start)}{by}{', not removed since' if work.end else ''}"


def _missing(context: Context, facts: VmFacts) -> Iterator[Section]:
    if facts.reading.until is None and switched_off(context):
        yield Section("Missing", (SWITCHED_OFF,))


def _chart(context: Context, facts: VmFacts) -> StunChart:
    since, now = facts.reading.since, facts.reading.now
    stuns = stuns_of(context.store, facts.vm, since, now)
    least = facts.limits[0].length / 2 if facts.limits else None
    failed = (one.start for one in stuns if least and one.duration > least and facts.failed(one))
    return StunChart(
        since,
        now,
        stuns,
        tuple((NAMES[limit.mechanism], limit.length) for limit in facts.limits),
        tuple((part.start, part.end) for part in facts.reading.parts),
        frozenset(failed),
    )


def _entry(facts: VmFacts) -> Payload:
    return {
        "vm": facts.vm.name,
        "vcenter": facts.vm.vcenter or None,
        "roles": [{"cluster": cluster, "node": node} for cluster, node in facts.roles],
        "limits": limits_entry(facts.margins),
        "longest": stun_entry(facts.longest) if facts.longest else None,
        "stuns": {phase.value: number for phase, number in facts.story.phases.items()},
        "last_stuns": [stun_entry(stun) for stun in facts.story.last],
        "near_misses": [stun_entry(stun) for stun in facts.story.near_misses],
        "failovers": [iso(failover.at) for failover in facts.failovers],
        "open_snapshots": [
            {"title": work.title, "start": iso(work.start), "running": work.end is None}
            for work in facts.open
        ],
        "backups": [
            {
                "product": one.product,
                "job": one.job,
                "start": iso(one.start),
                "end": iso(one.end) if one.end else None,
                "transport": one.transport,
                "proxy": one.proxy,
            }
            for one in facts.story.backups
        ],
        "log": facts.reading.entry,
    }

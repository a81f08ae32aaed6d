"""`heartbeat CLUSTER`: what the values survive, what others would, and what they cost."""

from collections.abc import Iterator
from datetime import timedelta

from commands.context import Context
from commands.heartbeat_facts import HeartbeatFacts, heartbeat_facts
from commands.heartbeat_words import changes, headline, lost_words, sentences, statements
from commands.known import SURVEY, known_cluster
from commands.lint_words import lint_entry, lint_words
from commands.reading import SWITCHED_OFF, switched_off
from commands.reply import Card, Cell, Column, Payload, Reply, Room, Section, Table, Tone, Toned
from commands.sql_timeouts import sql_statements
from commands.tradeoff_chart import Point, TradeoffChart
from commands.wording import iso
from verdict.heartbeat import believable
from verdict.lint import Lint, Weight
from verdict.tolerance import MS, windows_version
from verdict.tradeoff import NO_TIME, Candidate, Kind
from verdict.words import milliseconds, seconds

DAYS = 30

ROUTES, ENOUGH_ROUTES = "RouteHistoryLength", 40
"""What VMware asks for beside the thresholds (vSphere WSFC guide)."""

NAMES = {
    Kind.CURRENT: "now",
    Kind.DEFAULT: "Windows",
    Kind.VMWARE: "VMware minimum",
    Kind.SMALLEST: "smallest",
    Kind.RELAXED: "Microsoft relaxed",
}


LEGEND = (
    "smallest: survives the longest stun with a fifth to spare. Microsoft relaxed: its values for "
    "SQL Server on Azure. VMware minimum: before vMotion. Seen: how much later a node that really "
    "fails is noticed."
)


def heartbeat(context: Context, name: str, *, days: int = DAYS, chart: bool = False) -> Reply:
    """Weigh a cluster's heartbeat values against its stuns. Raises UserError for a stranger."""
    facts = heartbeat_facts(context, known_cluster(context, name), context.now(), days)
    return Reply(
        payload=_entry(facts),
        cards=(_card(context, facts, chart=chart),),
        tables=(tradeoff_table(facts),),
        closing=(LEGEND, *_propose(facts)),
    )


def _card(context: Context, facts: HeartbeatFacts, *, chart: bool) -> Card:
    tone, said = headline(facts)
    sections = (
        Section("To type on a node", tuple(statements(facts))),
        Section("To run in SQL Server", tuple(sql_statements(facts.cluster, facts.bearable))),
        Section("Rules", tuple(_rules(facts))),
        Section("Missing", tuple(_missing(context, facts))),
    )
    return Card(
        tone,
        said,
        (facts.cluster.name,),
        paragraphs=tuple(sentences(facts)),
        sections=tuple(section for section in sections if section.items),
        chart=_chart(facts) if chart else None,
    )


def _propose(facts: HeartbeatFacts) -> Iterator[str]:
    """Say how the advised values are proposed."""
    wanted = facts.tradeoff.recommended
    if wanted:
        values = " ".join(f"{name}={value}" for name, value in changes(facts, wanted).items())
        yield f"Propose them in Slack: /stuncheck tune {facts.cluster.name} {values}"


def label(one: Candidate, facts: HeartbeatFacts) -> str:
    """Say whose values they are."""
    version = windows_version(facts.cluster.os)
    names = NAMES | ({Kind.DEFAULT: f"Windows {version}"} if version else {})
    return ", ".join(names[kind] for kind in one.kinds)


def tradeoff_table(facts: HeartbeatFacts) -> Table:
    """Give a row for each set of values: what it would have survived, and its price."""
    lease = (Column("Leases", right=True),) if facts.lease else ()
    columns = (
        Column("Values", room=Room.FOLDED),
        Column("Heartbeats", right=True),
        Column("Tolerated", right=True),
        Column("Failovers", right=True),
        *lease,
        Column("Seen", right=True),
        Column(""),
    )
    rows = tuple(_cells(one, facts) for one in facts.tradeoff.candidates)
    return Table(f"What the stuns of {facts.days} days would have cost", columns, rows)


def _cells(one: Candidate, facts: HeartbeatFacts) -> tuple[Cell, ...]:
    pace = one.heartbeats.applies
    leases = (str(one.outcome.leases),) if facts.lease else ()
    return (
        label(one, facts),
        f"{pace.threshold} x {milliseconds(pace.delay)} ms",
        seconds(one.tolerance),
        lost_words(one),
        *leases,
        _later(one.tolerance - facts.tradeoff.current.tolerance),
        _mark(one, facts),
    )


def _later(length: timedelta) -> str:
    """Say how much later a real failure is seen than now."""
    return f"{'+' if length > NO_TIME else '-'}{seconds(abs(length))}" if length else "as now"


def _mark(one: Candidate, facts: HeartbeatFacts) -> Cell:
    if one == facts.tradeoff.recommended:
        return Toned("advised", Tone.GREEN)
    return Toned("blocked", Tone.RED) if one.blocked else ""


def _rules(facts: HeartbeatFacts) -> Iterator[str]:
    """Name each rule that a candidate breaks once, with what it means and who says so."""
    told: dict[Lint, list[str]] = {}
    for one in facts.tradeoff.candidates:
        for lint in one.lints:
            told.setdefault(lint, []).append(label(one, facts))
    for lint, labels in told.items():
        blocked = "blocked, " if lint.weight is Weight.BLOCK else ""
        yield f"{'; '.join(labels)}: {blocked}{lint_words(lint)}"
    routes = believable(facts.cluster).properties.get(ROUTES, ENOUGH_ROUTES)
    if routes < ENOUGH_ROUTES:
        yield f"VMware also asks for {ROUTES} {ENOUGH_ROUTES} before vMotion; it is {routes}."


def _missing(context: Context, facts: HeartbeatFacts) -> Iterator[str]:
    if any(reading.until is None for _, reading in facts.readings):
        yield SWITCHED_OFF if switched_off(context) else SURVEY


def _chart(facts: HeartbeatFacts) -> TradeoffChart:
    found = facts.tradeoff
    points = (
        Point(
            label(one, facts),
            one.tolerance,
            one.outcome.removed,
            f"{lost_words(one)} {'failover' if lost_words(one) == '1' else 'failovers'}",
            recommended=one == found.recommended,
            current=one == found.current,
        )
        for one in found.candidates
    )
    delay = found.current.heartbeats.applies.delay
    return TradeoffChart(found.lengths, delay, tuple(points), facts.lease, facts.days)


def _entry(facts: HeartbeatFacts) -> Payload:
    found = facts.tradeoff
    wanted = found.recommended
    return {
        "cluster": facts.cluster.name,
        "days": facts.days,
        "stuns": len(found.lengths),
        "longest_ms": milliseconds(facts.longest),
        "values_read": facts.read,
        "candidates": [_candidate(one) for one in found.candidates],
        "recommended": dict(changes(facts, wanted)) if wanted else None,
        "lease_timeout_ms": round(found.lease_timeout / MS) if found.lease_timeout else None,
        "too_long": found.too_long,
        "failovers": [iso(one.at) for one in facts.failovers],
        "nodes": [{"node": node, "log": reading.entry} for node, reading in facts.readings],
    }


def _candidate(one: Candidate) -> Payload:
    return {
        "kinds": [kind.value for kind in one.kinds],
        "properties": one.heartbeats.properties,
        "tolerance_ms": milliseconds(one.tolerance),
        "failovers": one.outcome.removed,
        "failovers_at_most": one.outcome.lost,
        "leases": one.outcome.leases,
        "blocked": one.blocked,
        "lint": [lint_entry(lint) for lint in one.lints],
    }

"""`cluster NAME`: nodes, heartbeat values, the margin of the worst node, last verdicts."""

from collections import Counter
from collections.abc import Iterator

from commands.cluster_facts import ClusterFacts, cluster_facts
from commands.cluster_tables import cluster_tables
from commands.context import Context
from commands.known import SURVEY, known_cluster
from commands.limit_words import (
    TONES,
    against,
    count,
    limits_entry,
    stun_entry,
)
from commands.lint_words import lint_entry, lint_words
from commands.reading import SWITCHED_OFF, switched_off
from commands.reply import Card, Payload, Reply, Section, Tone
from commands.wording import iso
from storage.vm_story import SPAN
from verdict.heartbeat import heartbeats
from verdict.margin import Room, margins
from verdict.tolerance import LEASE_TIMEOUT, tolerances
from verdict.words import listing, seconds

DAYS = SPAN.days


def cluster(context: Context, name: str) -> Reply:
    """Tell what is known of a cluster. Raises UserError for a name that is not known."""
    now = context.now()
    facts = cluster_facts(context, known_cluster(context, name), now - SPAN, now)
    return Reply(
        payload=_entry(facts),
        cards=(_card(context, facts),),
        tables=tuple(cluster_tables(facts)),
    )


def _card(context: Context, facts: ClusterFacts) -> Card:
    tone, headline = _headline(facts)
    return Card(
        tone,
        headline,
        (facts.cluster.name,),
        paragraphs=(" ".join(_sentences(facts)),),
        figures=tuple(_figures(facts)),
        sections=tuple(section for section in _sections(context, facts) if section.items),
    )


def _headline(facts: ClusterFacts) -> tuple[Tone, str]:
    """Answer by the worst node; green only where every node's log was read."""
    worst = facts.worst
    if worst is None:
        said = f"No stun of any node in {DAYS} days" if facts.telling else "No stun was measured"
        return Tone.GREEN if facts.telling else Tone.GREY, said
    said = f"{facts.nodes[0].node.name} was stunned {against(worst.longest, worst.limit)}"
    if worst.room is Room.PLENTY and not facts.telling:
        return Tone.GREY, said
    return TONES[worst.room], said


def _sentences(facts: ClusterFacts) -> Iterator[str]:
    known = facts.cluster
    windows = f" on {known.os}" if known.os else ""
    yield f"{known.name} has {count(len(known.nodes), 'node')}{windows}."
    number = len(facts.failovers)
    yield f"{count(number, 'failover') if number else 'No failover'} in the last {DAYS} days."
    unread = [one.node.name for one in facts.nodes if not one.reading.telling]
    if unread:
        yield (
            f"The log of {listing(unread)} was read for less than half of that time: there may be "
            "stuns that nobody knows of."
        )


def _figures(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    tolerance = tolerances(facts.cluster)[0]
    yield "Tolerance", f"{seconds(tolerance.length)}, {tolerance.basis}"
    for group in facts.cluster.groups:
        lease = group.lease_timeout or LEASE_TIMEOUT
        known = "LeaseTimeout" if group.lease_timeout else "the default LeaseTimeout"
        yield "Group", f"{group.name}, its lease breaks at {seconds(lease / 2)}, half of {known}"


def _sections(context: Context, facts: ClusterFacts) -> Iterator[Section]:
    yield Section("Rules", tuple(lint_words(one) for one in facts.lints))
    yield Section("To note", tuple(_notes(facts)))
    unread = any(one.reading.until is None for one in facts.nodes)
    if unread:
        yield Section("Missing", (SWITCHED_OFF if switched_off(context) else SURVEY,))


def _notes(facts: ClusterFacts) -> Iterator[str]:
    """Name hosts that more than one node depends on."""
    hosts = Counter(one.node.host for one in facts.nodes if one.node.host)
    for host, number in hosts.items():
        if number > 1:
            together = sorted(one.node.name for one in facts.nodes if one.node.host == host)
            yield f"{listing(together)} run on one host, {host}: if it fails they fail together."


def _entry(facts: ClusterFacts) -> Payload:
    held = margins(facts.longest, facts.limits)
    return {
        "cluster": facts.cluster.name,
        "os": facts.cluster.os,
        "properties": dict(facts.cluster.properties),
        "heartbeats": heartbeats(facts.cluster).properties,
        "limits": limits_entry(held),
        "lint": [lint_entry(one) for one in facts.lints],
        "nodes": [
            {
                "node": one.node.name,
                "vm": one.stuns.vm.name,
                "vcenter": one.stuns.vm.vcenter or None,
                "host": one.node.host,
                "longest": stun_entry(one.stuns.longest) if one.stuns.longest else None,
                "log": one.reading.entry,
            }
            for one in facts.nodes
        ],
        "failovers": [iso(one.at) for one in facts.failovers],
        "verdicts": [{**one.entry, "incident": one.incident} for one in facts.verdicts],
    }

"""What is said about heartbeat values: enough, to be raised, or not the lever at all."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from commands.heartbeat_facts import HeartbeatFacts
from commands.limit_words import count
from commands.reply import Tone
from commands.sql_timeouts import lease_statement
from verdict.advice import TOO_LONG
from verdict.margin import NEAR_MISS
from verdict.tolerance import MS
from verdict.tradeoff import Candidate
from verdict.words import listing, seconds


def headline(facts: HeartbeatFacts) -> tuple[Tone, str]:
    """Answer in a line: what to change, or why nothing."""
    found, made = facts.tradeoff, facts.tradeoff.current.outcome
    costly = Tone.RED if made.lost or made.leases else Tone.YELLOW
    if not found.lengths and not facts.telling:
        return Tone.GREY, "No stun was measured: there is nothing to weigh"
    if found.recommended:
        lease = f" and LeaseTimeout {_ms(found.lease_timeout)}" if found.lease_timeout else ""
        return costly, f"Set {_set(facts, found.recommended)}{lease}"
    if found.lease_timeout:
        return costly, "Not the heartbeats: the lease breaks first"
    if found.too_long:
        return Tone.RED, "Not the heartbeats: mend the backup"
    if made.lost:
        return Tone.RED, "Windows has no heartbeat values that survive these stuns"
    return Tone.GREEN if facts.telling else Tone.GREY, "The heartbeat values are enough"


def sentences(facts: HeartbeatFacts) -> Iterator[str]:
    """Say what was measured, what it costs, and what would help."""
    yield " ".join(_measured(facts))
    advice = " ".join((*_raise(facts), *_lease(facts), *_too_long(facts)))
    if advice:
        yield advice
    if facts.unread:
        yield (
            f"The log of {listing(facts.unread)} was read for less than half of that time: there "
            "may be stuns that nobody knows of."
        )


def _measured(facts: HeartbeatFacts) -> Iterator[str]:
    found, made = facts.tradeoff, facts.tradeoff.current.outcome
    known = "" if facts.read else " by default; its own values were not read"
    tolerates = f"The cluster tolerates {seconds(found.current.tolerance)}{known}."
    if not found.lengths:
        yield f"{tolerates} No stun is known of the last {facts.days} days."
        return
    yield (
        f"{count(len(found.lengths), 'stun')} in the last {facts.days} days, the longest "
        f"{seconds(facts.longest)}. {tolerates}"
    )
    near = sum(length > NEAR_MISS * found.current.tolerance for length in found.lengths)
    if made.lost:
        were = "was" if made.lost == 1 else "were"
        yield f"{lost_words(found.current)} of them {were} long enough to cost a failover."
    elif near:
        yield f"{near} used up more than half of it, none all of it."
    number = len(facts.failovers)
    if number:
        yield f"{count(number, 'failover')} in that time, whatever the cause."


def lost_words(one: Candidate) -> str:
    """Say how many stuns cost a failover: "2", or "2 to 3" where it is a matter of luck."""
    made = one.outcome
    return f"{made.removed} to {made.lost}" if made.doubtful else str(made.removed)


def _raise(facts: HeartbeatFacts) -> Iterator[str]:
    found, wanted = facts.tradeoff, facts.tradeoff.recommended
    if wanted is None:
        return
    price = seconds(wanted.tolerance - found.current.tolerance)
    rest = f"all but {count(found.too_long, 'stun')}" if found.too_long else "every stun"
    yield (
        f"{_set(facts, wanted)} would have survived {rest}: that tolerates "
        f"{seconds(wanted.tolerance)}. A node that really fails would be missed {price} later."
    )


def _lease(facts: HeartbeatFacts) -> Iterator[str]:
    found = facts.tradeoff
    if not found.lease_timeout or not facts.lease:
        return
    alone = "" if found.recommended else "Heartbeats are not the lever here. "
    also = " as well" if found.recommended else ""
    yield (
        f"{alone}An availability group gives its lease up after {seconds(facts.lease)}, half of "
        f"LeaseTimeout, whatever the heartbeats are: raise that to {_ms(found.lease_timeout)} "
        f"ms{also}."
    )


def _too_long(facts: HeartbeatFacts) -> Iterator[str]:
    number = facts.tradeoff.too_long
    if number:
        yield (
            f"{count(number, 'stun')} of more than {seconds(TOO_LONG)}: no heartbeat value should "
            "survive that, for a real failure would go unseen as long. Shorten the stun: Direct "
            "NFS or network mode instead of hot-add on NFS, one node at a time, the fastest "
            "datastore (Veeam KB1681, KB1744)."
        )


def statements(facts: HeartbeatFacts) -> Iterator[str]:
    """Give what to type on a node, in PowerShell; all but the lease takes effect at once."""
    found = facts.tradeoff
    if found.recommended:
        for name, value in changes(facts, found.recommended).items():
            yield f"(Get-Cluster).{name} = {value}"
    if found.lease_timeout:
        yield from (lease_statement(group, found.lease_timeout) for group in facts.cluster.groups)


def changes(facts: HeartbeatFacts, wanted: Candidate) -> Mapping[str, int]:
    """Name the properties to change and their new values."""
    return facts.tradeoff.current.heartbeats.changes(wanted.heartbeats)


def _set(facts: HeartbeatFacts, wanted: Candidate) -> str:
    """Name what is changed where it counts: "SameSubnetThreshold 15"."""
    relation = "Cross" if facts.cluster.crosses_subnets else "Same"
    mine = {name: n for name, n in changes(facts, wanted).items() if name.startswith(relation)}
    return " and ".join(f"{name} {value}" for name, value in mine.items())


def _ms(length: timedelta) -> int:
    return round(length / MS)

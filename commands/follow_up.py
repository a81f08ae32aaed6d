"""The report on a change, a week after it was applied: stuns since, failovers then and now."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commands.context import Context
from commands.known import known_cluster
from commands.limit_words import count
from commands.proposal_card import Button, change_words, look_of
from commands.reading import log_reading
from commands.reply import Card, Payload, Reply, Tone
from commands.wanted import lasting
from commands.wording import date_time, iso
from sources.errors import UserError
from storage.clusters import node_vms
from storage.failovers import failovers_of
from storage.proposals import Proposal, State
from storage.stuns import stuns_of
from verdict.cluster import Cluster
from verdict.heartbeat import Heartbeats, heartbeats
from verdict.lint import half_lease
from verdict.tradeoff import Outcome, lengths_at, outcome
from verdict.words import listing, seconds, span

SHORTEST = timedelta(seconds=1)
"""A change that was put back at once stood at least so long."""


@dataclass(frozen=True, slots=True)
class Since:
    """What was measured from a change on, up to `until` (UTC), and as long before it."""

    begun: datetime
    until: datetime
    old: Heartbeats
    new: Heartbeats
    longest: timedelta
    before: Outcome
    """What the values of before would have made of the stuns since."""
    now: Outcome
    failovers_before: int
    failovers_now: int
    unread: tuple[str, ...]

    @property
    def stuns(self) -> int:
        """How many stuns were measured."""
        return self.before.lost + self.before.survived

    @property
    def saved(self) -> int:
        """Stuns that would have cost a failover before, and no longer do."""
        return self.before.removed - min(self.now.removed, self.before.removed)


def report(context: Context, done: Proposal) -> Reply:
    """Report on a change that was applied; of a cluster that is no longer known it says that."""
    try:
        found = _since(context, done)
    except UserError as error:
        return Reply(payload={"proposal": done.id}, cards=(_nothing(done, error),))
    headline = f"{span(found.until - found.begun)} with {change_words(done)}"
    tone = Tone.GREEN if not found.failovers_now and not found.unread else Tone.YELLOW
    card = Card(
        tone,
        headline,
        (done.cluster, date_time(found.begun)),
        paragraphs=(" ".join(_told(found)), *_doubt(found), _stands(done)),
    )
    return Reply(payload=_entry(done, found), cards=(card,))


def buttons_of(done: Proposal, *, kept: bool = False) -> tuple[Button, ...]:
    """Say what the report offers: to keep a change that stands, to go on, or to put it back."""
    if done.state is not State.APPLIED:
        return (Button.OTHER_VALUES,)
    keep = (Button.KEEP,) if done.lasts is None and not kept else ()
    return (*keep, Button.OTHER_VALUES, Button.REVERT)


def _since(context: Context, done: Proposal) -> Since:
    cluster = known_cluster(context, done.cluster)
    begun = done.applied_at or done.asked_at
    until = max(done.reverted_at or context.now(), begun + SHORTEST)
    store = context.store
    with store.reading():
        nodes = node_vms(store, cluster.name)
        stuns = [one for _, vm in nodes for one in stuns_of(store, vm, begun, until)]
        readings = [(node, log_reading(context, vm, begun, until)) for node, vm in nodes]
        earlier = begun - (until - begun)
        times = [one.at for one in failovers_of(store, cluster.name, earlier, without_planned=True)]
    old, new = _values(cluster, done)
    lease = half_lease(cluster)
    lengths = lengths_at(old.applies.delay, stuns)
    return Since(
        begun,
        until,
        old,
        new,
        max(lengths, default=timedelta(0)),
        outcome(old.applies, lengths, lease),
        outcome(new.applies, lengths, lease),
        sum(at < begun for at in times),
        sum(begun <= at <= until for at in times),
        tuple(node for node, reading in readings if not reading.telling),
    )


def _values(cluster: Cluster, done: Proposal) -> tuple[Heartbeats, Heartbeats]:
    """Give the values of before and those that were applied."""
    old = {**cluster.properties, **done.before}
    new = {**old, **done.wanted}
    return (
        heartbeats(replace(cluster, properties=old)),
        heartbeats(replace(cluster, properties=new)),
    )


def _told(found: Since) -> Iterator[str]:
    if found.stuns:
        yield (
            f"{count(found.stuns, 'stun')} since, the longest {seconds(found.longest)}. With "
            f"{seconds(found.old.applies.tolerance)} of tolerance {_cost(found.before)} a "
            f"failover; with {seconds(found.new.applies.tolerance)} {_cost(found.now)} one."
        )
    else:
        yield "No stun was measured since."
    yield (
        f"{count(found.failovers_now, 'failover')} since, {found.failovers_before} in as long a "
        "time before, whatever the cause; asked-for moves are not counted."
    )


def _cost(made: Outcome) -> str:
    """Say how many stuns would cost one."""
    if made.doubtful:
        return f"{made.removed} to {made.lost} would have cost"
    return f"{made.removed or 'none'} would have cost"


def _doubt(found: Since) -> Iterator[str]:
    if found.unread:
        yield (
            f"The log of {listing(found.unread)} was read for less than half of that time: there "
            "may be stuns that nobody knows of."
        )


def _stands(done: Proposal) -> str:
    if done.state is State.APPLIED:
        back = f", it goes back at {date_time(done.revert_at)}" if done.revert_at else ""
        return f"The change stands, for {lasting(done.lasts)}{back}."
    return f"By now: {look_of(done).headline.lower()}."


def _nothing(done: Proposal, error: UserError) -> Card:
    return Card(
        Tone.GREY,
        f"Nothing to say of {change_words(done)}",
        (done.cluster,),
        paragraphs=(error.message,),
    )


def _entry(done: Proposal, found: Since) -> Payload:
    return {
        "proposal": done.id,
        "cluster": done.cluster,
        "state": done.state.value,
        "since": iso(found.begun),
        "until": iso(found.until),
        "stuns": found.stuns,
        "longest_ms": round(found.longest.total_seconds() * 1000),
        "failovers_by_the_old_values": found.before.removed,
        "failovers_by_the_old_values_at_most": found.before.lost,
        "failovers_by_the_new_values": found.now.removed,
        "saved": found.saved,
        "failovers_before": found.failovers_before,
        "failovers_since": found.failovers_now,
        "unread": list(found.unread),
        "buttons": [button.value for button in buttons_of(done)],
    }

"""The effect of other heartbeat values, in numbers and in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from commands.context import Context
from commands.known import known_cluster
from commands.limit_words import count
from commands.reading import log_reading
from storage.clusters import node_vms
from storage.stuns import stuns_of
from verdict.cluster import Cluster
from verdict.heartbeat import Heartbeats, heartbeats
from verdict.lint import Lint, Weight, half_lease, lint
from verdict.tradeoff import NO_TIME, Outcome, lengths_at, longest_bearable, outcome
from verdict.words import listing, seconds

DAYS = 30
"""Days of stored stuns that are held against the values."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change means: for the stuns that are stored, for a real failure, by the rules."""

    cluster: Cluster
    """With the values of now."""
    now: Heartbeats
    then: Heartbeats
    made: Outcome
    """What the values of now make of the stored stuns."""
    would: Outcome
    """What the wanted ones would have made of them."""
    stuns: int
    lints: tuple[Lint, ...]
    unread: tuple[str, ...]
    """The nodes whose log was read for less than half of the time."""

    @property
    def blocks(self) -> tuple[Lint, ...]:
        """The rules that forbid the change."""
        return tuple(one for one in self.lints if one.weight is Weight.BLOCK)

    @property
    def later(self) -> timedelta:
        """How much later a real failure would be seen; negative: sooner."""
        return self.then.applies.tolerance - self.now.applies.tolerance


def effect_of(
    context: Context, name: str, before: Mapping[str, int], wanted: Mapping[str, int]
) -> Effect:
    """Weigh values against the stored stuns. Raises UserError for a cluster that was never read."""
    known = known_cluster(context, name)
    cluster = replace(known, properties={**known.properties, **before})
    end = context.now()
    since = end - timedelta(days=DAYS)
    with context.store.reading():
        nodes = node_vms(context.store, cluster.name)
        stuns = [one for _, vm in nodes for one in stuns_of(context.store, vm, since, end)]
        unread = [node for node, vm in nodes if not log_reading(context, vm, since, end).telling]
    now = heartbeats(cluster)
    then = heartbeats(replace(cluster, properties={**cluster.properties, **wanted}))
    old, new = (lengths_at(pace.delay, stuns) for pace in (now.applies, then.applies))
    lease = half_lease(cluster)
    return Effect(
        cluster,
        now,
        then,
        outcome(now.applies, old, lease),
        outcome(then.applies, new, lease),
        len(new),
        lint(then, cluster, longest_bearable(new)),
        tuple(unread),
    )


def effect_words(effect: Effect) -> Iterator[str]:
    """Say what the change does: tolerance, stuns, price, what is not known."""
    yield " ".join((*_tolerance(effect), *_survival(effect)))
    if effect.unread:
        yield (
            f"The log of {listing(effect.unread)} was read for less than half of that time: there "
            "may be stuns that nobody knows of."
        )


def _tolerance(effect: Effect) -> Iterator[str]:
    before, after = effect.now.applies.tolerance, effect.then.applies.tolerance
    if effect.now.applies == effect.then.applies:
        relation = "across subnets" if effect.now.crosses else "within one subnet"
        yield f"The tolerance stays {seconds(before)}: the nodes hear each other {relation}."
        return
    if before == after:
        yield f"The tolerance stays {seconds(before)}."
        return
    when = "later" if effect.later > NO_TIME else "sooner"
    yield (
        f"The cluster would tolerate {seconds(after)} of silence instead of {seconds(before)}; a "
        f"node that really fails would be missed {seconds(abs(effect.later))} {when}."
    )


def _survival(effect: Effect) -> Iterator[str]:
    if not effect.stuns:
        yield f"No stun is known of the last {DAYS} days."
        return
    yield (
        f"Of {count(effect.stuns, 'stun')} in the last {DAYS} days it would have survived "
        f"{effect.would.survived}; the values of now survive {_now(effect)}."
    )
    if effect.would.leases:
        yield f"{effect.would.leases} of them would break the lease all the same."


def _now(effect: Effect) -> str:
    """Say how many the values of now survive; at another delay other stuns run together."""
    made = effect.made
    total = made.lost + made.survived
    return str(made.survived) if total == effect.stuns else f"{made.survived} of {total}"

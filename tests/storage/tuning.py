"""Proposals in any state, as short as they can be told."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from storage.applying import applied, begin_applying, failed, unknown
from storage.deciding import approve, expire, reject
from storage.people import Person
from storage.proposals import Proposal, State, fingerprint
from storage.proposing import Draft, propose
from storage.reverting import begin_revert, leave, revert_failed, revert_unknown, reverted
from storage.store import Store
from tests.storage.told import DAY, ZERO

HOUR = timedelta(hours=1)
ANNA, BEN = Person("U0ANNA", "Anna"), Person("U0BEN", "Ben")

BEFORE = {
    "SameSubnetDelay": 1000, "SameSubnetThreshold": 10,
    "CrossSubnetDelay": 1000, "CrossSubnetThreshold": 20,
}  # fmt: skip
WANTED = {"SameSubnetThreshold": 20}
AFTER = BEFORE | WANTED
OTHERS = BEFORE | {"SameSubnetThreshold": 30}
"""What it is after somebody else has changed it."""


def draft(
    cluster: str = "SQLAG01",
    wanted: Mapping[str, int] = WANTED,
    why: str = "stun of 12.4 s",
    lasts: timedelta | None = None,
) -> Draft:
    return Draft(cluster, BEFORE, wanted, why, ANNA, ZERO + DAY, lasts)


def new(store: Store, cluster: str = "SQLAG01", lasts: timedelta | None = None) -> Proposal:
    return propose(store, draft(cluster, lasts=lasts), at=ZERO).proposal


def mark(proposal: Proposal) -> str:
    return fingerprint(proposal.cluster, BEFORE, proposal.wanted)


Step = Callable[[Store, Proposal], Proposal]

STEPS: Mapping[State, Step] = {
    State.APPROVED: lambda s, p: approve(s, p.id, who=BEN, fingerprint=mark(p), at=ZERO),
    State.REJECTED: lambda s, p: reject(s, p.id, who=BEN, at=ZERO),
    State.EXPIRED: lambda s, p: expire(s, p.id, at=p.expires_at),
    State.SUPERSEDED: lambda s, p: propose(s, draft(p.cluster), at=ZERO).superseded[0],
    State.APPLYING: lambda s, p: begin_applying(s, p.id, at=ZERO),
    State.APPLIED: lambda s, p: applied(s, p.id, after=p.before | p.wanted, at=ZERO),  # type: ignore[operator]
    State.FAILED: lambda s, p: failed(s, p.id, trouble="refused", at=ZERO, after=BEFORE),
    State.UNKNOWN: lambda s, p: unknown(s, p.id, trouble="connection lost", at=ZERO),
    State.REVERTING: lambda s, p: begin_revert(s, p.id, at=ZERO),
    State.REVERTED: lambda s, p: reverted(s, p.id, after=BEFORE, at=ZERO),
    State.REVERT_FAILED: lambda s, p: revert_failed(
        s, p.id, trouble="refused", at=ZERO, again=ZERO + HOUR, after=AFTER
    ),
    State.REVERT_UNKNOWN: lambda s, p: revert_unknown(s, p.id, trouble="lost", at=ZERO),
    State.LEFT: lambda s, p: leave(s, p.id, who=BEN, why="30 is right", after=OTHERS, at=ZERO),
}
"""Each step by the state it leads to; where the proposal cannot go there it raises."""

WAYS: Mapping[State, tuple[State, ...]] = {
    State.PROPOSED: (),
    State.APPROVED: (State.APPROVED,),
    State.REJECTED: (State.REJECTED,),
    State.EXPIRED: (State.EXPIRED,),
    State.SUPERSEDED: (State.SUPERSEDED,),
    State.APPLYING: (State.APPROVED, State.APPLYING),
    State.APPLIED: (State.APPROVED, State.APPLYING, State.APPLIED),
    State.FAILED: (State.APPROVED, State.APPLYING, State.FAILED),
    State.UNKNOWN: (State.APPROVED, State.APPLYING, State.UNKNOWN),
}
BACK = (*WAYS[State.APPLIED], State.REVERTING)
EVERY_WAY = dict(WAYS) | {
    State.REVERTING: BACK,
    State.REVERTED: (*BACK, State.REVERTED),
    State.REVERT_FAILED: (*BACK, State.REVERT_FAILED),
    State.REVERT_UNKNOWN: (*BACK, State.REVERT_UNKNOWN),
    State.LEFT: (*BACK, State.REVERT_FAILED, State.LEFT),
}
"""A way to each state from a new proposal."""


def walk(
    store: Store, state: State, cluster: str = "SQLAG01", lasts: timedelta | None = None
) -> Proposal:
    """Bring a new proposal to a state."""
    proposal = new(store, cluster, lasts=lasts)
    for step in EVERY_WAY[state]:
        proposal = STEPS[step](store, proposal)
    return proposal

"""The steps of proposals: only the legal ones, each taken once, whoever else tries or dies."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from sources.errors import UserError
from storage.audit import entries, head
from storage.proof import verify
from storage.proposal_rows import proposal_of, unfinished
from storage.proposal_steps import Deed, LostRaceError, move
from storage.proposals import NEXT, UNFINISHED, Proposal, State
from storage.proposing import propose
from storage.store import Store
from tests.storage.told import ZERO
from tests.storage.tuning import BEN, EVERY_WAY, STEPS, draft, new, walk

ROOT = Path(__file__).parents[2]
TUNER = Path(__file__).with_name("tuner.py")

LEGAL = {
    ("proposed", "approved"), ("proposed", "rejected"), ("proposed", "expired"),
    ("proposed", "superseded"), ("approved", "applying"), ("applying", "applied"),
    ("applying", "failed"), ("applying", "unknown"), ("unknown", "applied"), ("unknown", "failed"),
    ("applied", "reverting"), ("reverting", "reverted"), ("reverting", "revert_failed"),
    ("reverting", "revert_unknown"), ("revert_unknown", "reverted"),
    ("revert_unknown", "revert_failed"), ("revert_failed", "reverting"), ("revert_failed", "left"),
}  # fmt: skip
"""Every step, once more in plain words. A change of which a part stands has one more of its own:
see test_applying.py."""


SINGLE = sorted(set(STEPS) - {State.SUPERSEDED})
"""The steps of one proposal; superseded it is by another one, see test_proposals.py."""


@pytest.mark.parametrize("target", SINGLE)
@pytest.mark.parametrize("source", State)
def test_a_step_is_taken_where_it_is_legal_and_nowhere_else(
    shared: Store, source: State, target: State
) -> None:
    proposal = walk(shared, source, f"{source}>{target}")
    told = head(shared)
    if (source, target) in LEGAL:
        assert STEPS[target](shared, proposal).state is target
        return
    with pytest.raises(LostRaceError):
        STEPS[target](shared, proposal)
    assert proposal_of(shared, proposal.id) == proposal
    assert head(shared) == told


def test_the_update_itself_refuses_who_looked_before_another_one_stepped(store: Store) -> None:
    seen = new(store)
    now = STEPS[State.REJECTED](store, seen)
    told = head(store)
    with pytest.raises(LostRaceError, match="rejected"):
        move(store, seen, replace(seen, state=State.APPROVED, decided_by=BEN), Deed(ZERO, BEN))
    assert (proposal_of(store, seen.id), head(store)) == (now, told)


class Tuning(RuleBasedStateMachine):
    """Any steps of any proposals for two clusters, beside a model of what each must come to."""

    store: Store
    made: Bundle[str] = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.clusters = [f"{id(self)}.{time.monotonic_ns()}.{number}" for number in (1, 2)]
        self.model: dict[str, State] = {}
        self.begun = head(self.store).entries
        self.steps = 0

    @rule(target=made, cluster=st.sampled_from([0, 1]))
    def propose(self, cluster: int) -> MultipleResults[str] | str:
        """Propose: refused where one is under way, else the undecided ones are superseded."""
        name = self.clusters[cluster]
        mine = [key for key in self.model if proposal_of(self.store, key).cluster == name]
        busy = any(self.model[key] in UNFINISHED for key in mine)
        undecided = [key for key in mine if self.model[key] is State.PROPOSED]
        try:
            done = propose(self.store, draft(name), at=ZERO)
        except UserError:
            assert busy
            return multiple()
        assert not busy
        assert sorted(each.id for each in done.superseded) == sorted(undecided)
        self.model |= dict.fromkeys(undecided, State.SUPERSEDED)
        self.model[done.proposal.id] = State.PROPOSED
        self.steps += 1 + len(undecided)
        return done.proposal.id

    @rule(key=made, state=st.sampled_from(SINGLE))
    def step(self, key: str, state: State) -> None:
        """Take a step: it succeeds where it is legal, and nobody else is under way."""
        found = proposal_of(self.store, key)
        others = [
            other.id
            for other in unfinished(self.store)
            if other.cluster == found.cluster and other.id != key
        ]
        claims = {State.APPROVED, State.APPLYING, State.REVERTING}
        legal = (self.model[key], state) in LEGAL and not (others and state in claims)
        try:
            STEPS[state](self.store, found)
        except UserError:
            assert not legal
        else:
            assert legal
            self.model[key] = state
            self.steps += 1

    @rule(key=made, number=st.integers(0, 5))
    def go_on(self, key: str, number: int) -> None:
        """Take a legal step, so that the late states are reached, too."""
        ways = sorted(b for a, b in LEGAL if a == self.model[key] and b in SINGLE)
        if ways:
            self.step(key, State(ways[number % len(ways)]))

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        """States are those of the model, each success is one entry, and the chain holds."""
        for key, state in self.model.items():
            assert proposal_of(self.store, key).state is state
        assert head(self.store).entries - self.begun == self.steps

    def teardown(self) -> None:
        """Read the whole audit once at the end: it grows with every example."""
        assert verify(self.store) is None


def test_any_steps_in_any_order_keep_to_the_model(shared: Store) -> None:
    class Here(Tuning):
        store = shared

    run_state_machine_as_test(
        Here,
        settings=settings(max_examples=20, stateful_step_count=30, deadline=None),
    )


@pytest.mark.parametrize("target", SINGLE)
def test_of_fifty_at_once_one_takes_the_step(shared: Store, target: State) -> None:
    source = [State.PROPOSED, *EVERY_WAY[target]][-2]
    proposal = walk(shared, source, f"fifty {target}")
    together = threading.Barrier(50)

    def click(_: int) -> bool:
        together.wait()
        try:
            STEPS[target](shared, proposal)
        except LostRaceError:
            return False
        return True

    told = head(shared).entries
    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(click, range(50))) == 1
    assert proposal_of(shared, proposal.id).state is target
    assert head(shared).entries == told + 1


def test_fifty_who_approve_reject_and_expire_at_once_come_to_one_decision(store: Store) -> None:
    proposal = new(store)
    ways = [State.APPROVED, State.REJECTED, State.EXPIRED]

    def click(number: int) -> State | None:
        try:
            return STEPS[ways[number % 3]](store, proposal).state
        except LostRaceError:
            return None

    with ThreadPoolExecutor(50) as pool:
        (won,) = [state for state in pool.map(click, range(50)) if state]
    assert proposal_of(store, proposal.id).state is won
    assert [each.what for each in entries(store)] == ["proposed", won]


def test_of_fifty_proposals_at_once_one_is_left_undecided(store: Store) -> None:
    with ThreadPoolExecutor(50) as pool:
        made = list(pool.map(lambda _: new(store).id, range(50)))
    states = [proposal_of(store, key).state for key in made]
    assert states.count(State.PROPOSED) == 1
    assert states.count(State.SUPERSEDED) == 49
    assert verify(store) is None


@contextmanager
def tuner(path: Path, *told: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process on the same file; it is killed at the end, and that is its test."""
    arguments = [sys.executable, str(TUNER), str(path), *told]
    with subprocess.Popen(
        arguments, env={"PYTHONPATH": str(ROOT)}, text=True, bufsize=1,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_of_four_processes_one_takes_each_step(store: Store) -> None:
    key = new(store).id
    with (
        tuner(store.path, "race", key) as first,
        tuner(store.path, "race", key) as second,
        tuner(store.path, "race", key) as third,
        tuner(store.path, "race", key) as fourth,
    ):
        four = (first, second, third, fourth)
        assert [heard(each) for each in four] == ["ready"] * 4
        for step in EVERY_WAY[State.LEFT]:
            for each in four:
                assert each.stdin is not None
                each.stdin.write(f"{step}\n")
            assert sorted(heard(each) for each in four) == ["lost", "lost", "lost", "won"]
            assert proposal_of(store, key).state is step
    assert [each.what for each in entries(store)] == ["proposed", *EVERY_WAY[State.LEFT]]
    assert verify(store) is None


@pytest.mark.parametrize("step", [*EVERY_WAY[State.LEFT], State.REVERTED, State.UNKNOWN])
def test_a_process_killed_in_the_middle_of_a_step_has_not_taken_it(
    store: Store, step: State
) -> None:
    before: Proposal = walk(store, next(a for a in NEXT if (a, step) in LEGAL))
    told = head(store)
    with tuner(store.path, "stop", before.id, step) as process:
        assert [heard(process), heard(process)] == ["ready", "inside"]
    assert proposal_of(store, before.id) == before
    assert (head(store), verify(store)) == (told, None)
    assert STEPS[step](store, before).state is step


@pytest.mark.parametrize("seed", range(4))
def test_a_process_killed_anywhere_leaves_a_record_that_can_be_taken_up(
    store: Store, seed: int
) -> None:
    with tuner(store.path, "rounds") as process:
        assert [heard(process), heard(process)] == ["ready", "round"]
        time.sleep(random.Random(seed).uniform(0, 0.05))
    assert verify(store) is None
    told = entries(store)
    for key in {each.proposal for each in told}:
        assert key is not None
        way = [each.what for each in told if each.proposal == key]
        assert way == ["proposed", *EVERY_WAY[State.REVERTED]][: len(way)]
        assert proposal_of(store, key).state == way[-1]
    for left in unfinished(store):  # as after a restart: the cluster was read, and it goes on
        rest = EVERY_WAY[State.REVERTED]
        for step in rest[rest.index(left.state) + 1 :]:
            STEPS[step](store, left)
    assert unfinished(store) == ()
    assert verify(store) is None

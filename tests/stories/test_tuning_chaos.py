"""Three people click on everything, the cluster fails and somebody's hand is in it: rules hold."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread

import pytest

from commands.change import SETTLED
from commands.telling import TOLD
from demo.slack.refused import ImpossibleError
from demo.stories import CHANNEL
from storage.audit import entries, head
from storage.bookmarks import bookmark
from storage.posts import backlog
from storage.proposal_rows import proposals_of
from storage.proposals import UNFINISHED, State
from tests.stories.bot_scene import post_name
from tests.stories.test_bot_tuning import Tuned, tuned

LASTS = 8.0
"""Seconds of chaos."""

BUTTONS = ("approve", "approve", "reject", "revert", "keep", "other_values")
PATIENCE = timedelta(seconds=60)
EVERY = 10_000


@contextmanager
def chaos(told: Tuned, seed: int) -> Iterator[None]:
    """Have everybody do anything until the block ends."""
    over = Event()
    acts = [Thread(target=people, args=(told, name, f"{seed} {name}", over))
            for name in ("anna", "ben", "chris")]  # fmt: skip
    acts.append(Thread(target=fate, args=(told, f"{seed} fate", over)))
    for act in acts:
        act.start()
    yield
    over.set()
    for act in acts:
        act.join()
    told.live.down = told.live.lost = False


def people(told: Tuned, name: str, seed: str, over: Event) -> None:
    """Propose, click on one of the last cards, fill in whatever is in front."""
    chance = random.Random(seed)
    while not over.wait(chance.uniform(0.01, 0.2)):
        with suppress(ImpossibleError):  # the card or the modal is another by now
            if chance.random() < 0.2:
                value, lasts = chance.randint(11, 38), chance.choice(("", " for 8h"))
                line = f"tune SQLAG01 SameSubnetThreshold={value}{lasts} because of {name}"
                told.workspace.slash(name, CHANNEL, f"/stuncheck {line}")
            clicks(told, name, chance)
            view = told.workspace.modal(name)
            if view:
                asked = "'block_id': 'why'" in repr(view.blocks)
                told.workspace.submits(view, {"why": "chaos"} if asked else {})


def clicks(told: Tuned, name: str, chance: random.Random) -> None:
    cards = [one for one in told.scene.ours() if post_name(one).startswith("proposal ")]
    button = chance.choice(BUTTONS)
    for card in cards[-1 - chance.randrange(3) :][:1]:
        if button in repr(card.blocks):
            told.workspace.clicks(name, card, button)


def fate(told: Tuned, seed: str, over: Event) -> None:
    """Change values by hand, have the cluster down or the connection lost, let hours pass."""
    chance, live = random.Random(seed), told.live
    while not over.wait(chance.uniform(0.1, 0.6)):
        what = chance.choice(("hand", "down", "lost", "time", "time"))
        if what == "hand":
            live.values["SameSubnetThreshold"] = chance.randint(10, 38)
        elif what == "time":
            told.scene.passes(timedelta(hours=chance.randint(1, 9)))
        else:
            setattr(live, what, True)
            over.wait(0.2)
            live.lost = live.down = False


def settles(told: Tuned) -> None:
    """Wait until nothing is under way, and Slack shows all of it."""
    store = told.scene.store
    told.scene.passes(SETTLED)

    def quiet() -> bool:
        under_way = {one.state for one in proposals_of(store, most=EVERY)} & UNFINISHED
        told_of = int(bookmark(store, TOLD) or 0) == head(store).entries
        return not under_way and told_of and backlog(store) == (0, 0)

    until = time.monotonic() + PATIENCE.total_seconds()
    while not quiet():
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("seed", [1135])
def test_whatever_people_and_clusters_do_at_once_the_rules_hold(seed: int) -> None:
    with tuned(glass=("chris",)) as told:  # which checks the audit and the log at its end
        with chaos(told, seed):
            time.sleep(LASTS)
        settles(told)
        found = proposals_of(told.scene.store, most=EVERY)
        decided = [one for one in found if one.decided_by and one.state is not State.REJECTED]
        assert all(
            one.break_glass or not one.decided_by.same(one.asked_by)
            for one in decided
            if one.decided_by
        )
        steps = Counter(entry.what for entry in entries(told.scene.store))
        assert steps["applied"] <= steps["applying"] <= steps["approved"]
        assert len(told.live.sent) <= steps["applying"] + steps["reverting"]
        posts = Counter(map(post_name, told.scene.ours()))
        assert {name: number for name, number in posts.items() if name and number > 1} == {}
        assert sum(name.startswith("proposal ") for name in posts) == len(found)

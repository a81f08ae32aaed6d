"""Killed at any state of a change, the bot sends it once and tells each step once: kill -9."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from commands.change import SETTLED
from commands.telling import TOLD
from demo.journal import Journal
from demo.past import seed
from demo.slack.message import Message
from demo.slack.team import Team
from demo.slack.user import User
from demo.slack.workspace import Workspace
from demo.stories import CHANNEL
from storage.audit import head
from storage.bookmarks import bookmark
from storage.posts import backlog
from storage.proof import verify
from storage.proposal_rows import proposals_of
from storage.proposals import UNFINISHED, Proposal, State
from storage.store import Store
from tests.stories.bot_scene import FAST, LIMITS, Clock, post_name
from tests.stories.lives import Lives, lives

LINE = "/stuncheck tune SQLAG01 SameSubnetThreshold=15 because the stuns reach 12.4 s"
SENT, BACK = {"SameSubnetThreshold": 15}, {"SameSubnetThreshold": 10}
PATIENCE = timedelta(seconds=60)
AGAIN = 2.0
"""Seconds after which a person clicks again: a click on a bot that was just killed is lost."""


@dataclass(slots=True)
class Scene:
    """A workspace that lives on, a bot that does not, and the clock of both."""

    workspace: Workspace
    store: Store
    bot: Lives
    journal: Journal
    clock: Clock
    ben: User
    line: str = LINE
    clicked: dict[str, float] = field(default_factory=dict)

    def begins(self) -> None:
        """Begin a life, some minutes after the last one: what was sent then is at its end."""
        self.clock.ahead += SETTLED + timedelta(minutes=1)
        self.bot.told["ahead"] = str(self.clock.ahead.total_seconds())
        self.bot.begin()

    def last(self) -> Proposal | None:
        return next(iter(proposals_of(self.store, most=1)), None)

    def state(self) -> State | None:
        last = self.last()
        return last.state if last else None

    def ours(self) -> list[Message]:
        bot = self.workspace.team.bot.id
        return [one for one in self.workspace.messages(CHANNEL) if one.user == bot]

    def card(self) -> Message | None:
        last = self.last()
        name = f"proposal {last.id}" if last else ""
        return next((one for one in self.ours() if post_name(one) == name), None)

    def acts(self) -> None:
        """Do what people do: propose, approve, put back; again if nothing came of it."""
        state, card = self.state(), self.card()
        if state is None:
            self._now_and_then("tune", lambda: self.workspace.slash("anna", CHANNEL, self.line))
        for at, button in ((State.PROPOSED, "approve"), (State.APPLIED, "revert"),
                           (State.REVERT_FAILED, "revert")):  # fmt: skip
            if state is at and card and button in repr(card.blocks):
                self._now_and_then(
                    button, lambda b=button: self.workspace.clicks(self.ben, card, b)
                )

    def _now_and_then(self, what: str, act: object) -> None:
        if time.monotonic() - self.clicked.get(what, 0.0) > AGAIN and callable(act):
            self.clicked[what] = time.monotonic()
            act()

    def comes_to(self, *states: State) -> State:
        """Have people act until it is so; give which."""
        end = time.monotonic() + PATIENCE.total_seconds()
        while (state := self.state()) not in states:
            assert time.monotonic() < end, f"{state} and not {states}"
            self.acts()
            time.sleep(0.005)
        return state

    def settles(self) -> None:
        """Wait until nothing is under way, and Slack shows all of it."""

        def done() -> bool:
            told = int(bookmark(self.store, TOLD) or 0) == head(self.store).entries
            return told and self.state() not in UNFINISHED and backlog(self.store) == (0, 0)

        self.workspace.waits(lambda: done() or None, "the end", PATIENCE)

    def holds(self) -> None:
        """Check what must be so at any end."""
        assert verify(self.store) is None
        twice = {name: n for name, n in Counter(map(post_name, self.ours())).items() if n > 1}
        assert twice == {}


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    clock = Clock()
    with Workspace(Team(LIMITS, clock.seconds)) as workspace:
        people = [workspace.adds_user(name) for name in ("anna", "ben")]
        workspace.adds_channel(CHANNEL, people)
        with Store.open(folder / "stuncheck.db") as store:
            seed(store, clock())
            with lives(workspace, folder) as bot:
                bot.told |= {"approvers": people[1].id, "speed": str(FAST)}
                yield Scene(
                    workspace, store, bot, Journal(folder / "values.json"), clock, people[1]
                )


ON_THE_WAY = (
    State.PROPOSED, State.APPROVED, State.APPLYING, State.APPLIED, State.REVERTING, State.REVERTED,
)  # fmt: skip


@pytest.mark.parametrize("state", ON_THE_WAY)
def test_killed_as_soon_as_a_state_is_reached_it_goes_on_from_there(
    tmp_path: Path, state: State
) -> None:
    later = ON_THE_WAY[ON_THE_WAY.index(state) :]
    with scene(tmp_path) as told:
        told.begins()
        told.comes_to(*later, State.FAILED)
        told.bot.kill()
        told.begins()
        end = told.comes_to(State.REVERTED, State.FAILED)
        told.settles()
        sent = [dict(one.wanted) for one in told.journal.read()]
        assert sent == ([SENT, BACK] if end is State.REVERTED else [])
        card = told.card()
        assert card
        assert ("Reverted" if end is State.REVERTED else "Not done") in card.words
        told.holds()


def test_after_a_day_of_downtime_a_change_for_8_h_goes_back_with_a_notice(tmp_path: Path) -> None:
    with scene(tmp_path) as told:
        told.line = LINE.replace("because", "for 8h because")
        told.begins()
        told.comes_to(State.APPLIED)
        told.bot.kill()
        told.clock.ahead += timedelta(days=1)
        told.begins()
        told.workspace.waits(lambda: told.state() is State.REVERTED or None, "the revert", PATIENCE)
        told.settles()
        assert [dict(one.wanted) for one in told.journal.read()] == [SENT, BACK]
        assert any("Put back and read" in one.words for one in told.ours())
        told.holds()


@pytest.mark.parametrize("chance", range(3))
def test_killed_again_and_again_at_any_moment(tmp_path: Path, chance: int) -> None:
    rng = random.Random(chance)
    with scene(tmp_path) as told:
        for _ in range(8):
            told.begins()
            end = time.monotonic() + rng.uniform(0.3, 2.5)
            while time.monotonic() < end:
                told.acts()
                time.sleep(0.02)
            told.bot.kill()
        told.begins()
        told.comes_to(State.REVERTED, State.FAILED)
        told.settles()
        sent = [dict(one.wanted) for one in told.journal.read()]
        ended = Counter(one.state for one in proposals_of(told.store))
        assert sent == [SENT, BACK] * ended[State.REVERTED]
        told.holds()

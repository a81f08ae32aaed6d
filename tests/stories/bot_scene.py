"""A scene: a workspace, the real bot in it, recorded sources; nothing of ours is replaced.

Its pace is faster than Slack's, its clock can be moved on, its log is kept to be read.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.bot_settings import ServerSettings, TuningSettings
from bot.configuration import Settings
from bot.configuration_systems import Partners, Systems
from bot.log import set_up
from bot.pace import Pace
from bot.running import Bot
from commands.cluster_change import LIVE, Change
from commands.context import Context
from demo.past import seed
from demo.recorded import Recorded
from demo.settings import settings
from demo.site import INCIDENTS
from demo.slack.limits import Limits
from demo.slack.message import Message
from demo.slack.team import Team
from demo.slack.view import View
from demo.slack.workspace import Workspace
from demo.stories import CHANNEL, SCENES, play
from sources.access import Secret, Site
from sources.material import Material
from sources.names import same
from sources.pull import Request, Told
from storage.alerts import MORE
from storage.checks import checks_waiting
from storage.posts import backlog
from storage.store import Store

TOKEN = "webhook-of-a-test"  # noqa: S105 - of nothing
FAST = 500.0
"""How many times faster than Slack the bot posts."""

SOON = timedelta(seconds=10)
"""How long a test waits for what takes a moment; a busy machine is no fault."""

LIMITS = Limits(
    posts_per_minute=6000, post_burst=500, redeliver=(timedelta(0), timedelta(seconds=0.2))
)

Pull = Callable[[Request, Told], Material]


@dataclass(slots=True)
class Clock:
    """The time of bot, Slack and sources, which can be moved on."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def seconds(self) -> float:
        """Give the seconds since 1970, as Slack counts."""
        return self().timestamp()


@dataclass(slots=True)
class Sources:
    """The recorded sources; `pull` can be put between them and the bot."""

    recorded: Recorded
    pull: Pull | None = None

    def __call__(self, request: Request, told: Told) -> Material:
        return (self.pull or self.recorded)(request, told)


@dataclass(slots=True)
class BotScene:
    """What a test sees and does."""

    workspace: Workspace
    sources: Sources
    store: Store
    clock: Clock
    log: StringIO
    settings: Settings
    bot: Bot

    def starts(self) -> None:
        """Start the bot."""
        self.bot.start()
        self.workspace.waits_for_sockets(1)

    def plays(self, key: str, channel: str = CHANNEL) -> tuple[Message, ...]:
        """Let a story of the demo happen now; give the alerts of the tools."""
        scene = next(scene for scene in SCENES if scene.key == key)
        return play(scene, self.workspace, self.sources.recorded, self.clock(), channel)

    def happens(self, cluster: str, bundle: str, ago: timedelta) -> datetime:
        """Let an incident happen that nobody tells of yet; give its moment."""
        at = self.clock() - ago
        self.sources.recorded.happen(cluster, INCIDENTS / bundle, at)
        return at

    def passes(self, time: timedelta) -> None:
        """Let time pass."""
        self.clock.ahead += time
        self.bot.wake()

    def ours(self, channel: str = CHANNEL) -> list[Message]:
        """Give what the bot posted, oldest first."""
        mine = self.workspace.team.bot.id
        return [message for message in self.workspace.messages(channel) if message.user == mine]

    def cards(self, channel: str = CHANNEL) -> list[Message]:
        """Give the bot's cards of incidents, oldest first."""
        return [one for one in self.ours(channel) if post_name(one).startswith("card ")]

    def below(self, *alerts: Message) -> list[Message]:
        """Give the bot's cards in the threads of alerts."""
        found = [one for alert in alerts for one in self.workspace.thread(alert)]
        return [one for one in found if post_name(one).startswith("card ")]

    def card(self, alerts: Message | tuple[Message, ...], words: str) -> Message:
        """Wait until the card in the thread of an alert says so; there is one only.

        Of several that are posted at once any may come first, as in Slack.
        """
        told = (alerts,) if isinstance(alerts, Message) else alerts

        def found() -> Message | None:
            return next((one for one in self.below(*told) if words in one.words), None)

        card = self.workspace.waits(found, f"{words!r} below the alert", SOON)
        assert len(self.below(*told)) == 1
        return card

    def says(self, words: str, channel: str = CHANNEL) -> Message:
        """Wait for a message of the bot's that says so."""

        def found() -> Message | None:
            return next((one for one in self.ours(channel) if words in one.words), None)

        return self.workspace.waits(found, f"{words!r} in #{channel}", SOON)

    def whispers(self, user: str, words: str, channel: str = CHANNEL) -> Message:
        """Wait for what a person alone is told."""

        def found() -> Message | None:
            heard = self.workspace.whispers(user, channel)
            return next((one for one in heard if words in one.words), None)

        return self.workspace.waits(found, f"{words!r} for {user}", SOON)

    def types(self, user: str, line: str, channel: str = CHANNEL) -> None:
        """Type a command; it is acknowledged in time."""
        delivery = self.workspace.slash(user, channel, f"/stuncheck {line}")
        assert self.workspace.waits_for_answer(delivery).outcome == "acknowledged"

    def quiet(self) -> None:
        """Wait until everything that came was looked at, checked and answered."""
        self.workspace.settles(SOON)
        self.passes(MORE)
        self.workspace.waits(self._idle, "quiet", SOON)

    def _idle(self) -> bool:
        return checks_waiting(self.store)[0] == 0 and backlog(self.store)[0] == 0


def post_name(message: Message) -> str:
    """Give the name that a message of the bot's carries unseen."""
    payload = (message.metadata or {}).get("event_payload", {})
    return str(payload.get("post", ""))


def words(view: View) -> str:
    """Give all that a person can read in a modal or in the home tab."""
    return Message("", "", "", blocks=view.blocks).words


@contextmanager
def bot_scene(
    *,
    begins: bool = True,
    past: bool = False,
    team: type[Team] = Team,
    pull: Callable[[Recorded], Pull] | None = None,
    there: Site | None = None,
    tuning: Callable[[Workspace], TuningSettings] | None = None,
    change: Change = LIVE,
    **slack: Any,  # noqa: ANN401
) -> Iterator[BotScene]:
    """Run it all until the block ends. `slack` changes [slack] of the configuration."""
    with ExitStack() as stack:
        log = stack.enter_context(logged())
        folder = Path(stack.enter_context(TemporaryDirectory()))
        clock = Clock()
        workspace = Workspace(team(LIMITS, clock.seconds))
        stack.enter_context(workspace)
        people = [workspace.adds_user(name) for name in ("anna", "ben", "chris")]
        workspace.adds_channel(CHANNEL, people)
        workspace.adds_channel("general", people)
        workspace.adds_channel("elsewhere", people, bot=False)
        configured = settings(workspace, folder)
        there = there or configured.systems.everything
        partners = {same(one.name): Partners() for one in there.clusters}
        configured = replace(
            configured,
            systems=Systems(there, partners),
            slack=replace(configured.running(), **slack),
            server=ServerSettings(port=0, webhook_token=Secret(TOKEN)),
            tuning=tuning(workspace) if tuning else configured.tuning,
        )
        store = stack.enter_context(Store.open(configured.storage))
        if past:
            seed(store, clock())
        recorded = Recorded(pace=0, now=clock)
        sources = Sources(recorded, pull(recorded) if pull else None)
        context = Context(there, store, clock, sources)
        bot = Bot(configured, context, Pace(speed=FAST), change)
        stack.callback(bot.stop)
        stack.callback(workspace.hangs_up)
        scene = BotScene(workspace, sources, store, clock, log, configured, bot)
        if begins:
            scene.starts()
        yield scene


@contextmanager
def logged() -> Iterator[StringIO]:
    """Keep the log of the bot to be read."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log = StringIO()
    set_up("info", log, as_json=False)
    try:
        yield log
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)

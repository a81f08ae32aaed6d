"""The demo: a workspace, its page, the real bot, and stories that happen in it."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bot_settings import TuningSettings
from bot.log import set_up
from bot.running import Bot
from commands.context import Context
from demo.page.page import Page
from demo.page.story import Story
from demo.past import seed
from demo.recorded import Recorded
from demo.settings import settings
from demo.site import site
from demo.slack.message import Message
from demo.slack.workspace import Workspace
from demo.stories import CHANNEL, SCENES, Scene, play
from demo.values import RecordedValues
from storage.store import Store

PEOPLE = ("anna", "ben", "chris")
"""Who can be acted as. All may propose changes; chris may break the glass."""

DBA = "dba"
"""The user group of ben and chris, who may approve a change, but not their own."""

PACE = 1.0
"""The recorded sources answer within two and a half seconds, so that the course can be seen."""

ANSWERED = timedelta(seconds=30)
"""How long one story may take without a page."""

SOON = 2.0
"""Seconds until the first alert comes by itself."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A workspace with the bot in it, in which stories can be played."""

    workspace: Workspace
    recorded: Recorded

    def play(self, scene: Scene) -> tuple[Message, ...]:
        """Let a story begin; give the alerts of the tools.

        What it tells of happened to the cluster as it was recorded, so that is what it is again.
        """
        if self.recorded.values:
            self.recorded.values.restore(scene.cluster)
        return play(scene, self.workspace, self.recorded, datetime.now(UTC))


@contextmanager
def staged(port: int = 0, pace: float = PACE) -> Iterator[Stage]:
    """Run workspace, page and bot until the block ends. OSError: the port is taken."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="stuncheck-demo-")))
        values = RecordedValues(pace=pace)
        recorded = Recorded(pace=pace, values=values)
        workspace = Workspace(port=port)
        stage = Stage(workspace, recorded)
        stories = [
            Story(one.key, one.title, one.told, partial(_played, stage, one)) for one in SCENES
        ]
        workspace.routes.extend(Page(workspace, stories).routes())
        stack.enter_context(workspace)
        configured = settings(workspace, folder, _people(workspace))
        store = stack.enter_context(Store.open(configured.storage))
        seed(store, datetime.now(UTC))
        context = Context(site(), store, pull=recorded)
        bot = Bot(configured, context, change=values.change)
        bot.start()
        stack.callback(bot.stop)
        stack.callback(workspace.hangs_up)
        workspace.waits_for_sockets(1)
        yield stage


def serve(first: Scene, port: int, say: Callable[[str], object]) -> None:
    """Serve the demo until Ctrl-C; the first story begins by itself."""
    set_up("warning", sys.stderr, as_json=False)
    with ExitStack() as stack:
        try:
            stage = stack.enter_context(staged(port))
        except OSError:  # somebody else has the port
            stage = stack.enter_context(staged(0))
        say(f"The workspace is at {stage.workspace.team.url}/ - open it in a browser.")
        say(f'In two seconds "{first.title}" begins in #{CHANNEL}; the others stand on the left.')
        say("What anna proposes, ben or chris approves: choose on the left who you are.")
        say("Type /stuncheck help there. The incidents are recorded, the bot is the real one.")
        say("Ctrl-C ends it; nothing is kept.")
        threading.Timer(SOON, stage.play, [first]).start()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("Ended.")


def headless(first: Scene) -> str:
    """Play one story without a page and give the conversation. TimeoutError: no answer came."""
    set_up("error", sys.stderr, as_json=False)
    with staged(pace=0.2) as stage:
        alerts = stage.play(first)
        stage.workspace.waits(lambda: _answered(stage, alerts), "the verdict", ANSWERED)
        messages = stage.workspace.messages(CHANNEL)
    return "\n\n".join(f"{_who(stage, message)}:\n{_words(message)}" for message in messages)


def _played(stage: Stage, scene: Scene) -> None:
    stage.play(scene)


def _people(workspace: Workspace) -> TuningSettings:
    """Let people in, and say who of them may do what."""
    _, ben, chris = users = [workspace.adds_user(name) for name in PEOPLE]
    workspace.adds_channel(CHANNEL, users)
    workspace.adds_channel("general", users)
    group = workspace.adds_group(DBA, [ben, chris])
    return TuningSettings(
        approver_groups=frozenset({group.id}),
        break_glass=frozenset({chris.id}),
    )


def _answered(stage: Stage, alerts: tuple[Message, ...]) -> bool:
    """Whether the verdict and its picture are in the thread."""
    thread = stage.workspace.thread(alerts[0])
    return any(message.files for message in thread)


def _who(stage: Stage, message: Message) -> str:
    bot = stage.workspace.team.bot
    name = bot.name if message.user == bot.id else message.username or "a tool"
    return f"{name}, in the thread" if message.is_reply else name


def _words(message: Message) -> str:
    """Give what can be read, without the fallback that stands for the blocks."""
    rest = [block for block in message.blocks if block.get("type") != "actions"]
    buttons = [
        f"[{button['text']['text']}]"
        for block in message.blocks
        for button in block.get("elements", ())
        if button.get("type") == "button"
    ]
    text = "" if message.blocks else message.text
    return f"{replace(message, text=text, blocks=tuple(rest)).words}\n{' '.join(buttons)}".strip()

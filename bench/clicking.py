"""A click on *Approve*: until Slack is answered, and until the change was read back.

Real Bolt over Socket Mode against our stand-in of Slack, real pywinrm over NTLM against our
stand-in of a cluster, each of whose commands is slowed. Aims: applied within 1.25 times the bare
WinRM calls of an approval (is that right still there, are the values those that were shown, set
them, read them back), acknowledged within twice the time of a bot that does nothing else.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.bot_settings import TuningSettings
from commands.context import Context
from demo.slack.message import Message
from demo.slack.workspace import Workspace
from demo.stories import CHANNEL
from sources.access import Site
from sources.deadline import Deadline
from sources.windows.apply import apply
from sources.windows.heartbeat_values import read_values
from storage.proposal_rows import proposals_of
from storage.proposals import State
from tests.commands.stored import cluster, fill
from tests.peers.winrm_scene import Scene, running
from tests.stories.bot_scene import BotScene, bot_scene

SLOW = 0.5
"""Seconds that every command over WinRM takes longer, as one to a busy node does."""

ROUNDS, CLICKS = 5, 100
APPLIED, ACKNOWLEDGED = 1.25, 2.0
LONG = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Bench:
    """The bot, and the cluster that it changes."""

    bot: BotScene
    winrm: Scene


def main() -> bool:
    """Print the figures; True when both aims are met."""
    with _bench() as bench:
        bare = median(_timed(partial(_bare, bench, number)) for number in range(ROUNDS))
        ours = median(_applied(bench, number) for number in range(ROUNDS))
        took = _acknowledged(bench.bot.workspace, _proposed(bench, 90))
    nothing = _nothing_else()
    applied, answered = ours / bare, median(took) / median(nothing)
    print(f"bare WinRM calls {bare:.2f} s, click to applied {ours:.2f} s:")
    print(f"  ratio {applied:.2f} (aim {APPLIED})")
    print(f"a bot that only acknowledges {_both(nothing)}, ours {_both(took)}")
    print(f"  ratio of the medians {answered:.2f} (aim {ACKNOWLEDGED})")
    return applied <= APPLIED and answered <= ACKNOWLEDGED


@contextmanager
def _bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        winrm = stack.enter_context(running(folder))
        for node in winrm.server.cluster.nodes:
            node.faults.slow = SLOW
        there = Site((winrm.access,))
        bot = stack.enter_context(bot_scene(there=there, tuning=_tuning))
        fill(Context(there, bot.store), cluster(20, "Windows Server 2019"))
        yield Bench(bot, winrm)


def _tuning(workspace: Workspace) -> TuningSettings:
    return TuningSettings(approvers=frozenset({workspace.user("ben").id}))


def _bare(bench: Bench, number: int) -> None:
    """Do what an approval takes of the cluster, and nothing else."""
    access = bench.winrm.access
    now = read_values(access, Deadline.after(60)).properties
    made = apply(access, now, {"CrossSubnetThreshold": 30 + number}, Deadline.after(60))
    assert made.after  # noqa: S101 - a bench of something that fails says nothing


def _applied(bench: Bench, number: int) -> float:
    """Have a change proposed and approved; give the seconds from the click to the last reading."""
    card = _proposed(bench, 50 + number)
    began = time.perf_counter()
    bench.bot.workspace.clicks("ben", card, "approve")
    while proposals_of(bench.bot.store, most=1)[0].state is not State.APPLIED:
        if time.perf_counter() - began > LONG.total_seconds():
            raise TimeoutError("the change was not applied")
        time.sleep(0.002)
    return time.perf_counter() - began


def _proposed(bench: Bench, value: int) -> Message:
    """Have a change proposed; give its card."""
    scene = bench.bot
    scene.types("anna", f"tune SQLAG01 CrossSubnetThreshold={value} because of a bench")

    def found() -> Message | None:
        words = f"to {value}"
        return next((one for one in scene.ours() if "Proposed: CrossSubnetThreshold" in one.words
                     and words in one.words), None)  # fmt: skip

    return scene.workspace.waits(found, "the card", LONG)


def _both(took: Sequence[float]) -> str:
    """Say the median and what 99 of 100 need at most."""
    late = sorted(took)[len(took) * 99 // 100 - 1]
    return f"{median(took) * 1000:.1f} ms, p99 {late * 1000:.1f} ms"


def _acknowledged(workspace: Workspace, card: Message) -> list[float]:
    """Have somebody click who may not approve; give the seconds until each was acknowledged."""
    took = []
    for _ in range(CLICKS):
        done = workspace.waits_for_answer(workspace.clicks("anna", card, "approve"), LONG)
        took.append(done.took or 0.0)
    return took


def _nothing_else() -> list[float]:
    """Do the same to a bot that acknowledges and does nothing else."""
    with Workspace() as workspace:
        workspace.adds_channel(CHANNEL, [workspace.adds_user("anna")])
        app = App(token=workspace.team.bot_token, client=None, token_verification_enabled=False)
        app.client.base_url = workspace.api_url

        @app.action("approve")
        def approve(ack: Ack) -> None:
            ack()

        handler = SocketModeHandler(app, workspace.team.app_token)
        handler.client.web_client.base_url = workspace.api_url
        handler.connect()  # type: ignore[no-untyped-call] # slack_bolt has no types here
        workspace.waits_for_sockets(1)
        button = {
            "type": "button",
            "action_id": "approve",
            "text": {"type": "plain_text", "text": "x"},
        }
        app.client.chat_postMessage(
            channel=workspace.channel(CHANNEL).id, text="x",
            blocks=[{"type": "actions", "elements": [button]}],
        )  # fmt: skip
        took = _acknowledged(workspace, workspace.messages(CHANNEL)[0])
        handler.client.auto_reconnect_enabled = False
        handler.close()  # type: ignore[no-untyped-call] # the same
        return took


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start

"""What people ask in Slack: commands, mentions, the shortcut. Slack's words in, replies wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.alert_text import mapping, moment, said
from bot.asking import Asking
from bot.blocks import render
from bot.channels import Channels
from bot.intake import MOST_CLUSTERS, Intake
from bot.log import mishap
from bot.pictures import has_picture
from commands.context import Context
from commands.failover import last_failover
from commands.kept import written
from commands.line import FAILOVER, Line, answer, read_line
from commands.reply import Problem, Reply
from commands.when import read_when
from sources.errors import UserError
from storage.alerts import StoredAlert, Taken, Way
from storage.posts import Kind, Place, Wish, want
from storage.seen import claim

Whisper = Callable[..., Any]
"""Says something to the person alone: Bolt's `respond`, or chat.postEphemeral."""

LINES = 200
"""Characters of a command that are repeated when it is acknowledged."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked what, and where the answer belongs. `key` is the same if it comes again."""

    key: str
    user: str
    channel: str
    thread: str | None
    text: str


@dataclass(frozen=True, slots=True)
class People:
    """Answers people."""

    context: Context
    intake: Intake
    channels: Channels
    asking: Asking
    wake: Callable[[], None]

    def answer(self, asked: Asked, whisper: Whisper) -> None:
        """Answer a command, in the channel where that is possible."""
        with self.telling(whisper):
            if not claim(self.context.store, asked.key, self.context.now()):
                return
            line = read_line(asked.text)
            if line.name == FAILOVER:
                self._failover(line, asked, whisper)
            else:
                self._show(answer(self.context, line), asked, whisper)

    def check_alert(self, asked: Asked, message: Mapping[str, Any], whisper: Whisper) -> None:
        """Check the message that a person pointed at, whatever its words."""
        with self.telling(whisper):
            if not claim(self.context.store, asked.key, self.context.now()):
                return
            words = said(mapping(message)).text
            sightings = self.intake.names.inventory().find(words)
            clusters = dict.fromkeys(c for one in sightings for c in sorted(one.clusters))
            if not clusters:
                raise UserError(
                    "This message names no cluster, node or VM that is known.",
                    "Type: /stuncheck failover CLUSTER TIME",
                )
            at = moment(message.get("ts"))
            if at is None:
                raise UserError("That message has no time.")
            for cluster in list(clusters)[:MOST_CLUSTERS]:
                alert = self._alert(asked, cluster, at, words)
                self._told(self.intake.take(alert), whisper)

    def telling(self, whisper: Whisper) -> "_Telling":
        """Give a fence: what goes wrong inside is told to the person who asked."""
        return _Telling(whisper)

    def _failover(self, line: Line, asked: Asked, whisper: Whisper) -> None:
        name, *time = line.args
        access = self.context.cluster(name)
        now = self.context.now()
        if not self.channels.inside(asked.channel):
            self._elsewhere(access.name, whisper)
        if time:
            at = read_when(" ".join(time), now)
        else:
            request = self.asking(access.name, now)
            at = last_failover(request, lambda _source, _name, _state: None, self.context.pull)
        taken = self.intake.take(self._alert(asked, access.name, at, asked.text))
        self._told(taken, whisper)

    def _elsewhere(self, cluster: str, whisper: Whisper) -> None:
        """Say where the card comes, for it cannot come here. Raises UserError."""
        home = self.channels.id_of(self.intake.settings.channel_of(cluster))
        if not home:
            raise UserError(
                "I am not in this channel, and no other one is configured.",
                "Type /invite @stuncheck here, then ask again.",
            )
        whisper(text=f"I am not in this channel; the answer comes in <#{home}>.")

    def _alert(self, asked: Asked, cluster: str, at: datetime, words: str) -> StoredAlert:
        inside = self.channels.inside(asked.channel)
        return StoredAlert(
            key=f"{asked.key} {cluster}", way=Way.PERSON, cluster=cluster, at=at,
            received=self.context.now(), tool="", said=words, by=asked.user,
            channel=asked.channel if inside else None, thread=asked.thread if inside else None,
        )  # fmt: skip

    def _told(self, taken: Taken, whisper: Whisper) -> None:
        self.wake()
        if taken.incident.joined:
            whisper(text="That failover is known; its card is brought up to date.")

    def _show(self, reply: Reply, asked: Asked, whisper: Whisper) -> None:
        if not self.channels.inside(asked.channel):
            whisper(**render(reply).whispered())
            return
        store, now = self.context.store, self.context.now()
        place = Place(asked.channel, asked.thread)
        with store.writing():
            name = f"answer {asked.key}"
            post = want(store, Wish(name, written(reply), place=place), now)
            for number, card in enumerate(reply.cards):
                if has_picture(card):
                    picture = written(Reply(payload={}, cards=(card,)))
                    below = Place(below=post.id)
                    wish = Wish(f"picture {asked.key} {number}", picture, Kind.PICTURE, place=below)
                    want(store, wish, now)
        self.wake()


class _Telling:
    """A fence around what a person asked for."""

    def __init__(self, whisper: Whisper) -> None:
        self._whisper = whisper

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is None or not isinstance(error, Exception):
            return False
        if isinstance(error, UserError):
            problem = Problem(error.message, error.hint)
        else:
            token = mishap(error)
            problem = Problem(f"Something went wrong here: {token}.", "The log says what.")
        try:
            self._whisper(**render(Reply(payload={}, problems=(problem,))).whispered())
        except (SlackApiError, OSError) as lost:
            mishap(lost)
        return True

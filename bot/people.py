"""What people ask in Slack: commands, mentions, the shortcut. Slack's words in, replies wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.alert_text import mapping, moment, said
from bot.asked import Asked
from bot.asking import Asking
from bot.blocks import render
from bot.channels import Channels, elsewhere
from bot.intake import MOST_CLUSTERS, Intake
from bot.pictures import has_picture
from bot.proposing import Proposing
from bot.whisper import Whisper, telling
from commands.context import Context
from commands.failover import last_failover
from commands.kept import written
from commands.line import FAILOVER, TUNE, Line, answer, read_line
from commands.reply import Reply
from commands.when import read_when
from sources.errors import UserError
from storage.alerts import StoredAlert, Taken, Way
from storage.posts import Kind, Place, Wish, want
from storage.seen import claim

LINES = 200
"""Characters of a command that are repeated when it is acknowledged."""


@dataclass(frozen=True, slots=True)
class People:
    """Answers people."""

    context: Context
    intake: Intake
    channels: Channels
    asking: Asking
    proposing: Proposing
    wake: Callable[[], None]

    def answer(self, asked: Asked, whisper: Whisper) -> None:
        """Answer a command, in the channel where that is possible."""
        with telling(whisper):
            if not claim(self.context.store, asked.key, self.context.now()):
                return
            line = read_line(asked.text)
            if line.name == FAILOVER:
                self._failover(line, asked, whisper)
            elif line.name == TUNE:
                self.proposing.typed(asked, line.args, whisper)
            else:
                self._show(answer(self.context, line), asked, whisper)

    def check_alert(self, asked: Asked, message: Mapping[str, Any], whisper: Whisper) -> None:
        """Check the message that a person pointed at, whatever its words."""
        with telling(whisper):
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

    def _failover(self, line: Line, asked: Asked, whisper: Whisper) -> None:
        name, *time = line.args
        access = self.context.cluster(name)
        now = self.context.now()
        if not self.channels.inside(asked.channel):
            home = elsewhere(self.channels, self.intake.settings, access.name)
            whisper(text=f"I am not in this channel; the answer comes in <#{home}>.")
        if time:
            at = read_when(" ".join(time), now)
        else:
            request = self.asking(access.name, now)
            at = last_failover(request, lambda _source, _name, _state: None, self.context.pull)
        taken = self.intake.take(self._alert(asked, access.name, at, asked.text))
        self._told(taken, whisper)

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

"""What people click on a card: evidence, what if, check again, this is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.people import People, Whisper
from bot.views import loading_view, reply_view, said_in, wrong_view
from commands.check import card_name, prove
from commands.context import Context
from commands.heartbeat import heartbeat
from commands.kept import written
from commands.reply import Reply
from commands.wording import HEADLINES
from sources.errors import UserError
from sources.gather import gather
from storage.checks import want_check
from storage.evidence import material_of
from storage.incidents import incident_of
from storage.opinions import Opinion, add_opinion
from storage.posts import Place, Wish, post_named, want
from storage.seen import claim
from storage.verdicts import revisions
from verdict.judge import judge

if TYPE_CHECKING:
    from slack_sdk import WebClient

GONE = UserError(
    "That incident is not kept any more.", "Ask anew: /stuncheck failover CLUSTER TIME"
)


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a card: by whom, on which incident, on which message."""

    key: str
    user: str
    name: str
    incident: str
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class Clicks:
    """Does what was clicked; everything is decided from storage, never from the card."""

    context: Context
    people: People
    client: "WebClient"
    wake: Callable[[], None]

    def evidence(self, click: Click, whisper: Whisper) -> None:
        """Put the evidence below the card, if it is not there yet."""
        with self.people.telling(whisper):
            store = self.context.store
            found = self._judged(click)
            last = revisions(store, found)[-1]
            before = post_named(store, f"evidence {found} {last.revision}")
            if before is None and last.evidence is not None:
                material = material_of(store, last.evidence)
                about = gather(material, last.judged)
                for verdict in judge(about):
                    prove(self.context, found, last.revision, verdict, about)
            self.wake()
            whisper(text="The evidence is in the thread of the card.", replace_original=False)

    def check_again(self, click: Click, whisper: Whisper) -> None:
        """Have the incident checked once more."""
        with self.people.telling(whisper):
            if not claim(self.context.store, click.key, self.context.now()):
                return
            want_check(self.context.store, self._known(click), self.context.now())
            self.wake()
            whisper(text="It is being checked again.", replace_original=False)

    def what_if(self, click: Click, whisper: Whisper) -> None:
        """Show what other heartbeat values would have survived."""
        opened = self.client.views_open(trigger_id=click.trigger, view=loading_view("What if"))
        with self.people.telling(whisper):
            cluster = incident_of(self.context.store, self._known(click)).cluster
            view = reply_view(f"What if, {cluster}", heartbeat(self.context, cluster))
            self.client.views_update(view_id=opened["view"]["id"], view=view)

    def wrong(self, click: Click, whisper: Whisper) -> None:
        """Ask what the person thinks it was."""
        with self.people.telling(whisper):
            view = wrong_view(self._known(click), "")
            self.client.views_open(trigger_id=click.trigger, view=view)

    def opinion(self, view: dict[str, Any], user: str, name: str, key: str) -> None:
        """Keep what a person thinks, and say it below the card."""
        store, now = self.context.store, self.context.now()
        incident, blame, why = said_in(view)
        if not claim(store, key, now):
            return
        revision = len(revisions(store, incident))
        with store.writing():
            add_opinion(store, Opinion(incident, revision, user, now, blame, why))
            post = post_named(store, card_name(incident))
            if post:
                words = f'{name} says: {HEADLINES[blame]}. "{why}"'
                ours = "It is kept beside the verdict above."
                reply = written(Reply(payload={}, closing=(words, ours)))
                want(store, Wish(f"opinion {key}", reply, place=Place(below=post.id)), now)
        self.wake()

    def _known(self, click: Click) -> str:
        try:
            return incident_of(self.context.store, click.incident).id
        except KeyError:
            raise GONE from None

    def _judged(self, click: Click) -> str:
        found = self._known(click)
        if not revisions(self.context.store, found):
            raise UserError("There is no verdict yet.", "It stands on the card when it is there.")
        return found

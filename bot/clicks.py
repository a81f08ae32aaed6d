"""What people click on a card: evidence, what if, check again, this is wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.modals import Modals
from bot.views import Said, wrong_view
from bot.whisper import Whisper, telling
from commands.check import ask_again, card_name, prove
from commands.context import Context
from commands.kept import written
from commands.reply import Reply
from commands.settle import Settled
from commands.wording import HEADLINES
from sources.errors import UserError
from sources.gather import gather
from storage.evidence import material_of
from storage.incidents import incident_of
from storage.opinions import Opinion, add_opinion
from storage.posts import Place, Wish, post_named, want
from storage.seen import claim
from storage.verdicts import revisions
from verdict.judge import judge

GONE = UserError(
    "That incident is not kept any more.", "Ask anew: /stuncheck failover CLUSTER TIME"
)


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a card, or what came of it: by whom, on what, in which channel.

    `subject` is the id of the incident or the proposal, `key` is the same if it is delivered
    again, `teams` are the workspaces that Slack names for the person.
    """

    key: str
    user: str
    name: str
    subject: str
    trigger: str = ""
    channel: str = ""
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clicks:
    """Does what was clicked; everything is decided from storage, never from the card."""

    context: Context
    modals: Modals
    wake: Callable[[], None]

    def evidence(self, click: Click, whisper: Whisper) -> None:
        """Put the evidence below the card, if it is not there yet."""
        with telling(whisper):
            store = self.context.store
            found = self._judged(click)
            last = revisions(store, found)[-1]
            if last.evidence is not None:
                about = gather(material_of(store, last.evidence), last.judged)
                incident = incident_of(store, found)
                for verdict in judge(about):
                    one = Settled(incident, verdict, last.revision, "", kept=True)
                    prove(self.context, one, about, asked=True)
            self.wake()
            whisper(text="The evidence is in the thread of the card.", replace_original=False)

    def check_again(self, click: Click, whisper: Whisper) -> None:
        """Have the incident checked once more."""
        with telling(whisper):
            if not claim(self.context.store, click.key, self.context.now()):
                return
            ask_again(self.context, self._known(click))
            self.wake()
            whisper(text="It is being checked again.", replace_original=False)

    def wrong(self, click: Click, whisper: Whisper) -> None:
        """Ask what the person thinks it was."""
        with telling(whisper):
            self.modals.open(click.trigger, wrong_view(self._known(click), click.channel))

    def opinion(self, said: Said, by: Click, whisper: Whisper) -> None:
        """Keep what a person thinks, and say it below the card."""
        store, now = self.context.store, self.context.now()
        with telling(whisper), store.writing():
            if not claim(store, by.key, now):
                return
            revision = len(revisions(store, said.incident))
            try:
                add_opinion(
                    store, Opinion(said.incident, revision, by.user, now, said.blame, said.why)
                )
            except KeyError:
                raise GONE from None
            post = post_named(store, card_name(said.incident))
            if post:
                words = f'{by.name} says: {HEADLINES[said.blame]}. "{said.why}"'
                ours = "It is kept beside the verdict above."
                reply = written(Reply(payload={}, closing=(words, ours)))
                want(store, Wish(f"opinion {by.key}", reply, place=Place(below=post.id)), now)
        self.wake()

    def _known(self, click: Click) -> str:
        try:
            return incident_of(self.context.store, click.subject).id
        except KeyError:
            raise GONE from None

    def _judged(self, click: Click) -> str:
        found = self._known(click)
        if not revisions(self.context.store, found):
            raise UserError("There is no verdict yet.", "It stands on the card when it is there.")
        return found

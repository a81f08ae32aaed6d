"""What people click on a proposal: approve, reject, revert, keep; and what they type as reason."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.clicks import Click
from bot.members import Members
from bot.modals import Modals
from bot.reason_view import Reason, Reasoned, reason_view
from bot.whisper import Whisper, telling
from commands.change import carry_out
from commands.cluster_change import Change
from commands.context import Context
from commands.decide import Click as Act
from commands.decide import approve, needs_glass, reject
from commands.revert import keep, revert
from storage.proposal_steps import LostRaceError
from storage.proposals import State


@dataclass(frozen=True, slots=True)
class Deciding:
    """Does what was clicked. Who may is read at the click, never from the card."""

    context: Context
    change: Change
    members: Members
    modals: Modals
    told: Callable[[], None]
    """Has Slack told of the steps that were taken."""

    def approve(self, click: Click, whisper: Whisper) -> None:
        """Approve and carry out; who may do so only alone is asked for the reason first."""
        with telling(whisper):
            act = self._act(click)
            if needs_glass(self.context, act):
                view = reason_view(Reason.BREAK_GLASS, click.subject, click.channel)
                self.modals.open(click.trigger, view)
            else:
                self._approve(act)

    def revert(self, click: Click, whisper: Whisper) -> None:
        """Put a change back."""
        with telling(whisper):
            try:
                revert(self.context, self._act(click), self.change)
            finally:
                self.told()

    def ask(self, reason: Reason, click: Click, whisper: Whisper) -> None:
        """Ask for a reason; whether the person may is decided when it was given."""
        with telling(whisper):
            self.modals.open(click.trigger, reason_view(reason, click.subject, click.channel))

    def reasoned(self, reason: Reason, said: Reasoned, click: Click, whisper: Whisper) -> None:
        """Do what a reason was typed for."""
        with telling(whisper):
            act = self._act(click)
            if reason is Reason.BREAK_GLASS:
                self._approve(act, said.why)
                return
            try:
                if reason is Reason.KEEP:
                    keep(self.context, act, said.why, self.change)
                else:
                    reject(self.context, act, said.why)
            finally:
                self.told()

    def _approve(self, act: Act, break_glass: str | None = None) -> None:
        try:
            done = approve(self.context, act, self.change, break_glass=break_glass)
            if done.state is State.APPROVED:
                self.told()
                with suppress(LostRaceError):  # then somebody else has done it, and it is told
                    carry_out(self.context, done.id, self.change)
        finally:
            self.told()

    def _act(self, click: Click) -> Act:
        who = self.members.person(click.user, click.name)
        return Act(click.subject, who, self.members.rights(click.teams), click.key)

"""How people come to a proposal: a line with everything in it, or a form that shows the effect."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.asked import Asked
from bot.bot_settings import SlackSettings
from bot.channels import Channels, elsewhere
from bot.clicks import GONE, Click
from bot.members import Members
from bot.modals import Modals
from bot.tune_view import FormError, Spot, Typed, choose_view, tune_view
from bot.views import loading_view, said_view
from bot.whisper import Whisper, telling
from commands import tune as command
from commands.cluster_change import Change
from commands.context import Context
from commands.decide import found_by
from commands.proposal_card import change_words
from commands.tune_form import tune_form
from commands.wanted import USAGE, read_wanted
from sources.errors import UserError
from storage.incidents import incident_of
from storage.posts import ANYWHERE, Place
from storage.proposals import Proposal
from storage.seen import claim

READING = "The cluster is asked for its values."

DECIDED = "An approver decides on the card; you may reject it yourself."

BEHIND = 0.5
"""Seconds after a form was acknowledged before it shows the answer. The acknowledgement makes it
say READING, by another way than the answer; were it later, it would say so for ever."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """Takes wishes, shows forms, proposes. What is proposed is read from the cluster anew."""

    context: Context
    change: Change
    members: Members
    modals: Modals
    channels: Channels
    settings: SlackSettings
    told: Callable[[], None]
    """Has Slack told of what was proposed."""

    def typed(self, asked: Asked, words: Sequence[str], whisper: Whisper) -> None:
        """Take `tune`: propose where a reason was given, else show the form. Raises UserError."""
        spot = Spot(channel=asked.channel, thread=asked.thread or "")
        if not words:
            names = [access.name for access in self.context.site.clusters]
            self.modals.open(_trigger(asked), choose_view(names, spot))
            return
        spot = replace(spot, cluster=self.context.cluster(words[0]).name)
        wanted = read_wanted(" ".join(words[1:])) if words[1:] else None
        typed = Typed(wanted.values, wanted.lasts, wanted.why) if wanted else None
        if typed is None or not typed.why:
            self._show(_trigger(asked), spot, typed)
            return
        made = self._propose(spot, typed, Click(asked.key, asked.user, asked.name, "",
                                                teams=asked.teams))  # fmt: skip
        whisper(text=self._where(made, spot))

    def of_incident(self, click: Click, whisper: Whisper) -> None:
        """Show the form of the cluster that an incident happened to."""
        with telling(whisper):
            try:
                incident = incident_of(self.context.store, click.subject)
            except KeyError:
                raise GONE from None
            spot = Spot(incident.cluster, incident.id, click.channel)
            self._show(click.trigger, spot)

    def of_proposal(self, click: Click, whisper: Whisper) -> None:
        """Show the form with what was proposed already."""
        with telling(whisper):
            old = found_by(self.context, click.subject)
            spot = Spot(old.cluster, old.incident or "", click.channel)
            self._show(click.trigger, spot, Typed(old.wanted, old.lasts, old.why))

    def fill(
        self, view: Mapping[str, Any], spot: Spot, values: Mapping[str, int] | FormError, act: str
    ) -> None:
        """Show what the values that stand in a form would do, or why they cannot be."""
        if isinstance(values, FormError):
            form, trouble = tune_form(self.context, spot.cluster, {}), str(values)
        else:
            form, trouble = tune_form(self.context, spot.cluster, values), ""
        self.modals.change(view["id"], tune_view(form, spot, trouble=trouble), act)

    def usual(self, view: Mapping[str, Any], spot: Spot, key: str, act: str) -> None:
        """Fill usual values in."""
        form = tune_form(self.context, spot.cluster, usual=key)
        self.modals.change(view["id"], tune_view(form, replace(spot, turn=spot.turn + 1)), act)

    def cluster(self, view: Mapping[str, Any], spot: Spot, name: str) -> None:
        """Show the form of a cluster that was chosen."""
        with telling(self._trouble(view["id"])):
            found = replace(spot, cluster=self.context.cluster(name).name)
            self.modals.change(view["id"], tune_view(tune_form(self.context, name), found))

    def submitted(self, view: Mapping[str, Any], spot: Spot, typed: Typed, by: Click) -> None:
        """Propose what was filled in, once; what is refused comes back, and nothing is lost."""
        acknowledged = time.monotonic()

        def show(body: dict[str, Any]) -> None:
            time.sleep(max(0.0, acknowledged + BEHIND - time.monotonic()))
            self.modals.change(view["id"], body)

        def again(text: str, blocks: object = ()) -> None:
            del blocks
            form = tune_form(self.context, spot.cluster, typed.values)
            show(tune_view(form, replace(spot, turn=spot.turn + 1), typed, text))

        with telling(again):
            if not claim(self.context.store, by.key, self.context.now()):
                return
            made = self._propose(spot, typed, by)
            show(said_view("Proposed", f"{change_words(made)} on {made.cluster}. {DECIDED}"))

    def _propose(self, spot: Spot, typed: Typed, by: Click) -> Proposal:
        who, rights = self.members.person(by.user, by.name), self.members.rights(by.teams)
        asked = command.Asked(
            spot.cluster, typed.values, typed.why, who, typed.lasts, spot.incident or None,
            self._place(spot),
        )  # fmt: skip
        made = command.tune(self.context, asked, rights, self.change)
        self.told()
        return made

    def _place(self, spot: Spot) -> Place:
        """Say where the card goes: where it was asked for, or else into the cluster's channel."""
        if self._can_be_seen(spot.channel):
            return Place(spot.channel, spot.thread or None)
        elsewhere(self.channels, self.settings, spot.cluster)
        return ANYWHERE

    def _can_be_seen(self, channel: str) -> bool:
        """Whether approvers may see what is posted there: not what stands between two."""
        return channel[:1] not in {"", "D"} and self.channels.inside(channel)

    def _where(self, made: Proposal, spot: Spot) -> str:
        if self._can_be_seen(spot.channel):
            return f"Proposed: {change_words(made)}. {DECIDED}"
        home = elsewhere(self.channels, self.settings, made.cluster)
        return f"Proposed: {change_words(made)}. The card comes in <#{home}>."

    def _show(self, trigger: str, spot: Spot, typed: Typed | None = None) -> None:
        """Open a form at once, and fill it when what is stored was read."""
        ident = self.modals.open(trigger, loading_view(f"Tune {spot.cluster}"))
        with telling(self._trouble(ident)):
            form = tune_form(self.context, spot.cluster, typed.values if typed else None)
            self.modals.change(ident, tune_view(form, spot, typed))

    def _trouble(self, ident: str) -> Whisper:
        """Have a modal say what went wrong."""

        def said(text: str, blocks: object = ()) -> None:
            del blocks
            self.modals.change(ident, said_view("Tune", text))

        return said


def _trigger(asked: Asked) -> str:
    """Give what opens a form. Raises UserError where Slack gave none, in a thread."""
    if not asked.trigger:
        raise UserError("Here there is no form; the line has to say everything.", USAGE)
    return asked.trigger

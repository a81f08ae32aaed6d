"""Tuning over real Bolt: asked for by one, approved by another, applied, read back, put back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.bot_settings import TuningSettings
from bot.members import SHARED
from demo.recorded import Recorded as PulledRecorded
from demo.slack.message import Message
from demo.slack.pace import Fault
from demo.slack.user import Group
from demo.slack.view import View
from demo.slack.workspace import Workspace
from demo.stories import CHANNEL
from demo.values import RecordedValues
from storage.audit import entries
from storage.bookmarks import set_bookmarks
from storage.proof import verify
from storage.proposal_rows import proposals_of
from storage.proposals import Proposal, State
from storage.times import micros
from tests.commands.tuned import Recorded
from tests.stories.bot_scene import SOON, BotScene, bot_scene, post_name, words

LINE = "tune SQLAG01 SameSubnetThreshold=15 because the stuns reach 12.4 s"
CAUSED = "Backup caused this failover"
BOT = "<@U0BOT>"


@dataclass(slots=True)
class Tuned:
    """A scene with a cluster whose values can be set; ben and chris approve, as a group."""

    scene: BotScene
    live: Recorded
    group: Group

    @property
    def workspace(self) -> Workspace:
        return self.scene.workspace

    def proposal(self, state: State = State.PROPOSED) -> Proposal:
        """Wait until the last proposal is in a state."""

        def found() -> Proposal | None:
            last = proposals_of(self.scene.store, most=1)
            return last[0] if last and last[0].state is state else None

        return self.workspace.waits(found, f"a proposal that is {state}", SOON)

    def card(self, said: str, key: str = "", channel: str = CHANNEL) -> Message:
        """Wait until the card of the last proposal, or of another, says so."""
        self.last()

        def found() -> Message | None:
            name = f"proposal {key or self.last().id}"
            mine = [one for one in self.scene.ours(channel) if post_name(one) == name]
            assert len(mine) <= 1
            return next((one for one in mine if said in one.words), None)

        return self.workspace.waits(found, f"{said!r} on a proposal", SOON)

    def last(self) -> Proposal:
        def found() -> Proposal | None:
            return next(iter(proposals_of(self.scene.store, most=1)), None)

        return self.workspace.waits(found, "a proposal", SOON)

    def thread(self, card: Message, said: str) -> Message:
        """Wait for a message in a card's thread."""

        def found() -> Message | None:
            every = self.workspace.thread(card)
            return next((one for one in every if said in one.words), None)

        return self.workspace.waits(found, f"{said!r} in the thread", SOON)

    def clicks(self, user: str, card: Message, button: str) -> None:
        self.workspace.waits_for_answer(self.workspace.clicks(user, card, button))

    def modal(self, user: str, said: str) -> View:
        """Wait for a modal that says so."""

        def found() -> View | None:
            view = self.workspace.modal(user)
            return view if view and said in words(view) else None

        return self.workspace.waits(found, f"a modal that says {said!r}", SOON)

    def asked(self, line: str = LINE, user: str = "anna", channel: str = CHANNEL) -> Message:
        """Have somebody propose; give the card."""
        self.scene.types(user, line, channel)
        return self.card("Proposed", channel=channel)

    def applied(self, line: str = LINE) -> Message:
        card = self.asked(line)
        self.clicks("ben", card, "approve")
        return self.card("Applied")

    def refused(self) -> list[str]:
        every = entries(self.scene.store)
        return [one.what for one in every if one.what.endswith("_refused")]


@contextmanager
def tuned(
    *, propose: bool = False, requesters: tuple[str, ...] = (), glass: tuple[str, ...] = ()
) -> Iterator[Tuned]:
    live = Recorded()
    groups: list[Group] = []

    def settings(workspace: Workspace) -> TuningSettings:
        groups.append(workspace.adds_group("dba", [workspace.user("ben"), workspace.user("chris")]))
        return TuningSettings(
            approver_groups=frozenset({groups[0].id}),
            requesters=frozenset(workspace.user(name).id for name in requesters),
            break_glass=frozenset(workspace.user(name).id for name in glass),
            propose=propose,
        )

    with bot_scene(past=True, tuning=settings, change=live.change) as scene:
        yield Tuned(scene, live, groups[0])
        assert verify(scene.store) is None
        assert "mishap" not in scene.log.getvalue()


@pytest.fixture
def told() -> Iterator[Tuned]:
    with tuned() as made:
        yield made


def test_from_the_line_to_the_values_and_back(told: Tuned) -> None:
    card = told.asked()
    assert b"stuncheck_proposals_waiting 1.0" in told.scene.bot.metrics.text()
    assert not card.is_reply
    assert "SameSubnetThreshold 10 to 15" in card.words
    assert f"<!subteam^{told.group.id}>" in repr(card.blocks)
    assert told.live.sent == []
    told.clicks("ben", card, "approve")
    card = told.card("Applied")
    assert told.live.values["SameSubnetThreshold"] == 15
    assert f"<!subteam^{told.group.id}>" not in repr(card.blocks)
    told.thread(card, "ben approved SameSubnetThreshold 10 to 15 on SQLAG01, asked for by anna.")
    told.thread(card, "Applied and read back")
    told.clicks("anna", card, "revert")
    told.card("Reverted")
    told.thread(card, "Put back and read")
    assert told.live.values["SameSubnetThreshold"] == 10


def test_from_a_verdict_over_the_form_into_the_thread_of_the_failover(told: Tuned) -> None:
    alerts = told.scene.plays("removal-stun")
    verdict = told.scene.card(alerts, CAUSED)
    told.clicks("anna", verdict, "what_if")
    view = told.modal("anna", "Microsoft relaxed")
    told.workspace.submits(view, {"why": "12.4 s again", "lasts": "480min"})
    card = told.card("Proposed")
    assert card.thread_ts == verdict.thread_ts
    told.modal("anna", "An approver decides")
    made = told.last()
    assert (made.why, made.lasts, made.incident) == (
        "12.4 s again", timedelta(hours=8), post_name(verdict).split()[1],
    )  # fmt: skip
    told.clicks("chris", card, "approve")
    assert told.card("Applied").thread_ts == verdict.thread_ts


def test_a_verdict_stands_when_it_is_checked_again_after_the_values_were_raised() -> None:
    values = RecordedValues(pace=0)

    def pull(recorded: PulledRecorded) -> PulledRecorded:
        recorded.values = values
        return recorded

    def settings(workspace: Workspace) -> TuningSettings:
        return TuningSettings(approvers=frozenset({workspace.user("ben").id}))

    with bot_scene(past=True, tuning=settings, change=values.change, pull=pull) as scene:
        told = Tuned(scene, Recorded(), Group("S0", "none"))
        verdict = scene.card(scene.plays("removal-stun"), CAUSED)
        told.clicks("ben", told.asked(LINE.replace("=15", "=20")), "approve")
        told.card("Applied")
        told.clicks("anna", verdict, "check_again")
        scene.whispers("anna", "It is being checked again.")
        scene.quiet()
        card = told.workspace.now(verdict)
        assert CAUSED in card.words
        assert "SameSubnetThreshold 10)" in card.words
        assert "nothing new" in card.words


def test_the_form_says_the_effect_while_it_is_filled_in(told: Tuned) -> None:
    told.scene.types("anna", "tune SQLAG01")
    view = told.modal("anna", "Effect")
    block = field(view, "SameSubnetThreshold")
    told.workspace.clicks("anna", view, "tune_value", "12", block, {block: "12"})
    view = told.modal("anna", "tolerate 12.0 s of silence instead of 10.0 s")
    told.workspace.clicks("anna", view, "tune_value", "5", block, {block: "5"})
    view = told.modal("anna", "Forbidden")
    told.workspace.clicks("anna", view, "tune_value", "500", block, {block: "500"})
    told.modal("anna", "takes whole numbers from 3 to 120")


def test_usual_values_are_filled_in(told: Tuned) -> None:
    told.scene.types("anna", "tune SQLAG01")
    view = told.modal("anna", "Effect")
    told.workspace.clicks("anna", view, "tune_usual", "relaxed")
    view = told.modal("anna", "tolerate 40.0 s")
    element = next(b for b in view.blocks if b["block_id"] == field(view, "SameSubnetThreshold"))
    assert element["element"]["initial_value"] == "40"


def test_a_cluster_is_chosen_where_none_was_named(told: Tuned) -> None:
    told.scene.types("anna", "tune")
    view = told.workspace.waits(lambda: told.workspace.modal("anna"), "the modal", SOON)
    told.workspace.clicks("anna", view, "tune_cluster", "SQLAG02")
    told.modal("anna", "Effect")
    assert view.title == "Tune"


def test_what_a_rule_forbids_comes_back_in_the_form_and_nothing_is_lost(told: Tuned) -> None:
    told.scene.types("anna", "tune SQLAG01 SameSubnetThreshold=5 for 8h")
    view = told.modal("anna", "Forbidden")
    told.workspace.submits(view, {"why": "an experiment"})
    view = told.modal("anna", "Nothing was done")
    inputs = repr([block for block in view.blocks if block["type"] == "input"])
    assert "an experiment" in inputs
    assert "for 8 h" in inputs
    assert proposals_of(told.scene.store) == ()


def test_a_form_that_is_delivered_twice_proposes_once(told: Tuned) -> None:
    told.scene.types("anna", "tune SQLAG01")
    view = told.modal("anna", "Effect")
    delivery = told.workspace.submits(view, {"why": "12.4 s"})
    told.card("Proposed")
    told.workspace.waits_for_answer(told.workspace.redelivers(delivery))
    told.scene.types("anna", "nonsense")  # what was asked after it is answered after it
    told.scene.whispers("anna", "There is no command nonsense.")
    assert len(proposals_of(told.scene.store)) == 1


def test_a_number_that_cannot_be_is_marked_in_the_form(told: Tuned) -> None:
    told.scene.types("anna", "tune SQLAG01")
    view = told.modal("anna", "Effect")
    block = field(view, "SameSubnetDelay")
    told.workspace.waits_for_answer(told.workspace.submits(view, {"why": "x", block: "99999"}))
    shown = told.workspace.modal("anna")
    assert shown
    assert "takes whole numbers from 250 to 2000" in shown.errors[block]


def field(view: View, name: str) -> str:
    ids = [str(block["block_id"]) for block in view.blocks]
    return next(one for one in ids if one.startswith(f"{name} "))


def test_in_a_thread_the_line_says_everything_or_is_told_how(told: Tuned) -> None:
    talk = told.workspace.says("anna", CHANNEL, f"{BOT} tune SQLAG01 SameSubnetThreshold=15")
    told.scene.whispers("anna", "Here there is no form")
    told.workspace.says("anna", CHANNEL, f"{BOT} {LINE}", talk)
    assert told.card("Proposed").thread_ts == talk.ts


def test_asked_where_we_are_not_the_card_goes_to_the_clusters_channel(told: Tuned) -> None:
    told.scene.types("anna", LINE, "elsewhere")
    told.scene.whispers("anna", "The card comes in <#", "elsewhere")
    told.card("Proposed")


def test_a_proposal_is_not_hidden_in_a_storm_of_failovers(told: Tuned) -> None:
    now, channel = told.scene.clock(), told.workspace.channel(CHANNEL).id
    key = f"storm {channel}"
    set_bookmarks(told.scene.store, {key: f"{key} 1 {micros(now)}"}, now)
    told.scene.types("anna", LINE, "elsewhere")
    assert not told.card("Proposed").is_reply


def test_asked_between_two_it_comes_where_approvers_see_it(told: Tuned) -> None:
    talk = told.workspace.team.direct(told.workspace.user("anna").id)
    told.workspace.slash("anna", talk, f"/stuncheck {LINE}")
    told.card("Proposed")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tune NOWHERE SameSubnetThreshold=15 because x", "There is no cluster NOWHERE"),
        ("tune SQLAG01 SameSubnetTreshold=15 because x", "Perhaps SameSubnetThreshold is meant"),
        ("tune SQLAG01 SameSubnetThreshold=$(calc) because x", "takes whole numbers"),
        ("tune SQLAG01 SameSubnetThreshold=10 because x", "has these values already"),
        ("tune SQLAG01 SameSubnetThreshold=5 because x", "R4"),
        ("tune SQLAG01 SameSubnetThreshold=15 for 9y because x", "from 5min to 30d"),
    ],
)
def test_what_cannot_be_asked_for_is_told(told: Tuned, line: str, said: str) -> None:
    told.scene.types("anna", line)
    told.scene.whispers("anna", said)
    assert proposals_of(told.scene.store) == ()


def test_the_requester_cannot_approve(told: Tuned) -> None:
    card = told.asked(user="ben")
    told.clicks("ben", card, "approve")
    told.scene.whispers("ben", "Nobody approves what they asked for themselves.")
    assert told.proposal().state is State.PROPOSED
    assert told.refused() == ["approve_refused"]


def test_nobody_else_can_either_and_a_removed_member_no_longer(told: Tuned) -> None:
    card = told.asked()
    members = told.group.users
    told.workspace.team.groups[told.group.id] = replace(told.group, users=members[1:])
    time.sleep(SHARED)
    told.clicks("ben", card, "approve")
    told.scene.whispers("ben", "You may not approve changes.")
    assert told.proposal().state is State.PROPOSED
    told.clicks("chris", card, "approve")
    told.card("Applied")


def test_a_group_that_cannot_be_read_gives_nobody_a_right(told: Tuned) -> None:
    card = told.asked()
    time.sleep(SHARED)
    told.workspace.fails(Fault("usergroups.users.list", "no_such_subteam"))
    told.clicks("ben", card, "approve")
    told.scene.whispers("ben", "could not be read: Slack says no_such_subteam")
    assert told.proposal().state is State.PROPOSED


def test_somebody_of_another_workspace_does_nothing_and_is_recorded(told: Tuned) -> None:
    card = told.asked()
    team = told.workspace.team
    home, team.id = team.id, "T0FOREIGN"
    told.clicks("ben", card, "approve")
    team.id = home
    told.scene.whispers("ben", "You belong to another workspace")
    assert told.refused() == ["approve_refused"]


def test_a_forged_proposal_is_refused_and_recorded(told: Tuned) -> None:
    card = told.asked()
    forged = replace(card, blocks=tuple(_forged(block) for block in card.blocks))
    told.clicks("ben", forged, "approve")
    told.scene.whispers("ben", "There is no such proposal.")
    assert told.refused() == ["approve_refused"]
    assert told.live.sent == []


def _forged(block: dict[str, object]) -> dict[str, object]:
    if block["type"] != "actions":
        return block
    elements = block["elements"]
    assert isinstance(elements, list)
    return block | {"elements": [one | {"value": "0" * 32} for one in elements]}


def test_a_click_that_is_delivered_again_does_nothing_and_is_recorded(told: Tuned) -> None:
    card = told.asked()
    delivery = told.workspace.clicks("ben", card, "approve")
    told.card("Applied")
    told.workspace.waits_for_answer(told.workspace.redelivers(delivery))
    told.scene.whispers("ben", "This click came twice")
    assert told.live.sent == [{"SameSubnetThreshold": 15}]
    assert told.refused() == ["approve_refused"]


def test_fifty_clicks_at_once_apply_once(told: Tuned) -> None:
    card = told.asked()
    sent = [told.workspace.clicks(("ben", "chris")[n % 2], card, "approve") for n in range(50)]
    for one in sent:
        told.workspace.waits_for_answer(one, SOON)
    told.card("Applied")
    told.workspace.waits(lambda: len(told.refused()) == 49 or None, "49 refusals", SOON)
    assert told.live.sent == [{"SameSubnetThreshold": 15}]


def test_a_rejection_carries_its_reason_and_its_name(told: Tuned) -> None:
    card = told.asked()
    told.clicks("ben", card, "reject")
    view = told.modal("ben", "Nothing is changed on the cluster.")
    told.workspace.submits(view, {"why": "not tonight"})
    told.card("Rejected")
    told.thread(card, "ben rejected SameSubnetThreshold 10 to 15 on SQLAG01: not tonight")
    told.clicks("chris", card, "approve")
    told.scene.whispers("chris", "is rejected by now")


def test_glass_is_broken_with_a_typed_reason_and_everyone_is_told() -> None:
    with tuned(glass=("anna",)) as told:
        card = told.asked()
        told.clicks("anna", card, "approve")
        view = told.modal("anna", "without a second person")
        assert told.live.sent == []
        told.workspace.submits(view, {"why": "2 a.m., the third failover"})
        told.card("Applied")
        line = told.thread(card, "anna broke the glass and approved")
        assert f"<!subteam^{told.group.id}>" in repr(line.blocks)


def test_drift_is_refused_with_a_fresh_card_in_its_place(told: Tuned) -> None:
    card = told.asked()
    old = told.last()
    told.live.values["SameSubnetThreshold"] = 12
    told.clicks("ben", card, "approve")
    fresh = told.card("SameSubnetThreshold 12 to 15")
    told.card("Superseded", old.id)
    told.thread(card, "ben did not approve it: somebody changed the values meanwhile")
    assert told.live.sent == []
    told.clicks("ben", fresh, "approve")
    told.card("Applied")


def test_a_change_for_a_time_goes_back_by_itself(told: Tuned) -> None:
    card = told.applied(LINE.replace("because", "for 8h because"))
    told.scene.passes(timedelta(hours=8, minutes=1))
    told.workspace.waits(
        lambda: told.live.values["SameSubnetThreshold"] == 10 or None, "the revert",
        timedelta(seconds=20),
    )  # fmt: skip
    told.card("Reverted")
    told.thread(card, "Put back and read")


def test_somebodys_hand_is_asked_about_and_kept_with_a_reason(told: Tuned) -> None:
    card = told.applied()
    told.live.values["SameSubnetThreshold"] = 30
    told.clicks("ben", card, "revert")
    card = told.card("somebody changed it meanwhile")
    assert b"stuncheck_changes_in_doubt 1.0" in told.scene.bot.metrics.text()
    assert told.live.values["SameSubnetThreshold"] == 30
    told.clicks("ben", card, "keep")
    view = told.modal("ben", "The cluster stays as it is")
    told.workspace.submits(view, {"why": "30 is right"})
    told.card("Left as it is")


def test_only_requesters_propose_where_there_are_some() -> None:
    with tuned(requesters=("ben",)) as told:
        told.scene.types("anna", LINE)
        told.scene.whispers("anna", "You may not propose changes.")


def test_a_cluster_that_does_not_answer_is_told_and_nothing_is_lost(told: Tuned) -> None:
    told.live.down = True
    told.scene.types("anna", "tune SQLAG01 SameSubnetThreshold=15")
    view = told.modal("anna", "Effect")
    told.workspace.submits(view, {"why": "12.4 s"})
    view = told.modal("anna", "it does not answer")
    told.live.down = False
    told.workspace.submits(view)
    told.card("Proposed")


def test_a_verdict_against_a_stun_proposes_by_itself_if_that_is_configured() -> None:
    with tuned(propose=True) as told:
        alerts = told.scene.plays("removal-stun")
        verdict = told.scene.card(alerts, CAUSED)
        card = told.thread(verdict, "Proposed: SameSubnetThreshold")
        assert "stuncheck" in card.words
        told.clicks("ben", card, "approve")
        told.card("Applied")


def test_who_did_what_is_told_by_the_audit(told: Tuned) -> None:
    told.applied()
    told.scene.types("anna", "audit SQLAG01")
    said = told.scene.says("4 entries of SQLAG01")
    assert all(word in said.words for word in ("proposed", "approved", "applied"))


def test_names_and_reasons_ping_nobody(told: Tuned) -> None:
    card = told.asked(f"{LINE} <!channel> <@U0BOT> *bold* `code`")
    assert "<!channel" not in repr(card.blocks)
    assert "&lt;!channel&gt;" in repr(card.blocks)

"""Who may do what is asked of Slack at the click, and what cannot be read gives nobody a right."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread

import pytest
from slack_sdk import WebClient

from bot import members
from bot.bot_settings import TuningSettings
from bot.members import Members
from demo.slack.pace import Fault
from demo.slack.user import Group, User
from demo.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Office:
    """A workspace with two people and a group of one of them."""

    workspace: Workspace
    anna: User
    ben: User
    group: Group

    def members(self, tuning: TuningSettings) -> Members:
        client = WebClient(self.workspace.team.bot_token, base_url=self.workspace.api_url)
        return Members(client, tuning, frozenset({self.workspace.team.id}))

    def reads(self) -> int:
        return self.workspace.calls("usergroups.users.list")


@pytest.fixture
def office() -> Iterator[Office]:
    with Workspace() as workspace:
        anna, ben = workspace.adds_user("anna"), workspace.adds_user("ben")
        yield Office(workspace, anna, ben, workspace.adds_group("dba", [ben]))


def test_without_any_setting_nobody_approves_and_everybody_may_propose(office: Office) -> None:
    rights = office.members(TuningSettings()).rights()
    assert (rights.approvers, rights.requesters) == (frozenset(), None)


def test_people_and_the_members_of_groups_approve(office: Office) -> None:
    tuning = TuningSettings(frozenset({office.anna.id}), frozenset({office.group.id}))
    found = office.members(tuning)
    assert found.rights().approvers == {office.anna.id, office.ben.id}
    assert found.called == (office.anna.id, office.group.id)


def test_a_group_that_cannot_be_read_breaks_no_other_and_is_said(office: Office) -> None:
    tuning = TuningSettings(frozenset({office.anna.id}), frozenset({"S0GONE", office.group.id}))
    rights = office.members(tuning).rights()
    assert rights.approvers == {office.anna.id, office.ben.id}
    assert "S0GONE could not be read: Slack says no_such_subteam" in rights.doubt


def test_a_group_of_requesters_that_cannot_be_read_lets_nobody_propose(office: Office) -> None:
    rights = office.members(TuningSettings(requester_groups=frozenset({"S0GONE"}))).rights()
    assert rights.requesters == frozenset()


def test_slack_that_cannot_be_reached_gives_nobody_a_right(office: Office) -> None:
    found = office.members(TuningSettings(approver_groups=frozenset({office.group.id})))
    office.workspace.fails(Fault("usergroups.users.list", "internal_error", status=500))
    assert found.rights().approvers == frozenset()


def test_clicks_at_once_share_a_look_and_later_ones_have_their_own(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = office.members(TuningSettings(approver_groups=frozenset({office.group.id})))
    clicks = [Thread(target=found.rights) for _ in range(20)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert office.reads() == 1
    monkeypatch.setattr(members, "SHARED", 0.0)
    found.rights()
    assert office.reads() == 2


@pytest.mark.parametrize(("teams", "foreign"), [((), False), (("T0STANDIN",), False),
                                                (("T0OTHER",), True)])  # fmt: skip
def test_another_workspace_is_told_from_ours(
    office: Office, teams: tuple[str, ...], *, foreign: bool
) -> None:
    assert office.members(TuningSettings()).rights(teams).foreign is foreign


def test_a_name_is_asked_for_once_and_the_id_stays(office: Office) -> None:
    found = office.members(TuningSettings())
    for _ in range(3):
        assert (found.person(office.ben.id).id, found.person(office.ben.id).name) == (
            office.ben.id, "ben",
        )  # fmt: skip
    assert office.workspace.calls("users.info") == 1


@pytest.mark.parametrize(("sent", "shown"), [("benny", "benny"), ("", "U0GONE")])
def test_who_slack_does_not_know_is_called_as_they_came(
    office: Office, sent: str, shown: str
) -> None:
    assert office.members(TuningSettings()).person("U0GONE", sent).name == shown

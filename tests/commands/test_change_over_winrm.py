"""The same over real pywinrm and NTLM, from the proposal to the values read back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from commands.change import carry_out
from commands.context import Context
from commands.decide import approve
from commands.due import due
from commands.tune import Asked, tune
from sources.access import Site
from storage.proposal_rows import proposal_of
from storage.proposals import State
from storage.store import Store
from tests.commands.stored import cluster, fill, nightly
from tests.commands.tuned import ANNA, HOUR, RIGHTS, Recorded, Story
from tests.peers.cluster_model import Faults
from tests.peers.winrm_scene import Scene, running


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with running(tmp_path) as made:
        made.access = replace(made.access, hosts=("127.0.0.1", "127.0.0.2"))
        yield made
        made.server.closing.set()
        assert made.server.settled()


@pytest.fixture
def wired(scene: Scene, tmp_path: Path) -> Iterator[Story]:
    """Give a story over real pywinrm and NTLM."""
    live = Recorded()
    with Store.open(tmp_path / "stuncheck.db") as store:
        context = Context(Site((scene.access,)), store, lambda: live.now)
        fill(context, cluster(20, "Windows Server 2019"), *nightly(0.4, 22.0))
        yield Story(context, live)


def over_the_wire(told: Story) -> str:
    """Propose and approve."""
    asked = Asked("SQLAG01", WIRED, "stun of 22 s", ANNA, HOUR)
    key = tune(told.context, asked, RIGHTS).id
    return approve(told.context, told.click(key)).id


WIRED = {"SameSubnetThreshold": 27, "CrossSubnetThreshold": 40}


def test_over_winrm_it_is_applied_and_goes_back(wired: Story, scene: Scene) -> None:
    done = carry_out(wired.context, over_the_wire(wired))
    assert done.state is State.APPLIED
    assert WIRED.items() <= scene.server.cluster.properties.items()
    wired.later(HOUR)
    assert [one.state for one in due(wired.context)] == [State.REVERTED]
    assert scene.server.cluster.properties["SameSubnetThreshold"] == 20


def test_over_winrm_a_drift_makes_a_fresh_card(wired: Story, scene: Scene) -> None:
    asked = Asked("SQLAG01", WIRED, "stun of 22 s", ANNA)
    key = tune(wired.context, asked, RIGHTS).id
    scene.server.cluster.put("SameSubnetThreshold", 25)
    done = approve(wired.context, wired.click(key))
    fresh = proposal_of(wired.store, done.superseded_by or "")
    assert fresh.before["SameSubnetThreshold"] == 25


def test_over_winrm_a_missing_right_is_told_before_and_refused_after(
    wired: Story, scene: Scene
) -> None:
    for node in scene.server.cluster.nodes:
        node.full_access = False
    asked = Asked("SQLAG01", WIRED, "stun of 22 s", ANNA)
    made = tune(wired.context, asked, RIGHTS)
    assert "Grant-ClusterAccess" in wired.card(made.id).paragraphs[-1]
    key = approve(wired.context, wired.click(made.id)).id
    done = carry_out(wired.context, key)
    assert done.state is State.FAILED
    assert "Nothing was changed" in wired.said(key)[-1]


def test_over_winrm_a_connection_lost_after_sending_is_settled_by_reading(
    wired: Story, scene: Scene
) -> None:
    key = over_the_wire(wired)
    scene.node().faults = Faults(reset="Receive", spared=1)
    done = carry_out(wired.context, key)
    assert done.state is State.APPLIED
    assert scene.server.cluster.properties["SameSubnetThreshold"] == 27

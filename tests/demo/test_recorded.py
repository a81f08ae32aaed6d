"""Recorded incidents answer like running systems to which they happen now."""

import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands.context import Context
from commands.failover import investigate
from demo.recorded import Recorded
from demo.site import HOMES, INCIDENTS, site
from demo.stories import SCENES, Scene
from sources.access import Site
from sources.bundle.writer import files
from sources.errors import UserError
from sources.gather import gather
from sources.material import Material
from sources.pull import Request
from storage.store import Store
from verdict.judge import judge
from verdict.verdict import Verdict

SITE = site()
NOW = datetime.now(UTC)
AT = NOW - timedelta(seconds=20)
FIRST = SCENES[0]


def silent(_source: str, _name: str, _state: str) -> None:
    """Listen to nobody."""


def request(cluster: str, at: datetime = NOW, there: Site = SITE) -> Request:
    access = next(one for one in SITE.clusters if one.name == cluster)
    return Request(access, there, at)


def happened(scene: Scene, at: datetime = AT) -> Recorded:
    recorded = Recorded(pace=0)
    recorded.happen(scene.cluster, INCIDENTS / scene.bundle, at)
    return recorded


def judged(recorded: Recorded, asked: Request) -> tuple[Verdict, ...]:
    return tuple(judge(gather(recorded(asked, silent), NOW)))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_what_happens_ends_as_it_was_recorded(scene: Scene) -> None:
    story = tomllib.loads((INCIDENTS / scene.bundle / "story.toml").read_text())
    (truth,) = story["incidents"]
    (found,) = judged(happened(scene), request(scene.cluster))
    assert (found.backup, found.cause, found.confidence) == (
        truth["backup"], truth["cause"], truth["confidence"],
    )  # fmt: skip
    assert abs(found.at - AT) < timedelta(milliseconds=20)
    assert found.cluster == scene.cluster
    assert found.lost_node in HOMES[scene.cluster].names.nodes


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_no_other_cluster_is_named_in_anything(scene: Scene) -> None:
    mine = HOMES[scene.cluster].names
    others = {
        name.lower()
        for one in HOMES.values()
        for name in (one.names.cluster, *one.names.nodes, *one.names.roles)
    } - {name.lower() for name in (mine.cluster, *mine.nodes, *mine.roles)}
    for place, text in texts(happened(scene)(request(scene.cluster), silent)):
        assert not {name for name in others if name in text.lower()}, place


def test_names_keep_their_case() -> None:
    said = dict(texts(happened(SCENES[1])(request("SQLAG02"), silent)))
    assert "<Computer>SQL11.corp.example</Computer>" in said["nodes/SQL11/System.xml"]
    assert '"sql11.corp.example"' in said["vcenter/inventory.json"]


def texts(material: Material) -> Iterator[tuple[str, str]]:
    for parts, opened in files(material):
        with opened as stream:
            data = stream.read()
        utf_16 = data.startswith(b"\xff\xfe")
        yield "/".join(parts), data.decode("utf-16" if utf_16 else "utf-8")


def test_it_tells_of_its_sources_as_a_pull_does() -> None:
    told: list[tuple[str, str, str]] = []
    happened(FIRST)(request("SQLAG01"), lambda *said: told.append(said))
    asked = [said[:2] for said in told if said[2] == "asked"]
    answered = [said[:2] for said in told if said[2] == "answered"]
    assert asked == answered
    assert asked == [
        ("winrm", "SQLAG01"), ("winrm", "nodes"), ("vcenter", "vcenter01"), ("veeam", "veeam01"),
    ]  # fmt: skip


def test_a_vcenter_that_is_silent_is_late_and_a_gap() -> None:
    told: list[tuple[str, str, str]] = []
    scene = next(one for one in SCENES if one.key == "not-enough-evidence")
    material = happened(scene)(request(scene.cluster), lambda *said: told.append(said))
    assert ("vcenter", "vcenter01", "late") in told
    assert "it did not answer within 30 s" in {gap.why for gap in material.gaps}


def test_a_datastore_that_nobody_may_read_is_a_gap_with_its_remedy() -> None:
    (found,) = judged(happened(SCENES[2]), request("SQLAG04"))
    assert any("may not read the datastore" in gap.why for gap in found.missing)


def test_sources_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    Recorded(pace=0.5)(request("SQLAG01"), silent)
    assert 0.5 < sum(slept) < 3
    Recorded(pace=0)(request("SQLAG01"), silent)
    assert len(slept) == 4


def test_only_systems_that_are_configured_are_asked() -> None:
    told: list[str] = []
    asked = request("SQLAG01", there=Site())
    material = happened(FIRST)(asked, lambda source, _name, _state: told.append(source))
    assert set(told) == {"winrm"}
    assert not material.vms
    assert material.vcenter.tasks is material.veeam.sessions is None


@pytest.mark.parametrize("passed", [timedelta(0), timedelta(minutes=30)], ids=str)
def test_the_log_of_a_vm_speaks_up_to_now(passed: timedelta) -> None:
    now = NOW + passed
    recorded = replace(happened(FIRST), now=lambda: now)
    evidence = gather(recorded(request("SQLAG01"), silent), now)
    ends = [part.end for part in evidence.coverage if part.source == "vmware.log"]
    assert abs(max(ends) - now) < timedelta(seconds=1)  # a host's clock is a little off


def test_nothing_is_called_complete_beyond_now() -> None:
    material = happened(FIRST)(request("SQLAG01"), silent)
    assert material.incident.at == NOW
    assert material.incident.collected
    assert all(end <= datetime.now(UTC) for _, end in material.incident.collected.values())


@pytest.mark.parametrize("cluster", HOMES)
def test_a_cluster_to_which_nothing_happens_is_read_and_quiet(cluster: str) -> None:
    evidence = gather(Recorded(pace=0)(request(cluster), silent), NOW)
    assert evidence.cluster.name == cluster
    assert evidence.cluster.properties["SameSubnetThreshold"]
    assert not evidence.signs
    assert not evidence.stuns
    assert {part.source for part in evidence.coverage} >= {"events", "vcenter", "veeam"}
    gaps = {gap.source for gap in evidence.gaps}
    assert gaps == (set() if HOMES[cluster].logs else {"vmware.log"})


def test_the_last_failover_before_the_question_is_meant() -> None:
    recorded = Recorded(pace=0)
    early, late = NOW - timedelta(minutes=20), NOW - timedelta(minutes=5)
    recorded.happen("sqlag01", INCIDENTS / "removal-stun", early)
    recorded.happen("SQLAG01", INCIDENTS / "innocent-network", late)
    for at, cause in (
        (NOW, "network"),
        (late - timedelta(milliseconds=400), "network"),  # as a verdict told the moment
        (late - timedelta(seconds=30), "snapshot_remove_stun"),
        (early - timedelta(seconds=50), "snapshot_remove_stun"),  # a person types whole minutes
    ):
        (found,) = judged(recorded, request("SQLAG01", at))
        assert found.cause == cause, at


def test_what_happened_long_ago_or_elsewhere_is_not_found() -> None:
    recorded = happened(FIRST, NOW - timedelta(hours=2))
    assert not gather(recorded(request("SQLAG01"), silent), NOW).signs
    assert not gather(happened(FIRST)(request("SQLAG02"), silent), NOW).signs


def test_what_cannot_be_read_is_a_gap_and_no_fault(tmp_path: Path) -> None:
    bundle = tmp_path / "removal-stun"
    shutil.copytree(INCIDENTS / "removal-stun", bundle)
    recorded = Recorded(pace=0)
    recorded.happen("SQLAG01", bundle, AT)
    shutil.rmtree(bundle)
    material = recorded(request("SQLAG01"), silent)
    assert [gap.source for gap in material.gaps][:1] == ["winrm"]
    assert not gather(material, NOW).signs


def test_what_cannot_happen_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no cluster SQLAG99"):
        Recorded().happen("SQLAG99", INCIDENTS / "removal-stun", AT)
    shutil.copytree(INCIDENTS / "removal-stun" / "nodes", tmp_path / "nodes")
    with pytest.raises(UserError, match="no moment"):
        Recorded().happen("SQLAG01", tmp_path, AT)
    with pytest.raises(UserError, match="as many nodes"):
        Recorded().happen("SQLAG01", INCIDENTS / "exchange-dag", AT)


def test_a_cluster_that_is_none_of_the_demo_s_is_a_gap() -> None:
    access = replace(SITE.clusters[0], name="ELSEWHERE")
    material = Recorded(pace=0)(Request(access, SITE, NOW), silent)
    assert "The demo has no cluster ELSEWHERE." in {gap.why for gap in material.gaps}


def test_however_often_stories_are_played_memory_stays() -> None:
    recorded = Recorded(pace=0)
    for _ in range(30):
        recorded.happen("SQLAG01", INCIDENTS / "removal-stun", AT - timedelta(hours=2))
    recorded.happen("SQLAG01", INCIDENTS / "innocent-network", AT)
    (kept,) = recorded._happened.values()  # noqa: SLF001 - nothing else shows it
    assert len(kept) < 30
    (found,) = judged(recorded, request("SQLAG01"))
    assert found.cause == "network"


def test_a_failover_is_investigated_as_a_live_one(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db")
    try:
        context = Context(SITE, store, lambda: NOW, happened(FIRST))
        reply = investigate(context, request("SQLAG01"), silent)
    finally:
        store.close()
    assert reply.cards[0].headline == "Backup caused this failover"


def test_the_site_names_what_was_recorded() -> None:
    """The names by which alerts are recognised are those of the recorded material."""
    for name, one in HOMES.items():
        material = one.recorded()
        assert material.incident.cluster == name
        assert tuple(material.cluster.nodes.items()) == tuple(
            zip(one.names.nodes, one.names.vms, strict=True)
        )
        assert tuple(group.name for group in material.cluster.groups) == one.names.roles


def test_the_site_leads_nowhere_and_its_secrets_are_none() -> None:
    hosts = [host for one in SITE.clusters for host in one.hosts]
    hosts += [one.host for one in SITE.vcenters] + [one.host for one in SITE.veeams]
    assert len(set(hosts)) == len(hosts)
    assert all(host.startswith("192.0.2.") and int(host.split(".")[3]) < 255 for host in hosts)
    assert "demo" not in repr([one.password for one in SITE.vcenters])

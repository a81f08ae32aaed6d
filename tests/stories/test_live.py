"""From running systems to the verdict: the whole way, over every real protocol there is here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.live_scene import JOB, Live, live

pytestmark = pytest.mark.alone  # a busy machine answers too slowly for its clocks to be known


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("live")) as made:
        yield made


def stuncheck(scene: Live, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the real program as a person would."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("stuncheck")), *arguments],
        capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | scene.environ,
    )  # fmt: skip


def answer(scene: Live, *arguments: str) -> dict[str, Any]:
    ran = stuncheck(scene, *arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_a_failover_is_judged_from_the_running_systems(scene: Live) -> None:
    """1135 over WinRM, snapshot removal in vcsim, job in Veeam, vmware.log in a datastore."""
    said = answer(scene, "failover", "--config", str(scene.config), "SQLAG01", scene.at.isoformat())
    (incident,) = said["incidents"]
    assert (incident["backup"], incident["confidence"]) == ("caused", "confirmed")
    assert (incident["cause"], incident["mechanism"]) == ("snapshot_remove_stun", "heartbeat")
    assert (incident["lost_node"], incident["tolerance_ms"]) == ("SQL01", 10000)
    assert (incident["stun"]["vm"], incident["stun"]["ms"]) == (scene.vm, 12400)
    assert incident["job"]["name"] == JOB
    assert incident["job"]["transport"] == "hotadd"


def test_what_collect_writes_is_judged_the_same(scene: Live, tmp_path: Path) -> None:
    config, bundle = ("--config", str(scene.config)), tmp_path / "bundle"
    moment = scene.at.isoformat()
    answer(scene, "collect", *config, "SQLAG01", "--at", moment, str(bundle))
    (then,) = answer(scene, "analyze", str(bundle))["incidents"]
    (now,) = answer(scene, "failover", *config, "SQLAG01", moment)["incidents"]
    same = (
        "lost_node",
        "backup",
        "cause",
        "confidence",
        "mechanism",
        "stun",
        "tolerance_ms",
        "job",
    )
    assert {key: then[key] for key in same} == {key: now[key] for key in same}


def test_without_a_time_the_last_failover_of_the_day_is_meant(scene: Live) -> None:
    (incident,) = answer(scene, "failover", "--config", str(scene.config), "SQLAG01")["incidents"]
    assert incident["backup"] == "caused"


def test_a_survey_stores_what_the_commands_tell(scene: Live) -> None:
    (cluster,) = answer(scene, "survey", "--config", str(scene.config))["clusters"]
    assert (cluster["cluster"], cluster["longest_stun_ms"]) == ("SQLAG01", 12400)
    (again,) = answer(scene, "survey", "--config", str(scene.config))["clusters"]
    assert again["stuns"] == 0


def test_values_that_somebody_raised_since_change_no_verdict(scene: Live) -> None:
    config, cluster = ("--config", str(scene.config)), scene.winrm.server.cluster
    answer(scene, "survey", *config)
    cluster.put("SameSubnetThreshold", 40)
    try:
        said = answer(scene, "failover", *config, "SQLAG01", scene.at.isoformat())
    finally:
        cluster.put("SameSubnetThreshold", 10)
    (incident,) = said["incidents"]
    assert (incident["backup"], incident["confidence"]) == ("caused", "confirmed")
    assert incident["tolerance_ms"] == 10000


def test_a_source_that_is_down_is_a_named_gap_and_the_verdict_comes(scene: Live) -> None:
    text = scene.config.read_text().replace(f"port = {scene.vcenter.port}", "port = 9")
    crippled = scene.config.with_name("crippled.toml")
    crippled.write_text(text)
    said = answer(scene, "failover", "--config", str(crippled), "SQLAG01", scene.at.isoformat())
    (incident,) = said["incidents"]
    assert incident["backup"] in ("suspected", "unknown")
    assert any(gap["source"] == "vcenter" for gap in incident["missing"])
    for config, down in ((crippled, True), (scene.config, False)):
        answer(scene, "survey", "--config", str(config))
        gaps = answer(scene, "status", "--config", str(scene.config))["gaps"]
        assert any(gap["source"] == "vcenter" for gap in gaps) is down


def test_no_password_is_in_any_output_even_when_refused(scene: Live) -> None:
    wrong = scene.environ | {"STUNCHECK_VCENTER_VC01_PASSWORD": "marker-wr0ng"}
    ran = stuncheck(
        Live(scene.config, wrong, scene.at, scene.vm, scene.winrm, scene.vcenter, scene.veeam),
        "failover", "--config", str(scene.config), "SQLAG01", scene.at.isoformat(),
    )  # fmt: skip
    for secret in (*wrong.values(), *scene.environ.values()):
        assert secret not in ran.stdout + ran.stderr


def test_nothing_is_left_open(scene: Live) -> None:
    assert scene.winrm.clean()

"""`stuncheck analyze`: bundles in, verdicts out, whatever else lies beside them."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

DEMO = Path(__file__).parents[2] / "demo" / "incidents"
KEYS = [
    "bundle", "cluster", "at", "lost_node", "backup", "cause", "confidence", "mechanism", "stun",
    "tolerance_ms", "job", "reasons", "rivals", "missing", "advice",
]  # fmt: skip


def analyze(*arguments: str | Path) -> Result:
    """Run `stuncheck analyze`."""
    return CliRunner(env={"COLUMNS": "100"}).invoke(main, ["analyze", *map(str, arguments)])


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    """Give a bundle in which somebody asks about a moment and there is nothing else."""
    bundle = tmp_path / "unknown"
    bundle.mkdir()
    (bundle / "incident.toml").write_text(
        '[failover]\ncluster = "[red]C\\u001b[31m"\nat = 2026-03-01T02:14:11Z\n', encoding="utf-8"
    )
    return bundle


def test_a_stun_that_did_it_is_told_first_and_proved_after() -> None:
    done = analyze(DEMO / "removal-stun")
    assert done.stdout.startswith("RED     Backup caused this failover ")
    assert "12.4 s" in done.stdout
    assert done.exit_code == 0
    assert done.stderr == ""


def test_json_has_the_keys_of_the_contract_in_their_order_and_nothing_else_is_printed() -> None:
    done = analyze(DEMO / "removal-stun", "--json")
    payload = json.loads(done.stdout)
    assert list(payload) == ["incidents"]
    (incident,) = payload["incidents"]
    assert list(incident) == KEYS
    assert incident["bundle"] == str(DEMO / "removal-stun")
    assert re.fullmatch(r"2026-03-01T02:14:1\d\.\d{3}Z", incident["at"])
    assert incident["stun"]["ms"] > incident["tolerance_ms"] == 10_000


def test_a_bundle_of_two_failovers_gives_two_incidents_and_a_summary() -> None:
    bundle = DEMO / "second-failover"
    incidents = json.loads(analyze(bundle, "--json").stdout)["incidents"]
    assert [incident["backup"] for incident in incidents] == ["caused", "cleared"]
    assert "2 failovers" in analyze(bundle).stdout


def test_not_enough_evidence_is_an_answer(unknown: Path) -> None:
    done = analyze(unknown)
    assert done.stdout.startswith("GREY    Not enough evidence")
    assert done.exit_code == 0


def test_a_hostile_cluster_name_is_shown_as_letters(unknown: Path) -> None:
    done = analyze(unknown)
    assert "\x1b" not in done.stdout
    assert "[red]C" in done.stdout


def test_a_path_that_cannot_be_used_is_named_and_the_others_are_judged(tmp_path: Path) -> None:
    done = analyze(tmp_path / "missing", DEMO / "removal-stun", "--json")
    assert done.exit_code == 1
    assert len(json.loads(done.stdout)["incidents"]) == 1
    assert done.stderr.startswith(f"stuncheck: {tmp_path / 'missing'} cannot be read")


def test_a_folder_with_nothing_in_it_is_not_answered(tmp_path: Path) -> None:
    done = analyze(tmp_path, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {"incidents": []}
    assert str(tmp_path) in done.stderr


def test_a_bundle_without_a_failover_says_how_to_ask_about_a_moment(tmp_path: Path) -> None:
    (tmp_path / "cluster.json").write_text('{"name": "C", "nodes": []}', encoding="utf-8")
    done = analyze(tmp_path)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"stuncheck: There is no failover in {tmp_path}.")


def test_one_failover_is_drawn_into_the_file_named(tmp_path: Path) -> None:
    assert analyze(DEMO / "removal-stun", "--chart", tmp_path / "c.png").exit_code == 0
    assert [file.name for file in tmp_path.iterdir()] == ["c.png"]


def test_several_failovers_are_drawn_into_numbered_files(tmp_path: Path) -> None:
    assert analyze(DEMO / "second-failover", "--chart", tmp_path / "c.png").exit_code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["c-1.png", "c-2.png"]


def test_a_chart_of_nothing_is_not_answered(tmp_path: Path) -> None:
    done = analyze(tmp_path, "--chart", tmp_path / "c.png")
    assert done.exit_code == 1
    assert "There is no failover to draw." in done.stderr

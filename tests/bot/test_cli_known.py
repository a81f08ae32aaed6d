"""`vm`, `cluster`, `heartbeat` and `history` on the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from commands.context import Context
from sources.access import Site
from storage.store import Store
from storage.stuns import add_stuns
from tests.bot.trial import PASSWORD, SMALL
from tests.commands.stored import cluster, fill
from verdict.clock import Clock
from verdict.facts import Phase, Stun

HOUR = timedelta(hours=1)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a stuncheck.toml beside a store with a stun of 12.4 s an hour ago."""
    file = tmp_path / "stuncheck.toml"
    file.write_text(SMALL, encoding="utf-8")
    begun = datetime.now(UTC) - HOUR
    stun = Stun("sql01", begun, begun + timedelta(seconds=12.4), Phase.REMOVE, Clock("esx07"))
    with Store.open(tmp_path / "stuncheck.db") as store:
        fill(Context(Site(), store), cluster())
        add_stuns(store, [stun])
    return file


def run(config: Path, *arguments: str, width: int = 80) -> Result:
    runner = CliRunner(env={"COLUMNS": str(width), **PASSWORD})
    return runner.invoke(main, [*arguments, "--config", str(config)])


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("vm", "SQL01"), "Longest stun 12.4 s, the cluster tolerates 10.0 s"),
        (("cluster", "sqlag01"), "SQL01 was stunned 12.4 s, the cluster tolerates 10.0 s"),
        (("heartbeat", "sqlag01"), "Set SameSubnetThreshold 15"),
        (("history",), "No failover was judged yet"),
    ],
)
@pytest.mark.parametrize("width", [80, 100])
def test_the_answer_is_there_and_fits(
    config: Path, command: tuple[str, ...], said: str, width: int
) -> None:
    done = run(config, *command, width=width)
    assert done.exit_code == 0, done.output
    assert said in done.output
    assert max(map(len, done.output.splitlines())) <= width


@pytest.mark.parametrize("command", [("vm", "SQL01"), ("cluster", "SQLAG01"), ("history",)])
def test_json_is_json(config: Path, command: tuple[str, ...]) -> None:
    assert json.loads(run(config, *command, "--json").stdout)


@pytest.mark.parametrize("command", [("vm", "SQL01"), ("heartbeat", "SQLAG01")])
def test_a_chart_is_written(config: Path, command: tuple[str, ...]) -> None:
    target = config.with_name("chart.png")
    assert run(config, *command, "--chart", str(target)).exit_code == 0
    assert target.read_bytes().startswith(b"\x89PNG")


def test_a_chart_of_another_kind_is_wrong_use(config: Path) -> None:
    assert run(config, "vm", "SQL01", "--chart", "chart.gif").exit_code == 2


@pytest.mark.parametrize("command", ["vm", "cluster", "heartbeat", "history"])
def test_a_stranger_is_not_answered(config: Path, command: str) -> None:
    done = run(config, command, "nobody")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "There is no" in done.stderr
    assert "Traceback" not in done.stderr

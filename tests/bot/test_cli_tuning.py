"""`tune` and `audit` on the command line."""

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.configuration import NAME
from commands.audit import FIELDS
from commands.context import Context
from commands.tune import Asked
from commands.tune import tune as propose
from sources.access import Site
from storage.proposals import Proposal
from storage.store import Store
from storage.stuns import add_stuns
from tests.bot.test_live import write
from tests.bot.trial import MARKER
from tests.commands.stored import SITE, cluster, fill
from tests.commands.tuned import ANNA, RIGHTS, Recorded
from tests.commands.tuned import WANTED as PROPOSED
from tests.peers.winrm_scene import Scene, running
from tests.peers.winrm_server import PASSWORD, USER
from verdict.clock import Clock
from verdict.facts import Phase, Stun

LENGTH = timedelta(seconds=22)
WANTED = ("SameSubnetThreshold=27", "crosssubnetthreshold=40")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a stuncheck.toml beside a store with a cluster and, on it, a proposal of Anna's."""
    file = write(tmp_path, 1)
    with Store.open(tmp_path / "stuncheck.db") as store:
        context = Context(Site(), store)
        fill(context, cluster())
    return file


@pytest.fixture
def proposal(config: Path) -> Proposal:
    """Propose, with a reason that a spreadsheet would take for a formula."""
    live = Recorded()
    with Store.open(config.with_name("stuncheck.db")) as store:
        context = Context(SITE, store, lambda: live.now)
        return propose(context, Asked("SQLAG01", PROPOSED, "=1+1", ANNA), RIGHTS, live.change)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Run the cluster over WinRM, with the stuncheck.toml that leads to it."""
    with running(tmp_path) as made:
        write(tmp_path, made.server.port)
        file = tmp_path / NAME
        text = file.read_text("utf-8").replace("CORP\\svc", USER)
        file.write_text(text, encoding="utf-8")
        with Store.open(tmp_path / "stuncheck.db") as store:
            begun = datetime.now(UTC) - timedelta(hours=1)
            stun = Stun("sql01", begun, begun + LENGTH, Phase.REMOVE, Clock("esx07"))
            fill(Context(Site(), store), cluster(20, "Windows Server 2019"))
            add_stuns(store, [stun])
        yield made
        made.server.closing.set()
        assert made.server.settled()


def run(config: Path, *arguments: str, width: int = 100, secret: str = MARKER) -> Result:
    runner = CliRunner(env={"COLUMNS": str(width), "STUNCHECK_WINRM_PASSWORD": secret})
    return runner.invoke(main, [*arguments, "--config", str(config)])


def tune(folder: Path, *arguments: str, width: int = 100) -> Result:
    done = run(folder / NAME, "tune", *arguments, width=width, secret=PASSWORD)
    assert PASSWORD not in done.output
    return done


@pytest.mark.parametrize("width", [80, 100])
def test_tune_weighs_what_the_cluster_has_now_and_proposes_nothing(
    scene: Scene, tmp_path: Path, width: int
) -> None:
    done = tune(tmp_path, "sqlag01", *WANTED, "for", "8h", width=width)
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert "What if: SameSubnetThreshold 20 to 27 and CrossSubnetThreshold" in said
    assert "a node that really fails would be missed 7.0 s later" in said
    line = "/stuncheck tune SQLAG01 SameSubnetThreshold=27 CrossSubnetThreshold=40 for 8 h"
    assert line in said
    assert scene.server.cluster.properties["SameSubnetThreshold"] == 20
    assert max(map(len, done.stdout.splitlines())) <= width
    assert json.loads(run(tmp_path / NAME, "audit", "--json").stdout)["entries"] == []


def test_tune_for_machines_has_the_values_before_and_wanted(scene: Scene, tmp_path: Path) -> None:
    done = tune(tmp_path, "SQLAG01", *WANTED, "--json")
    told = json.loads(done.stdout)
    assert told["before"]["SameSubnetThreshold"] == 20
    assert told["before"]["CrossSubnetThreshold"] < 40
    assert told["wanted"] == {"SameSubnetThreshold": 27, "CrossSubnetThreshold": 40}
    assert (told["stuns"], told["survived"], told["later_s"]) == (1, 1, 7.0)
    scene.server.cluster.put("SameSubnetThreshold", 27)
    scene.server.cluster.put("CrossSubnetThreshold", 40)
    done = tune(tmp_path, "SQLAG01", *WANTED)
    assert done.exit_code == 1
    assert "has these values already" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("SQLAG01", "SameSubnetThreshold=1000"), "whole numbers from 3 to 120"),
        (("SQLAG01", "SameSubnetTreshold=20"), "Perhaps SameSubnetThreshold is meant"),
        (("SQLAG01", "SameSubnetThreshold=20; Stop-Cluster"), "whole numbers"),
        (("SQLAG01", "SameSubnetThreshold=20", "for", "ever"), "from 5min to 30d"),
        (("NOWHERE", "SameSubnetThreshold=20"), "There is no cluster NOWHERE"),
    ],
)
def test_what_may_not_be_asked_for_is_named_and_no_node_is_asked(
    config: Path, words: tuple[str, ...], said: str
) -> None:
    done = run(config, "tune", *words)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_cluster_that_does_not_answer_is_no_answer(config: Path) -> None:
    done = run(config, "tune", "SQLAG01", *WANTED)
    assert done.exit_code == 1
    assert "The values of SQLAG01 were not read" in " ".join(done.stderr.split())


def test_tune_without_values_is_wrong_use(config: Path) -> None:
    assert run(config, "tune", "SQLAG01").exit_code == 2


@pytest.mark.usefixtures("proposal")
@pytest.mark.parametrize("width", [80, 100])
def test_the_audit_tells_who_proposed_what(config: Path, width: int) -> None:
    done = run(config, "audit", "sqlag01", width=width)
    assert done.exit_code == 0, done.output
    assert "Anna" in done.stdout
    assert "proposed" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= width
    (entry,) = json.loads(run(config, "audit", "--json").stdout)["entries"]
    assert (entry["what"], entry["after"]) == ("proposed", PROPOSED)


def test_of_nothing_that_was_done_and_of_a_stranger(config: Path) -> None:
    assert "Nothing was done yet" in run(config, "audit").stdout
    done = run(config, "audit", "NOWHERE")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "There is no" in done.stderr


@pytest.mark.usefixtures("proposal")
def test_csv_goes_to_a_new_file_or_to_standard_output(config: Path) -> None:
    target = config.with_name("audit.csv")
    done = run(config, "audit", "--csv", str(target))
    assert (done.exit_code, done.output) == (0, "")
    written = target.read_bytes()
    (row,) = csv.DictReader(io.StringIO(written.decode("utf-8"), newline=""))
    assert tuple(row) == FIELDS
    assert (row["who_name"], row["why"]) == ("Anna", "'=1+1")
    assert run(config, "audit", "sqlag01", "--csv", "-").stdout_bytes == written


@pytest.mark.usefixtures("proposal")
def test_a_file_that_is_there_is_never_overwritten(config: Path) -> None:
    target = config.with_name("report.csv")
    target.write_text("last year's")
    done = run(config, "audit", "--csv", str(target))
    assert done.exit_code == 1
    assert "is there already; nothing was written" in " ".join(done.stderr.split())
    assert target.read_text() == "last year's"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_half_an_audit_is_not_left_behind(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = config.with_name("audit.csv")
    opened = Path.open

    def full(path: Path, mode: str = "r") -> object:
        if path != target:
            return opened(path, mode)
        opened(path, mode).close()
        return opened(Path("/dev/full"), "wb")

    monkeypatch.setattr(Path, "open", full)
    done = run(config, "audit", "--csv", str(target))
    assert done.exit_code == 1
    assert "No space left on device" in " ".join(done.stderr.split())
    assert not os.path.lexists(target)


def test_where_nothing_can_be_written_it_is_said(config: Path) -> None:
    done = run(config, "audit", "--csv", str(config.with_name("nowhere") / "audit.csv"))
    assert done.exit_code == 1
    assert "could not be written: No such file or directory" in " ".join(done.stderr.split())


@pytest.mark.parametrize("order", [("--csv", "-", "--json"), ("--json", "--csv", "-")])
def test_csv_and_json_together_are_wrong_use_before_any_file_is_read(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    done = run(tmp_path / "none.toml", "audit", *order)
    assert done.exit_code == 2
    assert "choose one" in done.stderr


@pytest.mark.usefixtures("proposal")
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv", "-")])
def test_a_chain_that_is_broken_is_told_and_no_answer(config: Path, form: tuple[str, ...]) -> None:
    with Store.open(config.with_name("stuncheck.db")) as store, store.writing() as db:
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE audit SET who_name = 'Carl'")
    done = run(config, "audit", *form)
    assert done.exit_code == 1
    assert "Carl" in done.stdout
    assert "entry 1 was changed" in " ".join(done.stderr.split())

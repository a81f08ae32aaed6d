"""Veeam by PowerShell over WinRM: the script, and its answers in the shapes of REST."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import tree_sitter_pwsh
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from sources.access import Secret, VeeamAccess
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.pulled import Pulled
from sources.veeam.powershell import SCRIPT, read_lots
from sources.veeam.pull import pull_veeam
from sources.veeam.wish import Span, WantedVm
from sources.windows.script import program
from tests.peers.cluster_model import ClusterModel, NodeModel
from tests.peers.node_shell import ScriptError
from tests.peers.winrm_scene import Scene, running
from tests.sources.veeam.night import NIGHT, REMOVAL, SQL01, WINDOW, read, server, whys
from verdict.facts import Phase

SPAN = Span.of(WINDOW, None)
GIVEN: list[Mapping[str, str]] = []


def utc(seconds: float) -> str:
    """A time as .NET prints it with 'o', by seconds after the removal began."""
    return (NIGHT + timedelta(seconds=seconds)).isoformat().replace("+00:00", ".1234567Z")


def record(title: str, start: float, update: float, status: str = "ESucceeded") -> object:
    return {"title": title, "status": status, "start": utc(start), "update": utc(update)}


LOT: dict[str, object] = {
    "sessions": [
        {"id": "aaaaaaaa-1", "job": "SQL Nightly", "type": "Backup", "state": "Stopped",
         "start": utc(-600), "end": utc(600)},
        {"id": "aaaaaaaa-2", "job": "Copies", "type": "BackupSync", "state": "Working",
         "start": utc(-600), "end": None},
    ],
    "tasks": [
        {"id": "bbbbbbbb-1", "session": "aaaaaaaa-1", "name": "SQL01", "status": "Success",
         "start": utc(-70), "end": utc(47)},
        {"id": "bbbbbbbb-2", "session": "aaaaaaaa-2", "name": "SQL01", "status": "InProgress",
         "start": utc(-60), "end": None},
        {"id": "bbbbbbbb-3", "session": "aaaaaaaa-1", "name": "SQL01", "status": "Pending",
         "start": None, "end": None},
    ],
    "logs": {
        "bbbbbbbb-1": [
            record("Removing VM snapshot", 0, REMOVAL.total_seconds()),
            record("Using backup proxy P1 for disk Hard disk 1 [nbd]", -50, -49),
        ],
        "bbbbbbbb-2": [record("Copying", -50, -49, "ENone")],
    },
}  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    GIVEN.clear()
    with running(tmp_path, ClusterModel("VBR", [NodeModel("vbr01")])) as made:
        made.server.shell.scripts[SCRIPT] = _answer
        yield made


def _answer(_: ClusterModel, __: NodeModel, given: Mapping[str, str]) -> object:
    GIVEN.append(given)
    return LOT


def closed(scene: Scene) -> VeeamAccess:
    """Reach a server whose REST API is closed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return VeeamAccess("vbr01", "127.0.0.1", "svc", Secret("x"), port, winrm=scene.winrm)


def pull(access: VeeamAccess, seconds: float = 10) -> Pulled:
    return pull_veeam(access, [SQL01], WINDOW, Deadline.after(seconds))


def test_the_script_is_powershell_and_takes_parameters_as_data() -> None:
    evil = "SQL01'; Remove-Item C:\\ -Recurse #\n$(calc)"
    text = program(SCRIPT, {"Names": evil, "Start": "x", "End": "y"})
    assert "Remove-Item" not in text
    tree = Parser(Language(tree_sitter_pwsh.language())).parse(text.encode())
    assert not wrong(tree.root_node)
    broken = Parser(Language(tree_sitter_pwsh.language())).parse(text.replace(")", "", 3).encode())
    assert wrong(broken.root_node)


def wrong(node: Node) -> list[bytes]:
    """Give what the grammar does not understand."""
    here = [node.text or b""] if node.is_error or node.is_missing else []
    return here + [part for child in node.children for part in wrong(child)]


def test_the_answers_have_the_shapes_of_rest() -> None:
    pulled = read_lots("vbr01", [LOT], SPAN)
    (backup,) = read(pulled).backups
    assert (backup.job, backup.vm, backup.transport) == ("SQL Nightly", "SQL01", "nbd")
    (removal,) = backup.steps
    assert removal.phase is Phase.REMOVE
    assert removal.end is not None
    assert removal.end - removal.start == REMOVAL
    assert not read(pulled).gaps
    assert pulled.collected == {"veeam": (WINDOW.start, WINDOW.end)}


def test_answers_for_several_batches_are_one() -> None:
    assert read_lots("vbr01", [LOT, LOT], SPAN).veeam == read_lots("vbr01", [LOT], SPAN).veeam


@pytest.mark.parametrize(
    "lot",
    [None, [], {}, {"sessions": [], "tasks": [], "logs": []}, LOT | {"tasks": [7]},
     LOT | {"logs": {"x": {}}}, LOT | {"sessions": "none"}],
)  # fmt: skip
def test_a_damaged_answer_is_an_error(lot: object) -> None:
    with pytest.raises(SourceError, match="are damaged"):
        read_lots("vbr01", [lot], SPAN)


def test_a_server_without_rest_is_asked_over_winrm(scene: Scene) -> None:
    pulled = pull(closed(scene))
    assert [backup.job for backup in read(pulled).backups] == ["SQL Nightly"]
    assert [gap.subject for gap in pulled.gaps] == ["clock"]
    assert pulled.collected
    assert GIVEN[0]["Names"] == "SQL01"
    assert GIVEN[0]["Start"].startswith(WINDOW.start.isoformat()[:16])
    assert scene.clean()


def test_an_old_rest_api_gives_the_clock_and_powershell_the_steps(
    scene: Scene, tmp_path: Path
) -> None:
    with server(tmp_path, (1, 1, 0)) as veeam:
        pulled = pull(replace(veeam.access, winrm=scene.winrm, host="localhost"))
    assert read(pulled).backups[0].steps
    assert "veeam" in pulled.clocks
    assert pulled.gaps == ()
    assert veeam.grants == []


def test_where_powershell_fails_an_old_rest_api_is_read_all_the_same(
    scene: Scene, tmp_path: Path
) -> None:
    def fails(*_: object) -> object:
        raise ScriptError("No snap-ins have been registered for VeeamPSSnapin.")

    scene.server.shell.scripts[SCRIPT] = fails
    with server(tmp_path, (1, 1, 0)) as veeam:
        pulled = pull(replace(veeam.access, winrm=scene.winrm))
    assert {backup.vm for backup in read(pulled).backups} == {"SQL01", "FILE07"}
    assert "failed: No snap-ins have been registered" in whys(pulled)
    assert "VBR console" in whys(pulled)
    assert str(Path.cwd()) not in whys(pulled)


def test_where_nothing_answers_both_ways_are_named(scene: Scene) -> None:
    scene.server.refuse("vbr01")
    pulled = pull(closed(scene))
    assert "refuses connections" in whys(pulled)
    assert "over WinRM" in whys(pulled)
    assert not pulled.collected


def test_a_script_that_hangs_ends_with_the_deadline(scene: Scene, tmp_path: Path) -> None:
    scene.server.cluster.nodes[0].faults.hang = "Receive"
    deadline = Deadline.after(2)
    with server(tmp_path, (1, 1, 0)) as veeam:
        access = replace(veeam.access, winrm=scene.winrm)
        pulled = pull_veeam(access, [SQL01], WINDOW, deadline)
    assert Deadline.after(0).at - deadline.at < 0.5
    assert read(pulled).backups  # REST still had its turn
    assert "over WinRM" in whys(pulled)
    scene.server.closing.set()  # the stand-in lets go of what it hangs on
    assert scene.clean()


def test_many_names_are_asked_for_in_several_lines(scene: Scene) -> None:
    vms = [WantedVm(f"SQL-PRODUCTION-{n:03}") for n in range(60)]
    pulled = pull_veeam(closed(scene), vms, WINDOW, Deadline.after(20))
    assert len(GIVEN) > 1
    assert [name for given in GIVEN for name in given["Names"].split("\n")] == [v.name for v in vms]
    assert max(map(len, scene.server.shell.seen)) < 8191
    assert pulled.collected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(utc(0)),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=4), part),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from(["id", "session", "name", "start", "end", "type"]), JSON)


@given(rows=st.lists(FIELDS, max_size=3), logs=JSON | st.dictionaries(st.text(max_size=3), JSON))
def test_any_answer_is_read_or_is_an_error(rows: list[object], logs: object) -> None:
    try:
        pulled = read_lots("vbr01", [{"sessions": rows, "tasks": rows, "logs": logs}], SPAN)
    except SourceError:
        return
    read(pulled)

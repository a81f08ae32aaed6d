"""A folder, a folder of folders or loose files become raw material, and nothing leaves them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bundle import bundle, find_bundles, pile, read_bundle
from sources.errors import UserError
from sources.material import Material
from tests.peers.evtx_writer import evtx
from tests.sources.logged import CLUSTER, logged

EVENT = logged(CLUSTER, 1135, "SQL01")
LINE = "2026-03-01T02:14:13.000Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 12400000 us\n"
NAMED = LINE + '2026-03-01T02:14:14.000Z In(05) vmx - DICT      displayName = "sql01"\n'
TASKS = '[{"entity": "vm-1", "descriptionId": "vm.Snapshot.remove"}]'
LOG = '{"totalRecords": 0, "records": []}'


@pytest.fixture
def lay(tmp_path: Path) -> Callable[..., Path]:
    """Lay files into a folder: path to content."""

    def lay(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return lay


def names(material: Material) -> dict[str, list[str]]:
    files = {**material.nodes, **material.vms}
    return {name: [file.name for file in files[name]] for name in files}


def why(material: Material) -> str:
    return "; ".join(f"{gap.subject}: {gap.why}" for gap in material.gaps)


def test_a_whole_bundle_is_read(lay: Callable[..., Path]) -> None:
    top = lay(
        {
            "Incident.toml": "[failover]\ncluster = 'SQLAG01'\nat = 2026-03-01T02:14:11Z",
            "cluster.json": '{"properties": {"SameSubnetDelay": 1000}}',
            "nodes/SQL02/System.xml": EVENT,
            "nodes/SQL02/ERRORLOG.1": "",
            "nodes/SQL02/saved": EVENT,
            "VMS/sql01/vmware.log": LINE,
            "VMS/sql01/vmware-3.log": LINE,
            "VMS/sql01/sql01.vmdk": "",
            "vcenter/inventory.json": "[]",
            "vcenter/Tasks.JSON": TASKS,
            "vcenter/events.json": "[]",
            "veeam/sessions.json": "{}",
            "veeam/task_sessions.json": "{}",
            "veeam/logs/1f.json": LOG,
            "README.md": "see the ticket",
            ".DS_Store": "",
        }
    )
    material = read_bundle(top)
    assert material.gaps == ()
    assert material.label == str(top)
    assert material.incident.at == datetime(2026, 3, 1, 2, 14, 11, tzinfo=UTC)
    assert material.cluster.properties == {"SameSubnetDelay": 1000}
    assert names(material) == {
        "SQL02": ["ERRORLOG.1", "System.xml", "saved"],
        "sql01": ["vmware-3.log", "vmware.log"],
    }
    assert material.vcenter.tasks == TASKS.encode()
    assert material.veeam.logs == {"1f": LOG.encode()}
    assert None not in (material.vcenter.inventory, material.vcenter.events)
    assert None not in (material.veeam.sessions, material.veeam.task_sessions)


def test_a_folder_of_bundles_is_several(lay: Callable[..., Path]) -> None:
    top = lay({"2026/a/nodes/N/System.xml": EVENT, "2026/b/vms/V/vmware.log": LINE, "x.txt": "x"})
    assert [m.label for m in find_bundles([top])] == [str(top / "2026/a"), str(top / "2026/b")]


def test_loose_files_make_one_bundle_known_by_content(lay: Callable[..., Path]) -> None:
    top = lay(
        {
            "mail/1.bin": evtx([EVENT]),
            "mail/2.txt": EVENT,
            "mail/3.txt": "[=== Cluster ===]\nCurrent node: sql02 (2)\n[System] 00000844.00000d34::"
            "2017/10/23-21:20:11.225 DBG   Cluster node 'sql01' was removed",
            "mail/4.txt": NAMED.encode("utf-16"),
            "mail/vmware-2.log": LINE,
            "mail/5.txt": TASKS,
            "mail/6.txt": "[nodes]\nSQL01 = 'sql01'",
            "SQL03/ERRORLOG": "2017-10-23 11:30:21.64 Server      UTC adjustment: -7:00\n",
        }
    )
    (material,) = find_bundles([top])
    assert names(material) == {
        "SQL02": ["1.bin", "2.txt", "3.txt"],
        "SQL03": ["ERRORLOG"],
        "sql01": ["4.txt", "vmware-2.log"],
    }
    assert material.vcenter.tasks == TASKS.encode()
    assert material.incident.nodes == {"SQL01": "sql01"}


def test_files_named_one_by_one_make_one_bundle(lay: Callable[..., Path]) -> None:
    top = lay({"sql01/vmware.log": LINE, "logs/sql02-vmware.log": LINE, "logs/System.xml": EVENT})
    paths = [top / "sql01/vmware.log", top / "logs/sql02-vmware.log", top / "logs/System.xml"]
    (material,) = find_bundles(paths)
    assert set(names(material)) == {"sql01", "sql02", "SQL02"}
    assert material.label == str(top)


def test_parts_of_a_bundle_keep_their_names(lay: Callable[..., Path]) -> None:
    top = lay({"nodes/SQL01/System.xml": EVENT, "vms/sql01/vmware.log": NAMED})
    assert set(names(find_bundles([top / "nodes"])[0])) == {"SQL01"}
    assert set(names(find_bundles([top / "vms", top / "nodes"])[0])) == {"SQL01", "sql01"}


def test_links_in_a_circle_beside_the_folders_of_a_bundle_are_refused(
    lay: Callable[..., Path],
) -> None:
    top = lay({"vms/sql01/vmware.log": LINE})
    (top / "one").symlink_to("other")
    (top / "other").symlink_to("one")
    material = read_bundle(top)
    assert names(material) == {"sql01": ["vmware.log"]}
    assert "one: it is a link that leads nowhere" in why(material)


@pytest.mark.parametrize("link", ["nodes/SQL01/System.xml", "vms/sql01", "vcenter/tasks.json"])
def test_a_link_that_leads_out_is_refused(lay: Callable[..., Path], link: str) -> None:
    top = lay({"in/nodes/SQL02/System.xml": EVENT, "out/vmware.log": LINE, "out/tasks": TASKS})
    path = top / "in" / link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(top / "out" / ("" if link == "vms/sql01" else "tasks"))
    material = read_bundle(top / "in")
    assert f"{link}: it is a link that leads out of the bundle" in why(material)
    assert (set(names(material)), material.vcenter.tasks) == ({"SQL02"}, None)


def test_a_link_within_is_followed_and_a_circle_ends(lay: Callable[..., Path]) -> None:
    top = lay({"nodes/SQL02/System.xml": EVENT, "vms/sql01/vmware.log": LINE})
    (top / "vms/sql01/vmware-1.log").symlink_to("vmware.log")
    (top / "vms/sql01/again").symlink_to("..")
    (top / "vms/sql01/loop").symlink_to("loop")
    material = read_bundle(top)
    assert names(material)["sql01"] == ["vmware-1.log", "vmware.log"]
    assert "loop: it is a link that leads nowhere" in why(material)


def test_a_pipe_is_refused_and_not_waited_for(lay: Callable[..., Path]) -> None:
    top = lay({"nodes/SQL02/System.xml": EVENT})
    os.mkfifo(top / "nodes/SQL02/cluster.log")
    assert "nodes/SQL02/cluster.log: it is a pipe or a device" in why(read_bundle(top))
    with pytest.raises(UserError, match="nothing usable"):
        find_bundles([top / "nodes/SQL02/cluster.log"])


NOBODY = 65534


@contextmanager
def without_rights() -> Iterator[None]:
    """Let root, who may read everything, be nobody for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    yield
    if root:
        os.seteuid(0)


def test_an_unreadable_file_is_a_gap() -> None:
    with TemporaryDirectory() as folder:  # pytest's own folders are closed to nobody
        top = Path(folder)
        top.chmod(0o755)
        (top / "nodes").mkdir()
        (top / "nodes/System.xml").write_text(EVENT)
        (top / "vms").mkdir(mode=0)
        (top / "nodes/System.xml").chmod(0)
        (top / "incident.toml").touch()
        with without_rights():
            told = why(read_bundle(top))
        (top / "vms").chmod(0o700)
    assert "nodes/System.xml: it cannot be read: Permission denied" in told
    assert "vms: the folder cannot be read: Permission denied" in told


def test_a_file_of_2_gb_is_not_read_into_memory(lay: Callable[..., Path]) -> None:
    top = lay({"vms/sql01/vmware.log": LINE})
    sparse = ("vcenter/tasks.json", "cluster.json", "incident.toml", "veeam/logs/1.json", "x.json")
    for name in (*sparse, "nodes/N/System.xml", "nodes/N/System.evtx"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        with (top / name).open("wb") as file:
            file.write(b"[" if name == "x.json" else b"")
            file.truncate(2 << 30)
    material = read_bundle(top)
    assert material.vcenter.tasks is None
    assert names(material)["N"] == ["System.evtx"]
    assert why(material).count("is larger than") == len(sparse) + 1


def test_the_logs_of_veeam_share_one_limit(
    lay: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pile, "JSON_LIMIT", 2 * len(LOG))
    material = read_bundle(lay({f"veeam/logs/{n}.json": LOG for n in range(3)}))
    assert set(material.veeam.logs) == {"0", "1"}
    assert [(gap.source, gap.subject) for gap in material.gaps] == [("veeam", "task logs")]


def test_a_second_file_of_one_kind_is_a_gap_of_its_source(lay: Callable[..., Path]) -> None:
    material = read_bundle(lay({"vcenter/tasks.json": TASKS, "vcenter/tasks-2.json": TASKS}))
    assert [(gap.source, gap.subject) for gap in material.gaps] == [("vcenter", "tasks")]


def test_what_nobody_knows_is_named(lay: Callable[..., Path]) -> None:
    top = lay({"nodes/SQL02/System.xml": EVENT, "nodes/SQL02/x": "?", "support.zip": b"PK\x03\x04"})
    material = read_bundle(top)
    assert [gap.subject for gap in material.gaps] == ["nodes/SQL02/x", "support.zip"]
    assert material.gaps[1].remedy == "unpack it"


@pytest.mark.parametrize("files", [{}, {"a/b.txt": "x"}, {"nodes/README.md": "x"}])
def test_a_folder_without_anything_usable_is_told(
    lay: Callable[..., Path], files: dict[str, str | bytes]
) -> None:
    top = lay(files)
    with pytest.raises(UserError, match="nothing usable") as told:
        find_bundles([top])
    assert told.value.hint
    assert bundle.HINT in told.value.hint


@pytest.mark.parametrize("name", ["nowhere", "a\0b", "x" * 5000])
def test_a_path_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    for read in (read_bundle, lambda path: find_bundles([path])):
        with pytest.raises(UserError, match="cannot be read"):
            read(tmp_path / name)


def test_names_that_cannot_be_printed_do_not_get_through(lay: Callable[..., Path]) -> None:
    top = lay({"nodes/SQL02/System.xml": EVENT})
    folder = top / "vms" / os.fsdecode(b"sql\xff\n01")
    folder.mkdir(parents=True)
    (folder / "vmware.log").write_text(LINE)
    (name,) = read_bundle(top).vms
    assert name.isprintable()
    name.encode()


@given(content=st.binary(), name=st.sampled_from(["cluster.json", "incident.toml", "x", "a.json"]))
def test_no_content_raises(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    top = tmp_path_factory.mktemp("bundle")
    (top / "vms/sql01").mkdir(parents=True)
    (top / "vms/sql01/vmware.log").write_bytes(content)
    (top / name).write_bytes(content)
    assert read_bundle(top).vms

"""`doctor` of a whole site: rounds that build on each other, and who is who in the end."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from commands import doctor_node, doctor_vcenter, doctor_veeam, doctor_vms, doctor_winrm
from commands.doctor import doctor
from commands.doctor_site import ROUNDS, Rounds
from commands.reply import Exit, Reply
from sources.access import Site, VCenterAccess
from sources.deadline import Deadline
from sources.vcenter.rights import READ_ONLY
from sources.vmware.datastore import RIGHTS as LOG_RIGHTS
from tests.peers.vcsim import PASSWORD as VCENTER_PASSWORD
from tests.peers.vcsim import Vcsim, vcsim
from tests.peers.veeam_server import VeeamServer
from tests.peers.veeam_tokens import PASSWORD as VEEAM_PASSWORD
from tests.peers.winrm_scene import Scene, running
from tests.peers.winrm_server import PASSWORD as WINRM_PASSWORD

REMEDIES = (
    doctor_node.READERS,
    doctor_vcenter.READ_ONLY,
    doctor_vms.NEW_ROLE,
    doctor_veeam.ROLE,
    doctor_winrm.NEW_LISTENER,
    doctor_winrm.NEW_RULE,
    "Grant-ClusterAccess -User",
    "winrm configSDDL default",
    "w32tm /resync /rediscover",
)
"""What `doctor` tells people to type."""

SECRETS = (WINRM_PASSWORD, VCENTER_PASSWORD, VEEAM_PASSWORD)


def examine(site: Site, folder: Path, seconds: float = 10) -> Reply:
    rounds = Rounds(lambda _: site, folder / "stuncheck.db")
    reply = doctor(rounds, Deadline.after(ROUNDS * seconds), seconds)
    assert not [t for t in threading.enumerate() if t.name.startswith("doctor")]
    assert not any(secret in repr(reply) for secret in SECRETS)
    return reply


def lines(reply: Reply) -> dict[tuple[str, str], str]:
    return {(one["system"], one["check"]): one["state"] for one in reply.payload["checks"]}


def test_where_nothing_is_configured_that_is_said(tmp_path: Path) -> None:
    reply = examine(Site(), tmp_path)
    found = lines(reply)
    assert found.pop(("storage", "writable")) == "ok"
    assert found == {(kind, "configured"): "not used" for kind in ("cluster", "vcenter", "veeam")}
    assert reply.exit_code is Exit.ANSWERED


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert lines(examine(Site(), tmp_path / "file"))["storage", "writable"] == "wrong"


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "stuncheck.db").write_text("Dear diary", encoding="utf-8")
    reply = examine(Site(), tmp_path)
    assert "is not a store" in reply.problems[0].message


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with running(tmp_path) as given:
        yield given
        assert given.clean()


def test_the_other_nodes_of_a_cluster_are_found_and_checked_too(
    scene: Scene, tmp_path: Path
) -> None:
    found = lines(examine(Site(clusters=(scene.access,)), tmp_path))
    assert found["SQLAG01, 127.0.0.1", "log-on"] == "ok"
    assert found["SQLAG01, 127.0.0.2", "log-on"] == "ok"
    assert found["SQLAG01, VMs", "SQL01"] == "not used"


@pytest.fixture(scope="module")
def vcenter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vcsim]:
    with vcsim(tmp_path_factory.mktemp("vcsim"), "-vm=2") as peer:
        yield peer


def _vm(vcenter: Vcsim, access: VCenterAccess) -> tuple[str, str]:
    """Give name and reference of a VM there."""
    from sources.vcenter.properties import read_estate  # noqa: PLC0415 - loads pyvmomi

    with vcenter.session() as session:
        assert access.name == session.access.name
        vm = read_estate(session).vms[0]
    return vm.name, vm.ref


def test_a_whole_site_from_the_node_over_its_vm_to_the_backup(
    scene: Scene, vcenter: Vcsim, tmp_path: Path
) -> None:
    """Who is who is found across all three systems, and the log of the VM is really read."""
    access = vcenter.access(read_logs=True)
    name, ref = _vm(vcenter, access)
    for folder in vcenter.folders.values():
        with suppress(FileNotFoundError):
            (folder / name / "vmware.log").write_text(
                "2026-03-01T02:13:00.000Z In(05) vmx - Log for VMware ESX\n", encoding="utf-8"
            )
    cluster = replace(scene.access, vms={"SQL01": name})
    veeam_folder = tmp_path / "veeam"
    veeam_folder.mkdir()
    with VeeamServer(veeam_folder) as veeam:
        veeam.model.protect("backed-up-as", ref, access.host)
        reply = examine(Site((cluster,), (access,), (veeam.access,)), tmp_path)
        assert veeam.tokens == {}
    found = lines(reply)
    assert found["SQLAG01, VMs", "SQL01"] == "ok"
    assert found["SQLAG01, VMs", "SQL02"] == "wrong"
    assert found["vc1, VMs", f"log of {name}"] == "ok"
    assert [state for (_, check), state in found.items() if "clock of" in check] == [
        "not used"  # vcsim's hosts tell no time
    ]
    assert found["vbr01, objects", name] == "ok"
    assert reply.exit_code is Exit.NOT_ANSWERED


@pytest.mark.parametrize(
    "line",
    [
        *READ_ONLY,
        *LOG_RIGHTS,
        *(remedy.split(" -")[0].split(": ")[-1] for remedy in REMEDIES),
    ],
)
def test_the_manual_names_every_right_and_every_line_that_gives_one(line: str) -> None:
    manual = Path(__file__).parents[2] / "docs/permissions.md"
    assert line in manual.read_text(encoding="utf-8")

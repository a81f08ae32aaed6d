"""Raw material becomes evidence: one time line, one spelling, and coverage only where it is due."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.gather import crosses, gather
from sources.gathering.phases import refine
from sources.material import Configuration, Incident, Material, VCenterAnswers, VeeamAnswers
from sources.names import plain
from sources.raw import RawFile
from tests.peers.evtx_writer import evtx
from tests.sources.logged import CLUSTER, logged
from verdict.clock import Clock
from verdict.evidence import Evidence
from verdict.facts import Gap, Operation, Phase, Stun
from verdict.sign import Kind

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FROM, TO = datetime(2026, 3, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, 3, tzinfo=UTC)
REMOVED = logged(CLUSTER, 1135, named={"NodeName": "sql01"}, record=7)
SECOND = timedelta(seconds=1)
LINE = "2026-03-01T02:14:13.000Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 12400000 us\n"
TASK = {
    "entity": "vm-48",
    "entityName": "SQL01-vm",
    "descriptionId": "vm.Snapshot.remove",
    "startTime": "2026-03-01T02:13:48Z",
    "completeTime": "2026-03-01T02:14:31Z",
    "state": "success",
}


def raw(name: str, content: str | bytes) -> RawFile:
    return RawFile.in_memory(name, content if isinstance(content, bytes) else content.encode())


def material(
    logs: Mapping[str, str | bytes] | None = None,
    vms: Mapping[str, str] | None = None,
    tasks: object = None,
    inventory: object = None,
    **incident: object,
) -> Material:
    """Lay one file for each node and each VM."""
    vcenter = VCenterAnswers(
        tasks=None if tasks is None else json.dumps(tasks).encode(),
        inventory=None if inventory is None else json.dumps(inventory).encode(),
    )
    return Material(
        label="test",
        incident=replace(Incident(), **incident),  # type: ignore[arg-type]  # any of its fields
        nodes={node: (raw("System.xml", text),) for node, text in (logs or {}).items()},
        vms={vm: (raw("vmware.log", text),) for vm, text in (vms or {}).items()},
        vcenter=vcenter,
    )


def vm_of(evidence: Evidence, name: str = "SQL01") -> tuple[str, bool]:
    node = next(node for node in evidence.cluster.nodes if node.name == name)
    return node.vm, node.vm_proven


def gaps(evidence: Evidence, source: str) -> list[str]:
    return [gap.subject for gap in evidence.gaps if gap.source == source]


def covered(evidence: Evidence, source: str) -> list[tuple[str, datetime, datetime]]:
    return [(c.subject, c.start, c.end) for c in evidence.coverage if c.source == source]


def test_without_anything_everything_is_missing() -> None:
    evidence = gather(Material("empty"), NOW)
    assert evidence.cluster.name == "unnamed"
    assert evidence.coverage == ()
    assert [(gap.source, gap.subject) for gap in evidence.gaps] == [
        ("cluster", "heartbeat values"),
        ("cluster", "nodes"),
        ("vcenter", "tasks"),
        ("vcenter", "events"),
        ("veeam", "sessions"),
    ]
    assert all(gap.remedy for gap in evidence.gaps)


def test_a_node_is_spelt_as_the_cluster_spells_it_everywhere() -> None:
    given_files = material({"sql02.corp.local": REMOVED}, nodes={"sQl02": "x"})
    sheet = Configuration(name="C", nodes={"SQL02": None, "SQL01": None})
    evidence = gather(replace(given_files, cluster=sheet), NOW)
    assert [node.name for node in evidence.cluster.nodes] == ["SQL02", "SQL01"]
    (sign,) = evidence.signs
    assert (sign.kind, sign.node, sign.subject) == (Kind.NODE_REMOVED, "SQL02", "SQL01")
    assert {c.subject for c in evidence.coverage} == {"SQL02"}
    assert gaps(evidence, "events") == ["SQL01"]


def test_a_node_that_sent_no_files_is_a_member_because_it_was_removed() -> None:
    evidence = gather(material({"SQL02": REMOVED}, vms={"sql01": LINE}), NOW)
    assert vm_of(evidence, "sql01") == ("sql01", True)
    assert evidence.stuns[0].vm == "sql01"


INVENTORY = [
    {"name": "db-a", "moref": "vm-1", "guest_host_name": "sql01.corp.local", "host": "esx07"},
    {"name": "Sql01", "moref": "vm-2", "guest_host_name": "other"},
]


def test_the_vm_of_a_node_is_found_the_surest_way_first() -> None:
    sheet = Configuration(nodes={"SQL01": "from-sheet"})
    bare = Configuration(nodes={"SQL01": None})
    folder = {"sQl01": LINE}
    others = [*INVENTORY, {"name": "Told"}, {"name": "from-sheet"}]
    told = material(vms=folder, inventory=others, nodes={"sql01.corp": "told"})
    plain = material(vms=folder, inventory=INVENTORY)
    named = material(vms=folder, inventory=[{"name": "Sql01", "moref": "vm-2"}])
    ways = [
        (replace(told, cluster=sheet), ("told", True)),
        (replace(material(vms=folder, inventory=others), cluster=sheet), ("from-sheet", True)),
        (replace(plain, cluster=bare), ("db-a", True)),
        (replace(named, cluster=bare), ("Sql01", True)),
        (replace(material(vms=folder), cluster=bare), ("sQl01", True)),
        (replace(material(), cluster=bare), ("SQL01", False)),
    ]
    for number, (files, expected) in enumerate(ways):
        assert vm_of(gather(files, NOW)) == expected, number


def test_a_vm_whose_guest_is_another_machine_is_only_assumed() -> None:
    files = replace(material(inventory=INVENTORY[1:]), cluster=Configuration(nodes={"SQL01": None}))
    assert vm_of(gather(files, NOW)) == ("Sql01", False)


def test_a_name_that_two_vms_share_proves_nothing() -> None:
    twins = [{"name": "SQL01", "moref": "vm-1"}, {"name": "sql01", "moref": "vm-2"}]
    files = material({"SQL01": REMOVED}, vms={"sql01": LINE}, inventory=twins)
    assert vm_of(gather(files, NOW)) == ("sql01", False)


def test_two_nodes_said_to_run_in_one_vm_prove_nothing() -> None:
    evidence = gather(material(nodes={"SQL01": "x", "SQL02": "X"}), NOW)
    assert [node.vm_proven for node in evidence.cluster.nodes] == [False, False]
    assert "x" in gaps(evidence, "cluster")


def test_work_on_a_vm_is_found_by_its_number_and_spelt_as_its_node_says() -> None:
    inventory = [
        {"name": "SQL01-VM", "moref": "vm-48", "datastores": [{"name": "d", "type": "NFS"}]}
    ]
    files = material(tasks=[TASK], inventory=inventory, nodes={"SQL01": "sql01-vm"})
    evidence = gather(files, NOW)
    assert [op.vm for op in evidence.operations] == ["sql01-vm"]
    assert evidence.cluster.nodes[0].datastores == (("d", "NFS"),)


def test_every_clock_shifts_its_own_facts() -> None:
    clocks = {"sql02": 1.5, "vcenter": -2, "ESX07": 3, "esxi": 60}
    files = material(
        {"SQL02": REMOVED},
        vms={"db-a": LINE, "proxy": LINE},
        tasks=[TASK],
        inventory=[INVENTORY[0] | {"host": "esx07.corp.local"}],
        clocks={name: timedelta(seconds=ahead) for name, ahead in clocks.items()},
    )
    evidence = gather(files, NOW)
    end = datetime(2026, 3, 1, 2, 14, 13, tzinfo=UTC)
    assert {stun.vm: end - stun.end for stun in evidence.stuns} == {
        "db-a": 3 * SECOND,
        "proxy": 60 * SECOND,
    }
    assert evidence.operations[0].start == datetime(2026, 3, 1, 2, 13, 50, tzinfo=UTC)
    assert evidence.signs[0].at == datetime(2026, 3, 1, 2, 14, 9, 112345, tzinfo=UTC)


def test_a_mistyped_clock_is_named_and_another_host_is_not() -> None:
    clocks = {"vcentre": SECOND, "esx08": SECOND, "SQL02": SECOND, "veeam": SECOND}
    evidence = gather(material({"SQL01": REMOVED}, clocks=clocks), NOW)
    assert gaps(evidence, "incident.toml") == ["[clocks] vcentre"]


def test_tasks_cover_only_what_was_asked_for() -> None:
    named = [TASK | {"entity": None}]
    told = {"vcenter": (FROM, TO)}
    assert covered(gather(material(tasks=named, collected=told), NOW), "vcenter") == [
        ("tasks", FROM, TO)
    ]
    for files in (
        material(tasks=named),
        material(collected=told),
        material(tasks=[*named, {"entity": "cut"}], collected=told),
        material(tasks="cut", collected=told),
        material(tasks=[TASK | {"entityName": "vm-48"}], collected=told),
    ):
        evidence = gather(files, NOW)
        assert covered(evidence, "vcenter") == []
        assert "tasks" in gaps(evidence, "vcenter")


def test_an_unreadable_file_beside_the_tasks_may_be_their_other_half() -> None:
    whole = material(tasks=[], collected={"vcenter": (FROM, TO)})
    half = replace(whole, gaps=(Gap("bundle", "vcenter/tasks-2.json", "it cannot be read"),))
    assert covered(gather(whole, NOW), "vcenter")
    assert not covered(gather(half, NOW), "vcenter")


def test_a_clock_far_off_shortens_what_was_covered_on_both_readings() -> None:
    told = {"vcenter": (FROM, TO)}
    ahead = {"vcenter": timedelta(minutes=30)}
    evidence = gather(material(tasks=[], collected=told, clocks=ahead), NOW)
    assert covered(evidence, "vcenter") == [("tasks", FROM, TO - timedelta(minutes=30))]


def test_veeam_covers_only_without_damage() -> None:
    told = replace(Incident(), collected={"veeam": (FROM, TO)})
    page = b'{"data": [], "pagination": {"total": 0, "count": 0}}'
    whole = Material("x", told, veeam=VeeamAnswers(page, page))
    assert covered(gather(whole, NOW), "veeam") == [("sessions", FROM, TO)]
    cut = Material("x", told, veeam=VeeamAnswers(page, page[:20]))
    assert covered(gather(cut, NOW), "veeam") == []


def test_the_current_log_covers_up_to_the_moment_it_was_read() -> None:
    read = {"vmware": (FROM, TO)}
    evidence = gather(material(vms={"sql01": LINE}, collected=read), NOW)
    assert covered(evidence, "vmware.log")[-1][2] == TO
    silent = gather(material(vms={"sql01": LINE}), NOW)
    assert covered(silent, "vmware.log")[-1][2] < TO


def test_the_same_log_as_evtx_and_as_xml_counts_once() -> None:
    files = (raw("System.evtx", evtx([REMOVED])), raw("System.xml", REMOVED))
    evidence = gather(replace(material(), nodes={"SQL02": files}), NOW)
    assert len(evidence.signs) == 1


def test_a_file_that_cannot_be_opened_is_a_gap() -> None:
    def refuse() -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    names = ("System.xml", "cluster.log", "ERRORLOG", "other")
    files = tuple(replace(raw(name, ""), open=refuse) for name in names)
    evidence = gather(replace(material(), nodes={"SQL02": files}, vms={"sql01": files[:1]}), NOW)
    told = " ".join(gap.why for gap in evidence.gaps if gap.subject == "SQL02")
    assert all(name in told for name in names)
    assert "sql01" in gaps(evidence, "vmware.log")
    assert evidence.coverage == ()


def test_steps_of_a_backup_are_work_too() -> None:
    sessions = {"data": [{"id": "a", "name": "SQL Nightly", "sessionType": "BackupJob",
                          "creationTime": "2026-03-01T02:00:00+00:00"}]}  # fmt: skip
    tasks = {"data": [{"id": "b", "sessionId": "a", "name": "SQL01", "type": "Backup",
                       "creationTime": "2026-03-01T02:00:05+00:00",
                       "endTime": "2026-03-01T02:15:00+00:00"}]}  # fmt: skip
    log = {"totalRecords": 1, "records": [{"id": 1, "status": "Succeeded",
           "startTime": "2026-03-01T02:13:48+00:00", "updateTime": "2026-03-01T02:14:31+00:00",
           "title": "Removing VM snapshot"}]}  # fmt: skip
    answers = [json.dumps(part).encode() for part in (sessions, tasks, log)]
    veeam = VeeamAnswers(answers[0], answers[1], {"b": answers[2]})
    evidence = gather(Material("x", Incident(nodes={"N": "sql01"}), veeam=veeam), NOW)
    assert [backup.vm for backup in evidence.backups] == ["sql01"]
    assert evidence.backups[0].steps == evidence.operations
    assert [op.phase for op in evidence.operations] == [Phase.REMOVE]


def at(second: float) -> datetime:
    return FROM + timedelta(seconds=second)


MEASURED = Clock("x", timedelta())
STUN = Stun("v", at(10), at(20), Phase.UNKNOWN, MEASURED)


def work(phase: Phase, start: float, end: float | None, vm: str = "v") -> Operation:
    return Operation(
        vm, phase, at(start), None if end is None else at(end), MEASURED, "vcenter", ""
    )


@pytest.mark.parametrize(
    ("operations", "phase"),
    [
        ([work(Phase.REMOVE, 5, 25)], Phase.REMOVE),
        ([work(Phase.REMOVE, 10.4, 19.6)], Phase.REMOVE),  # 0.25 s of doubt in each clock
        ([work(Phase.REMOVE, 11, 25)], Phase.UNKNOWN),
        ([work(Phase.CREATE, 5, None)], Phase.CREATE),
        ([work(Phase.CREATE, 5, 25), work(Phase.REMOVE, 9, 21)], Phase.UNKNOWN),
        ([work(Phase.REMOVE, 5, 25), work(Phase.MIGRATION, 9, 21)], Phase.UNKNOWN),
        ([work(Phase.MIGRATION, 9, 21)], Phase.UNKNOWN),
        ([work(Phase.REMOVE, 5, 25, vm="w")], Phase.UNKNOWN),
    ],
)
def test_an_unexplained_stun_takes_the_phase_of_the_work_it_lies_in(
    operations: list[Operation], phase: Phase
) -> None:
    assert refine([STUN], operations)[0].phase is phase


def test_an_explained_stun_keeps_its_phase() -> None:
    stun = replace(STUN, phase=Phase.OTHER)
    assert refine([stun], [work(Phase.REMOVE, 5, 25)]) == (stun,)


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("10.1.1.5|10.1.2.5", True),
        ("10.1.1.5:3343|10.1.2.5:3343", True),
        ("10.1.1.5|10.1.1.6", False),
        ("169.254.1.5|169.254.2.6", False),
        ("fe80::1|10.1.1.6", False),
        ("10.1.1.5", False),
        (None, False),
    ],
)
def test_a_route_between_two_networks_crosses_subnets(route: str | None, *, expected: bool) -> None:
    assert crosses(route) is expected


@given(st.binary(), st.sampled_from(["System.xml", "System.evtx", "cluster.log", "ERRORLOG", "x"]))
def test_no_bytes_raise(data: bytes, name: str) -> None:
    files = Material(
        "x",
        nodes={"N": (raw(name, data),)},
        vms={"V": (raw("vmware.log", data),)},
        vcenter=VCenterAnswers(data, data, data),
        veeam=VeeamAnswers(data, data, {"1": data}),
    )
    assert gather(files, NOW).cluster.nodes


def test_tasks_of_another_year_cover_nothing() -> None:
    """The interval of incident.toml is that of another collection, or its year is a slip."""
    tasks = [TASK | {"startTime": "2025-03-01T02:13:48Z", "completeTime": "2025-03-01T02:14:31Z"}]
    evidence = gather(material(tasks=tasks, collected={"vcenter": (FROM, TO)}), NOW)
    assert covered(evidence, "vcenter") == []
    assert "tasks" in gaps(evidence, "vcenter")


def test_a_moment_in_the_future_is_not_asked_about() -> None:
    later = NOW.replace(year=2099)
    evidence = gather(material(at=later, tasks=[], collected={"vcenter": (later, later)}), NOW)
    assert evidence.at is None
    assert covered(evidence, "vcenter") == []
    assert gaps(evidence, "incident.toml") == ["[collected] vcenter", "[failover] at"]


def test_events_in_the_wrong_folder_are_shifted_by_their_own_computers_clock() -> None:
    """Two nodes' exports in each other's folders: a clock 28 s off hid the stun from them."""
    evidence = gather(
        material(logs={"SQL03": REMOVED}, clocks={"SQL02": 28 * SECOND, "SQL03": -9 * SECOND}), NOW
    )
    (sign,) = evidence.signs
    assert (sign.node, sign.clock.ahead) == ("SQL02", 28 * SECOND)
    assert f"{sign.at:%H:%M:%S}" == "02:13:42"


def test_of_thousands_of_gaps_the_first_are_told_and_the_rest_counted() -> None:
    wrong = tuple(Gap("bundle", f"{n}.bin", "it is not used") for n in range(5000))
    evidence = gather(replace(material(), gaps=wrong), NOW)
    told = [gap for gap in evidence.gaps if gap.source == "bundle"]
    assert len(told) == 41
    assert told[-1].why == "4,960 further gaps are not listed here"


def test_thousands_of_node_names_are_nobodys() -> None:
    """A cluster has at most 64 nodes; none is believed, so nothing is cleared by their VMs."""
    vms = {f"name-of-length-{n:05}": "vm" for n in range(20_000)}
    evidence = gather(material(nodes=vms), NOW)
    assert evidence.cluster.nodes == ()
    assert "nodes" in gaps(evidence, "cluster")


def test_a_slip_in_the_name_of_a_vm_proves_nothing() -> None:
    """Tasks of the VM that was meant would be missed, and the backup cleared by their absence."""
    evidence = gather(material(inventory=INVENTORY, nodes={"SQL01": "db_a"}), NOW)
    assert vm_of(evidence) == ("db_a", False)
    assert ("cluster", "db_a") in {(gap.source, gap.subject) for gap in evidence.gaps}
    assert vm_of(gather(material(nodes={"SQL01": "db_a"}), NOW)) == ("db_a", True)


@pytest.mark.parametrize("odd", ["SQL\xa001", "SQL\u200b01", "SQL\x1b[31m01", "SQL\u202e01"])
def test_an_odd_name_is_the_same_in_every_source(odd: str) -> None:
    """XML cannot hold an escape character; a blank that does not break was typed by nobody."""
    removed = logged(CLUSTER, 1135, named={"NodeName": odd.replace("\x1b", "\ufffd")}, record=7)
    evidence = gather(
        material(
            logs={"SQL02": removed},
            vms={plain(odd): LINE},
            tasks=[TASK | {"entityName": odd}],
            inventory=[{"name": odd, "moref": "vm-48"}],
            nodes={plain(odd): plain(odd)},
        ),
        NOW,
    )
    assert {node.vm for node in evidence.cluster.nodes if node.vm_proven} == {plain(odd)}
    assert evidence.signs[0].subject == plain(odd)
    assert {stun.vm for stun in evidence.stuns} == {plain(odd)}
    assert {work.vm for work in evidence.operations} == {plain(odd)}

"""A file is known by its name, else by how it begins."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bundle.recognise import (
    FileKind,
    display_name_of,
    kind_of_head,
    kind_of_json,
    kind_of_name,
    owner_of,
    recognise,
)
from sources.raw import RawFile

EVENT = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Computer>SQL02.corp.local</Computer></System></Event>"
)
# MicrosoftDocs SupportArticles, "Troubleshoot availability group failover"
CLUSTER = (
    "00000fe4.00001620::2022/12/15-14:26:02.050 INFO [IM] got event: Remote endpoint "
    "unreachable\r\n"
)
ERROR = "2017-10-23 11:30:21.64 Server      UTC adjustment: -7:00\r\n"
# a clustered instance: the server's name is the virtual one
CLUSTERED = (
    "Server name is 'SQLVS1'.\n"
    "The NETBIOS name of the local node that is running the server is 'SQL02'."
)
# Broadcom KB 417644 and virten.net 2015/10
NEW = "2025-10-28T13:33:06.256Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 385332 us\n"
OLD = "2015-10-27T22:01:42.149Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for 188405 us\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (EVENT, FileKind.EVENTS_XML),
        ("<?xml version='1.0'?>\n<Events>" + EVENT, FileKind.EVENTS_XML),
        (CLUSTER, FileKind.CLUSTER_LOG),
        (
            "[=== Cluster ===]\r\nCurrent node: SQL02 (2)\r\n[System] " + CLUSTER,
            FileKind.CLUSTER_LOG,
        ),
        (ERROR, FileKind.ERRORLOG),
        (NEW, FileKind.VMWARE_LOG),
        (OLD, FileKind.VMWARE_LOG),
        ("vmx| Checkpoint_Unstun: vm stopped for 3711025 us\n", FileKind.VMWARE_LOG),
        ("[failover]\ncluster = 'X'\n", FileKind.INCIDENT),
        (' {"name": "X"}', FileKind.JSON),
        ("notes of the night", FileKind.UNKNOWN),
        ("", FileKind.UNKNOWN),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_file_is_known_by_how_it_begins(text: str, kind: FileKind, encoding: str) -> None:
    assert kind_of_head(text.encode(encoding)) is kind


def test_an_event_file_is_known_by_its_magic() -> None:
    assert kind_of_head(b"ElfFile\x00" + bytes(4000)) is FileKind.EVTX


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("System.EVTX", FileKind.EVTX),
        ("system.xml", FileKind.EVENTS_XML),
        ("Cluster.LOG", FileKind.CLUSTER_LOG),
        ("SQL02.corp.local_cluster.log", FileKind.CLUSTER_LOG),
        ("ERRORLOG", FileKind.ERRORLOG),
        ("errorlog.3", FileKind.ERRORLOG),
        ("vmware.log", FileKind.VMWARE_LOG),
        ("vmware-13.log", FileKind.VMWARE_LOG),
        ("other.log", FileKind.UNKNOWN),
    ],
)
def test_a_name_says_what_a_file_is_in_any_case(name: str, kind: FileKind) -> None:
    assert kind_of_name(name) is kind


def test_a_name_counts_before_the_content() -> None:
    assert recognise(RawFile.in_memory("ERRORLOG", NEW.encode())) is FileKind.ERRORLOG
    assert recognise(RawFile.in_memory("log.txt", NEW.encode())) is FileKind.VMWARE_LOG


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([{"entity": "vm-1", "descriptionId": "vm.Snapshot.remove"}], FileKind.TASKS),
        ([{"eventTypeId": "VmMigratedEvent", "createdTime": "..."}], FileKind.EVENTS),
        ([{"name": "sql01", "moref": "vm-1"}], FileKind.INVENTORY),
        ({"data": [{"sessionType": "BackupJob", "creationTime": ""}]}, FileKind.SESSIONS),
        (
            {"data": [{"sessionType": "B", "creationTime": "", "sessionId": "", "name": ""}]},
            FileKind.TASK_SESSIONS,
        ),
        ({"totalRecords": 1, "records": [{"title": "", "startTime": ""}]}, FileKind.TASK_LOG),
        ({"name": "SQLAG01", "properties": {}}, FileKind.CLUSTER),
        ([], FileKind.UNKNOWN),
        ([7], FileKind.UNKNOWN),
        ({"data": 7}, FileKind.UNKNOWN),
    ],
)
def test_json_is_known_by_its_keys(rows: object, kind: FileKind) -> None:
    assert kind_of_json(json.dumps(rows).encode()) is kind


@given(st.binary())
def test_no_bytes_raise(data: bytes) -> None:
    kind_of_head(data)
    kind_of_json(data)
    for kind in (FileKind.EVTX, FileKind.EVENTS_XML, FileKind.ERRORLOG):
        owner_of(RawFile.in_memory("x", data), kind)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        (EVENT, "SQL02"),
        ("Current node: sql02 (2)\n", "sql02"),
        (ERROR + "2017-10-23 11:30:21.64 Server  Server name is 'SQL02\\INST'.\n", "SQL02"),
        (
            CLUSTERED,
            "SQL02",
        ),
        (ERROR, ""),
    ],
)
def test_a_log_names_its_node(text: str, owner: str) -> None:
    file = RawFile.in_memory("x", text.encode("utf-16"))
    assert owner_of(file, FileKind.UNKNOWN) == owner


def test_a_damaged_event_file_names_nobody() -> None:
    file = RawFile.in_memory("x.evtx", b"ElfFile\x00" + bytes(5000))
    assert owner_of(file, FileKind.EVTX) == ""


def test_a_vmware_log_names_its_vm() -> None:
    head = NEW + '2025-10-28T13:33:06.256Z In(05) vmx - DICT    displayName = "sql 01"\n'
    assert display_name_of(RawFile.in_memory("vmware.log", head.encode())) == "sql 01"
    assert display_name_of(RawFile.in_memory("vmware.log", NEW.encode())) == ""

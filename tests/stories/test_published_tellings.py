"""One incident, told by different evidence: the same facts must end in the same verdict.

The removal is FailoverDetector's of 2017-10-23 (zeroch/FailoverDetector, ClusterLog/TestCase_0 and
the heartbeats published with it): 21:20:04.608 40 % missed, 10.608 UDP lost, 11.225 removed. The
stun in it is ours: 12.4 s from 21:20:00.700, in the removal of a snapshot.
"""

import json
from pathlib import Path

import pytest

from tests.peers.evtx_writer import evtx
from tests.stories.dossier import (
    CLUSTERING,
    cluster,
    ending,
    event,
    log,
    no_quorum,
    quiet,
    removed,
    verdict,
)

GUILTY = ("ze-2016-v2", "caused", "snapshot_remove_stun", "confirmed", "heartbeat")
ONE, TWO = "ze-2016-v1", "ze-2016-v2"
DOMAIN = ".redmond.corp.example"
AT = "2017-10-23T21:20:11.225Z"
GUEST = quiet(
    "2017-10-23T20:00:00.000Z", "2017-10-23T22:00:00.000Z",
    '2017-10-23T20:00:01.000Z| vmx| I120: DICT              displayName = "ze-2016-v2"',
    "2017-10-23T21:19:30.000Z| vmx| I120: SnapshotVMX_Consolidate: Starting",
    "2017-10-23T21:20:13.100Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for 12400000 us",
    "2017-10-23T21:20:13.400Z| vcpu-0| I120: ConsolidateEnd: Snapshot consolidate complete: The"
    " operation completed successfully (0).",
)  # fmt: skip
SURVIVOR = log(
    "Current node: ze-2016-v1 (1)",
    "[Operational] 00000844.00000d34::2017/10/23-21:20:04.608 INFO  Microsoft Failover Cluster"
    " Virtual Adapter (NetFT) has missed more than 40 percent of consecutive heartbeats.",
    "[Operational] 00000844.00000d34::2017/10/23-21:20:10.608 INFO  Cluster has lost the UDP"
    " connection from local endpoint 10.0.0.1:~3343~ connected to remote endpoint 10.0.0.2:~3343~.",
    "00000844.00000d34::2017/10/23-21:20:10.610 INFO  [RGP] node 1: Node Disconnected 2",
    "[System] 00000844.00000d34::2017/10/23-21:20:11.225 DBG   Cluster node 'ze-2016-v2' was"
    " removed from the active failover cluster membership.",
)
VALUES = cluster(ONE, TWO)
GERMAN_LOG = log(
    "Current node: ze-2016-v1 (1)",
    "00000844.00000d34::2017/10/23-21:20:10.608 INFO  [IM] got event: Remote endpoint"
    " 10.0.0.2:~3343~ unreachable from 10.0.0.1:~3343~",
    "00000844.00000d34::2017/10/23-21:20:11.225 INFO  [CORE] Node 1: New View is <ViewChanged"
    " joiners=() downers=(2) newView=1301(1) oldView=1101(1 2) joiner=false form=false/>",
    "[System] 00000844.00000d34::2017/10/23-21:20:11.225 DBG   Der Clusterknoten 'ze-2016-v2' wurde"
    " aus der aktiven Failoverclustermitgliedschaft entfernt.",
    "00000844.00000d34::2017/10/23-21:20:11.300 INFO  [RCM] move of group ag1023 from ze-2016-v2(2)"
    " to ze-2016-v1(1) of type MoveType::NodeDown is about to succeed, failoverCount=0",
)


def told(
    events: str | bytes, name: str = "System.xml", sheet: str = VALUES
) -> dict[str, str | bytes]:
    return {f"nodes/{ONE}/{name}": events, f"vms/{TWO}/vmware.log": GUEST, "cluster.json": sheet}


PLAIN = removed(AT, ONE + DOMAIN, TWO)
GERMAN = (
    "<RenderingInfo Culture='de-DE'><Message>Der Clusterknoten \"ze-2016-v2\" wurde aus der aktiven"
    " Failoverclustermitgliedschaft entfernt.</Message><Level>Kritisch</Level><Task>Knoten-Manager"
    "</Task><Opcode>Info</Opcode><Channel>System</Channel><Provider>Microsoft-Windows-"
    "FailoverClustering</Provider></RenderingInfo>"
)
USER_DATA = (
    PLAIN.replace("<EventData>", "<UserData><EventXML xmlns='x'>")
    .replace("</EventData>", "</EventXML></UserData>")
    .replace('<Data Name="NodeName">', "<NodeName>")
    .replace("</Data>", "</NodeName>")
)
FOUR = cluster(ONE, TWO, "ze-2016-v3", "ze-2016-v4")

TELLINGS: dict[str, dict[str, str | bytes]] = {
    "events as XML": told(PLAIN),
    "with a root element": told(f"<?xml version='1.0'?>\n<Events>{PLAIN}</Events>"),
    "in UTF-16": told(PLAIN.encode("utf-16")),
    "saved in PowerShell's way, UTF-8 with a mark": told("\ufeff" + PLAIN),
    "as .evtx": told(evtx([PLAIN]), "System.evtx"),
    "by a German Windows": told(
        event(AT, ONE, 1135, TWO, names=("NodeName",), after=GERMAN)
    ),
    "with data without a name": told(event(AT, ONE, 1135, TWO)),
    "with data of another name": told(event(AT, ONE, 1135, TWO, names=("Node",))),
    "as user data": told(USER_DATA),
    "with full names": told(removed(AT, ONE + DOMAIN, TWO + DOMAIN)),
    "in capitals": told(removed(AT, ONE.upper(), TWO.upper())),
    "folders with full names": {
        f"nodes/{ONE}{DOMAIN}/System.xml": PLAIN, f"vms/{TWO}/vmware.log": GUEST,
        "cluster.json": cluster(ONE + DOMAIN, TWO + DOMAIN).replace(
            f'"vm": "{TWO}{DOMAIN}"', f'"vm": "{TWO}"'
        ).replace(f'"vm": "{ONE}{DOMAIN}"', f'"vm": "{ONE}"'),
    },
    "cluster.log": told(SURVIVOR, "cluster.log"),
    "cluster.log and events": told(PLAIN) | {f"nodes/{ONE}/cluster.log": SURVIVOR},
    "cluster.log in local time": told(
        log(
            "The logs were generated using local time. 'offset of this machine is 420 minutes'",
            *SURVIVOR.replace("23-21:20", "23-14:20").splitlines(),
        ),
        "cluster.log",
    ),
    "cluster.log of a German Windows": told(GERMAN_LOG, "cluster.log"),
    "with the lost node's own view beside": told(PLAIN) | {
        f"nodes/{TWO}/System.xml": removed("2017-10-23T21:20:00.900Z", TWO, ONE)
        + no_quorum("2017-10-23T21:20:00.905Z", TWO)
    },
    "by three survivors": told(PLAIN, sheet=FOUR) | {
        f"nodes/{name}/System.xml": removed(f"2017-10-23T21:20:11.{ms}Z", name, TWO)
        for name, ms in (("ze-2016-v3", "230"), ("ze-2016-v4", "241"))
    },
    "loose files": {
        "System.xml": PLAIN, "guest vmware.log": GUEST, "cluster.json": VALUES,
    },
    "loose files with telling names": {
        f"{ONE}_cluster.log": SURVIVOR, f"{TWO}_vmware.log": GUEST, "cluster.json": VALUES,
    },
    "a VM of another name": {
        f"nodes/{ONE}/System.xml": PLAIN, "vms/PRD-SQL-02/vmware.log": GUEST,
        "cluster.json": VALUES.replace(f'"vm": "{TWO}"', '"vm": "PRD-SQL-02"'),
    },
    "a VM named in incident.toml": {
        f"nodes/{ONE}/System.xml": PLAIN, "vms/PRD-SQL-02/vmware.log": GUEST,
        "cluster.json": VALUES, "incident.toml": f'[nodes]\n{TWO}{DOMAIN} = "prd-sql-02"\n',
    },
    "asked about by an alert 4 min later": told(PLAIN) | {
        "incident.toml": "[failover]\nat = 2017-10-23T21:24:00Z\n"
    },
}  # fmt: skip


@pytest.mark.parametrize("telling", TELLINGS)
def test_the_same_facts_end_in_the_same_verdict(tmp_path: Path, telling: str) -> None:
    one = verdict(tmp_path, TELLINGS[telling])
    assert ending(one) == GUILTY
    assert f"{one.at:%H:%M:%S.%f}".startswith("21:20:11.2")
    assert one.stun is not None
    assert one.stun.duration.total_seconds() == pytest.approx(12.4)


LESS: dict[str, dict[str, str | bytes]] = {
    "no cluster.json": {k: v for k, v in told(PLAIN).items() if k != "cluster.json"},
    "cluster.json without values": told(PLAIN, sheet=cluster(ONE, TWO, threshold=None)),
    "the lost node's own events only": {
        f"nodes/{TWO}/System.xml": removed("2017-10-23T21:20:00.900Z", TWO, ONE)
        + no_quorum("2017-10-23T21:20:00.905Z", TWO),
        f"vms/{TWO}/vmware.log": GUEST, "cluster.json": VALUES,
    },
    "the lost node's own cluster.log only": {
        f"nodes/{TWO}/cluster.log": SURVIVOR.replace("(1)", "(2)").replace(
            "node: ze-2016-v1", "node: ze-2016-v2"
        ).replace("'ze-2016-v2'", "'ze-2016-v1'")
        + "00000844.00000d34::2017/10/23-21:20:11.233 ERR   [QUORUM] Node 2: Lost quorum (2)\n",
        f"vms/{TWO}/vmware.log": GUEST, "cluster.json": VALUES,
    },
    "the lost node's ERRORLOG only": {
        f"nodes/{TWO}/ERRORLOG": (
            "2017-10-23 11:30:21.64 Server      UTC adjustment: -7:00\n"
            "2017-10-23 14:20:01.10 spid29s     Always On Availability Groups: Local Windows "
            "Server Failover Clustering service has become unavailable. This is an informational "
            "message only. No user action is required.\n"
        ),
        f"vms/{TWO}/vmware.log": GUEST, "cluster.json": VALUES,
    },
}  # fmt: skip


@pytest.mark.parametrize("telling", LESS)
def test_less_evidence_accuses_the_same_one_less_surely(tmp_path: Path, telling: str) -> None:
    one = verdict(tmp_path, LESS[telling])
    assert ending(one) == (*GUILTY[:3], "likely", "heartbeat")


def test_the_lease_in_an_errorlog_is_its_own_mechanism(tmp_path: Path) -> None:
    """Only ERRORLOG and vmware.log: the lease of 20 s broke at 10 s and was told on waking."""
    errorlog = (
        "2017-10-23 11:30:21.64 Server      UTC adjustment: -7:00\n"
        "2017-10-23 14:20:01.35 Server      Error: 19407, Severity: 16, State: 1.\n"
        "2017-10-23 14:20:01.35 Server      The lease between availability group 'ag1023' and the "
        "Windows Server Failover Cluster has expired.\n"
    )
    files = {f"nodes/{TWO}/ERRORLOG": errorlog, f"vms/{TWO}/vmware.log": GUEST}
    one = verdict(tmp_path, files)
    assert ending(one) == (TWO, "caused", "snapshot_remove_stun", "confirmed", "lease")


INNOCENT = quiet("2017-10-23T20:00:00.000Z", "2017-10-23T22:00:00.000Z")


@pytest.mark.parametrize("telling", [*TELLINGS])
def test_the_same_tellings_clear_a_vm_that_was_not_stunned(tmp_path: Path, telling: str) -> None:
    files = {
        name: text.replace("12400000 us", "120000 us") if isinstance(text, str) else text
        for name, text in TELLINGS[telling].items()
    }
    assert ending(verdict(tmp_path, files)) == (TWO, "cleared", "unknown", "unknown", None)


@pytest.mark.parametrize("telling", [*TELLINGS])
def test_the_same_tellings_leave_it_open_without_vmware_log(tmp_path: Path, telling: str) -> None:
    files = {name: text for name, text in TELLINGS[telling].items() if "vmware.log" not in name}
    assert ending(verdict(tmp_path, files)) == (TWO, "unknown", "unknown", "unknown", None)


def test_a_channel_s_other_events_do_not_disturb(tmp_path: Path) -> None:
    """1650 of the Operational channel, the roles' moves and the noise of a German domain."""
    more = "".join((
        event("2017-10-23T21:20:04.608Z", ONE, 1650, "10.0.0.1:~3343~", "10.0.0.2:~3343~"),
        event("2017-10-23T21:20:11.300Z", ONE, 1153, "ag1023", TWO, ONE),
        event("2017-10-23T21:20:12.000Z", ONE, 1201, "ag1023"),
        event("2017-10-23T21:20:12.100Z", ONE, 7036, "Windows-Zeitgeber", "beendet",
              provider="Service Control Manager"),
        event("2017-10-23T21:20:11.000Z", ONE, 1126, "Ethernet0", TWO, "Clusternetzwerk 1"),
    ))  # fmt: skip
    one = verdict(tmp_path, told(PLAIN + more))
    assert ending(one) == GUILTY


def test_json_of_powershell_is_read_too(tmp_path: Path) -> None:
    """ConvertTo-Json writes a list of one as the one, and numbers as they are."""
    sheet = json.loads(VALUES) | {"availability_groups": {"name": "ag1023"}}
    one = verdict(tmp_path, told(PLAIN, sheet=json.dumps(sheet)))
    assert ending(one) == GUILTY
    assert CLUSTERING in PLAIN

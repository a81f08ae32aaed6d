"""Published cluster.log, ERRORLOG and event extracts, most of them innocent or left open."""

from pathlib import Path

import pytest

from tests.stories.dossier import (
    KERNEL,
    cluster,
    ending,
    event,
    log,
    no_quorum,
    quiet,
    removed,
    verdict,
    verdicts,
)

REMOVED = (
    "Cluster node '{}' was removed from the active failover cluster membership. The Cluster "
    "service on this node may have stopped."
)
NO_QUORUM = "The Cluster service is shutting down because quorum was lost."
RHS = "The cluster Resource Hosting Subsystem (RHS) process was terminated and will be restarted."

# https://github.com/zeroch/FailoverDetector, ClusterLog/TestCase_0.txt: the node that lost its
# quorum accuses the other one, twice within five minutes
FDU = log(
    "[System] 00000844.00001278::2017/10/23-21:01:11.623 ERR   The Cluster service failed to bring"
    " clustered role 'ag1023' completely online or offline.",
    f"[System] 00000844.00000d34::2017/10/23-21:20:11.225 DBG   {REMOVED.format('ze-2016-v1')}",
    f"[System] 00000844.00000d34::2017/10/23-21:20:11.233 DBG   {NO_QUORUM}",
    "Run the Validate a Configuration wizard to check your network configuration.",
    "[System] 00000844.00001cc4::2017/10/23-21:20:11.441 DBG   The cluster service encountered an"
    " unexpected problem and will be shut down. The error code was '5050'.",
    f"[System] 00000844.00001680::2017/10/23-21:20:11.579 DBG   {RHS}",
    f"[System] 000005e4.00001d98::2017/10/23-21:24:19.837 DBG   {REMOVED.format('ze-2016-v1')}",
    f"[System] 000005e4.00001d98::2017/10/23-21:24:19.839 DBG   {NO_QUORUM}",
    f"[System] 000005e4.00000f38::2017/10/23-21:24:20.007 DBG   {RHS}",
)


def test_who_lost_its_quorum_was_lost_whomever_it_accuses(tmp_path: Path) -> None:
    found = verdicts(tmp_path, {"nodes/ze-2016-v2/cluster.log": FDU})
    late = [one for one in found if one.at.minute >= 20]
    assert [f"{one.at:%H:%M:%S}" for one in late] == ["21:20:11", "21:24:19"]
    assert {(one.lost_node, one.backup) for one in late} == {("ze-2016-v2", "unknown")}
    assert ending(late[0]) == ("ze-2016-v2", "unknown", "unknown", "unknown", None)


def test_what_the_first_loss_took_down_did_not_cause_the_second(tmp_path: Path) -> None:
    *_, second = verdicts(tmp_path, {"nodes/ze-2016-v2/cluster.log": FDU})
    assert ending(second) == ("ze-2016-v2", "unknown", "unknown", "unknown", None)


def test_the_published_heartbeats_tell_when_a_stun_must_have_begun(tmp_path: Path) -> None:
    """40 % missed at 04.608, UDP lost at 10.608, removed at 11.225: ten beats from 21:20:00.6."""
    survivor = log(
        "[Operational] 00000844.00000d34::2017/10/23-21:20:04.608 INFO  Microsoft Failover Cluster"
        " Virtual Adapter (NetFT) has missed more than 40 percent of consecutive heartbeats.",
        "[Operational] 00000844.00000d34::2017/10/23-21:20:10.608 INFO  Cluster has lost the UDP"
        " connection from local endpoint 10.0.0.1:~3343~ connected to remote endpoint"
        " 10.0.0.2:~3343~.",
        f"[System] 00000844.00000d34::2017/10/23-21:20:11.225 DBG   {REMOVED.format('ze-2016-v2')}",
    )
    guest = quiet(
        "2017-10-23T21:00:00.000Z", "2017-10-23T21:40:00.000Z",
        "2017-10-23T21:19:30.000Z| vmx| I120: SnapshotVMX_Consolidate: Starting",
        "2017-10-23T21:20:10.150Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for 9300000 us",
        "2017-10-23T21:20:10.400Z| vcpu-0| I120: ConsolidateEnd: Snapshot consolidate complete:"
        " The operation completed successfully (0).",
    )  # fmt: skip
    files = {
        "nodes/ze-2016-v1/cluster.log": survivor,
        "vms/ze-2016-v2/vmware.log": guest,
        "cluster.json": cluster("ze-2016-v1", "ze-2016-v2"),
        "incident.toml": "[clocks]\nze-2016-v1 = 0.0\nesxi = 0.0\n",
    }
    one = verdict(tmp_path, files)
    assert ending(one) == (
        "ze-2016-v2", "caused", "snapshot_remove_stun", "confirmed", "heartbeat"
    )  # fmt: skip


# https://www.joshthecoder.com/2020/05/21/prevent-unexpected-failovers-when-patching-ags.html
# Get-ClusterLog -UseLocalTime, UTC-4. The NIC driver of the secondary SVR13 was replaced at
# 21:17:41; both nodes removed each other, SVR13 won the witness and was restarted for VMware Tools.
HEADER = (
    "The logs were generated using local time. 'offset of this machine is 240 minutes, or 4 hours'"
)
LINE = "00000a10.00000b20::2020/05/11-21:17:"
SVR14 = log(
    "Current node: SVR14 (1)", HEADER,
    f"{LINE}43.284 INFO  [IM] got event: LocalEndpoint 10.0.1.14:~3343~ has missed two consecutive"
    " heartbeats from 10.0.1.13:~3343~",
    f"{LINE}51.284 DBG   [NETFTAPI] Signaled NetftRemoteUnreachable event, local address"
    " 10.0.1.14:3343 remote address 10.0.1.13:3343",
    f"{LINE}51.284 INFO  [IM] got event: Remote endpoint 10.0.1.13:~3343~ unreachable from"
    " 10.0.1.14:~3343~",
    f"{LINE}51.909 INFO  [CORE] Node 1: New View is <ViewChanged joiners=() downers=(2)"
    " newView=1301(1) oldView=1101(1 2) joiner=false form=false/> (Start Dispatch)",
    f"{LINE}51.909 ERR   Quorum lost because failed to update witness epoch after node failure"
    " (status = 5925)",
    f"{LINE}51.909 WARN  [RHS] Cluster service has terminated. Cluster.Service.Running.Event got"
    " signaled.",
)  # fmt: skip
SVR13 = log(
    "Current node: SVR13 (2)", HEADER,
    f"{LINE}41.708 DBG   [NETFTAPI] Signaled NetftLocalRemove event for fe80::40bb:a342:8159:3a48",
    f"{LINE}41.724 INFO  [IM] got event: Remote endpoint 10.0.1.14:~3343~ unreachable from"
    " 10.0.1.13:~3343~",
    f"{LINE}42.347 INFO  [CORE] Node 2: New View is <ViewChanged joiners=() downers=(1)"
    " newView=1302(2) oldView=1101(1 2) joiner=false form=false/> (Start Dispatch)",
    f"{LINE}42.347 WARN  [QUORUM] Node 2: One off quorum (2)",
    f"{LINE}42.347 INFO  [QUORUM] Node 2: death timer is started at 2020/05/12-01:17:42.347 and"
    " expires in 90 seconds",
    f"{LINE}42.347 INFO  [RCM] move of group Cluster Group from SVR13(2) to SVR13(2) of type"
    " MoveType::NodeDown is about to succeed, failoverCount=0",
    f"{LINE}47.289 INFO  [SV] New real route: local (10.0.1.13:~49258~) to remote SVR14"
    " (10.0.1.14:~3343~).",
    f"{LINE}49.021 INFO  [CS] Service Stopped...",
    f"{LINE}49.021 WARN  [RHS] Cluster service has terminated. Cluster.Service.Running.Event got"
    " signaled.",
)  # fmt: skip
TOOLS = event(
    "2020-05-12T01:17:48.000Z", "SVR13", 1074, "msiexec.exe", "SVR13",
    "No title for this reason could be found", "0x80030002", "restart",
    "The Windows Installer initiated a system restart to complete or continue the configuration of"
    " 'VMware Tools'.", r"NT AUTHORITY\SYSTEM", provider="User32",
)  # fmt: skip
PATCHING = {
    "nodes/SVR14/cluster.log": SVR14,
    "nodes/SVR13/cluster.log": SVR13,
    "nodes/SVR14/System.xml": removed("2020-05-12T01:17:51.909Z", "SVR14", "SVR13")
    + no_quorum("2020-05-12T01:17:51.915Z", "SVR14"),
    "nodes/SVR13/System.xml": removed("2020-05-12T01:17:42.347Z", "SVR13", "SVR14") + TOOLS,
    "cluster.json": cluster("SVR13", "SVR14", windows="2012 R2"),
}


def test_a_network_driver_replaced_accuses_no_backup(tmp_path: Path) -> None:
    """The primary lost its quorum, so it is the lost node; its local times are settled."""
    one = verdict(tmp_path, PATCHING)
    assert one.lost_node == "SVR14"
    assert one.backup in {"unknown", "cleared"}
    assert f"{one.at:%H:%M}" == "01:17"


def test_one_log_in_local_time_is_put_right_by_its_own_timer(tmp_path: Path) -> None:
    """Without the header the death timer still tells that the stamps lie four hours off."""
    bare = log(*(line for line in SVR13.splitlines() if line != HEADER))
    (one,) = verdicts(tmp_path, {"nodes/SVR13/cluster.log": bare})
    assert f"{one.at:%Y-%m-%d %H:%M}" == "2020-05-12 01:17"


def test_the_same_night_with_a_backup_running_and_its_log_read(tmp_path: Path) -> None:
    guests = {
        f"vms/{name}/vmware.log": quiet("2020-05-12T01:00:00.000Z", "2020-05-12T02:00:00.000Z")
        for name in ("SVR13", "SVR14")
    }
    one = verdict(tmp_path, PATCHING | guests)
    assert one.backup == "cleared"


def test_the_restart_for_updates_before_it_was_planned(tmp_path: Path) -> None:
    """21:00:00, the first restart of that evening."""
    asked = event(
        "2020-05-12T00:59:50.000Z", "SVR13", 1074, "TrustedInstaller.exe", "SVR13",
        "Operating System: Upgrade (Planned)", "0x80020003", "restart", "", r"NT AUTHORITY\SYSTEM",
        provider="User32",
    )  # fmt: skip
    down = event("2020-05-12T01:00:20.000Z", "SVR13", 13, "2020-05-12T01:00:20Z", provider=KERNEL)
    files = {
        "nodes/SVR13/System.xml": asked + down,
        "nodes/SVR14/System.xml": removed("2020-05-12T01:00:05.000Z", "SVR14", "SVR13"),
        "cluster.json": cluster("SVR13", "SVR14", windows="2012 R2"),
    }
    one = verdict(tmp_path, files)
    assert ending(one) == ("SVR13", "cleared", "planned", "confirmed", None)


# MicrosoftDocs/SupportArticles-docs, iaas-sql-failover-cluster-network-thresholds.md
IAAS = log(
    "0000ab34.00004e64::2014/06/10-07:54:34.099 DBG   [NETFTAPI] Signaled NetftRemoteUnreachable"
    " event, local address 10.1.2.108:3343 remote address 10.1.3.112:3343",
    "0000ab34.00004b38::2014/06/10-07:54:34.099 INFO  [IM] got event: Remote endpoint"
    " 10.1.3.112:~3343~ unreachable from 10.1.2.108:~3343~",
    "0000ab34.00004b38::2014/06/10-07:54:34.099 INFO  [IM] Route history 1: Old: 05.936, Message:"
    " Response, Route sequence: 150415, Received sequence: 150415, Heartbeats counter/threshold:"
    " 5/5, Error: Success, NtStatus: 0 Timestamp: 2014/06/10-07:54:28.000, Ticks since last"
    " sending: 4",
    "0000ab34.00004b38::2014/06/10-07:54:34.700 INFO  [CORE] Node 8: executing node 12 failed"
    " handlers on a dedicated thread",
    "0000ab34.00004b38::2014/06/10-07:54:34.701 ERR   [QUORUM] Node 8: Lost quorum (3 4 5 6 7 8)",
    "0000ab34.00004b38::2014/06/10-07:54:34.701 ERR   lost quorum (status = 5925)",
)


def test_half_a_cluster_of_twelve_loses_its_quorum(tmp_path: Path) -> None:
    one = verdict(tmp_path, {"nodes/NODE8/cluster.log": IAAS})
    assert ending(one) == ("NODE8", "unknown", "unknown", "unknown", None)


# MicrosoftDocs/SupportArticles-docs, "Troubleshoot Always On Availability Groups failover"
LOST_QUORUM = log(
    "00000fe4.00001620::2022/12/15-14:26:02.050 INFO  [IM] got event: Remote endpoint"
    " 10.0.0.12:~3343~ unreachable from 10.0.0.11:~3343~",
    "00000fe4.00001620::2022/12/15-14:26:02.050 WARN  [NDP] All routes for route (virtual) local"
    " 169.254.1.1:~0~ to remote 169.254.1.2:~0~ are down",
    "00000fe4.0000179c::2022/12/15-14:26:02.053 WARN  [NODE] Node 1: Connection to Node 2 is"
    " broken. Reason GracefulClose(1226)' because of 'channel to remote endpoint is closed'",
    "00000fe4.00001628::2022/12/15-14:26:02.654 WARN  [QUORUM] Node 1: Lost quorum (1)",
    "00000fe4.00001628::2022/12/15-14:26:02.654 WARN  [QUORUM] Node 1: goingAway: 0,"
    " core.IsServiceShutdown: 0",
    "00000fe4.00001628::2022/12/15-14:26:02.654 WARN  lost quorum (status = 5925), executing"
    " OnStop",
    "000019cc.000019d0::2022/12/15-14:26:02.654 WARN  [RHS] Cluster service has terminated."
    " Cluster.Service.Running.Event got signaled.",
)


def test_lost_quorum_alone_leaves_everything_open(tmp_path: Path) -> None:
    events = removed("2022-12-15T14:26:02.660Z", "SQL19AGN1.CSSSQL.local", "SQL19AGN2")
    events += no_quorum("2022-12-15T14:26:02.670Z", "SQL19AGN1.CSSSQL.local")
    files = {
        "nodes/SQL19AGN1/cluster.log": LOST_QUORUM,
        "nodes/SQL19AGN1/System.xml": events,
        "cluster.json": cluster("SQL19AGN1", "SQL19AGN2", threshold=None, windows="2019"),
    }
    one = verdict(tmp_path, files)
    assert ending(one) == ("SQL19AGN1", "unknown", "unknown", "unknown", None)
    assert not one.tolerance_known


# SupportArticles, troubleshoot-cluster-event-id-1135.md: three patterns of who names whom
def four(*pairs: tuple[str, str]) -> dict[str, str]:
    events: dict[str, str] = {}
    for by, lost in pairs:
        name = f"nodes/{by}/System.xml"
        events[name] = events.get(name, "") + removed("2026-03-01T02:14:10.600Z", by, lost)
    return events | {"cluster.json": cluster("N1", "N2", "N3", "N4")}


def test_all_name_one_node(tmp_path: Path) -> None:
    one = verdict(tmp_path, four(("N1", "N4"), ("N2", "N4"), ("N3", "N4")))
    assert ending(one) == ("N4", "unknown", "unknown", "unknown", None)


def test_two_halves_name_each_other(tmp_path: Path) -> None:
    """A split between sites: nobody can say who was lost."""
    halves = [(a, b) for a in ("N1", "N2") for b in ("N3", "N4")]
    one = verdict(tmp_path, four(*halves, *((b, a) for a, b in halves)))
    assert ending(one) == (None, "unknown", "network", "likely", None)


def test_a_stun_of_one_vm_does_not_explain_a_split(tmp_path: Path) -> None:
    """N4 was stunned, but N3 was lost to the same nodes at the same moment."""
    halves = [(a, b) for a in ("N1", "N2") for b in ("N3", "N4")]
    guest = quiet(
        "2026-03-01T02:00:00.000Z", "2026-03-01T03:00:00.000Z",
        "2026-03-01T02:14:12.000Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for 12000000 us",
    )  # fmt: skip
    still = quiet("2026-03-01T02:00:00.000Z", "2026-03-01T03:00:00.000Z")
    logs = {f"vms/{name}/vmware.log": still for name in ("N1", "N2", "N3")}
    files = four(*halves, *((b, a) for a, b in halves)) | logs | {"vms/N4/vmware.log": guest}
    one = verdict(tmp_path, files)
    assert ending(one) == (None, "caused", "snapshot_stun", "likely", "heartbeat")
    assert [rival.cause for rival in one.rivals] == ["network"]


# joshthecoder's race for the witness, lost by the healthy node, with a stun in the driver's place
@pytest.mark.parametrize("awake", ["02:14:00.600", "02:14:13.000"], ids=["lagging", "right"])
def test_who_was_stunned_may_win_the_witness(tmp_path: Path, awake: str) -> None:
    """SQL02 removed the stunned SQL01 on time, gave it 6 s for the witness, and lost to it."""
    stunned = quiet(
        "2026-03-01T02:00:00.000Z",
        "2026-03-01T03:00:00.000Z",
        "2026-03-01T02:13:40.000Z| vmx| I120: SnapshotVMX_Consolidate: Starting",
        "2026-03-01T02:14:12.400Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for 12400000 us",
    )
    files = {
        "nodes/SQL01/System.xml": removed(f"2026-03-01T{awake}Z", "SQL01", "SQL02"),
        "nodes/SQL02/System.xml": removed("2026-03-01T02:14:10.600Z", "SQL02", "SQL01")
        + no_quorum("2026-03-01T02:14:17.200Z", "SQL02"),
        "vms/SQL01/vmware.log": stunned,
        "vms/SQL02/vmware.log": quiet("2026-03-01T02:00:00.000Z", "2026-03-01T03:00:00.000Z"),
        "cluster.json": cluster("SQL01", "SQL02"),
    }
    one = verdict(tmp_path, files)
    assert (one.backup, one.cause) == ("caused", "snapshot_remove_stun")


# zeroch/FailoverDetector and sqlserverentire.blogspot.com 2020/10: quarantined after three losses
def test_the_last_loss_before_a_quarantine_may_have_no_stun(tmp_path: Path) -> None:
    lost = [f"2020-10-04T06:{minute}:10.500Z" for minute in ("10", "25", "40")]
    stuns = [
        f"2020-10-04T06:{minute}:12.400Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for"
        " 12500000 us"
        for minute in ("10", "25")
    ]
    quarantine = event("2020-10-04T06:40:11.000Z", "NODE1", 1672, "NODE2", "3",
                       "2020/10/04-08:40:11.000")  # fmt: skip
    files = {
        "nodes/NODE1/System.xml": "".join(removed(at, "NODE1", "NODE2") for at in lost)
        + quarantine,
        "vms/NODE2/vmware.log": quiet(
            "2020-10-04T05:00:00.000Z", "2020-10-04T08:00:00.000Z", *stuns
        ),
        "cluster.json": cluster("NODE1", "NODE2"),
    }
    assert [one.backup for one in verdicts(tmp_path, files)] == ["caused", "caused", "cleared"]

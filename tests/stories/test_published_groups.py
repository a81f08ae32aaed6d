"""Published extracts about availability groups: leases, health checks, SQL Server itself ending."""

from pathlib import Path

from tests.stories.dossier import (
    ending,
    event,
    log,
    quiet,
    task,
    tasks,
    verdict,
    verdicts,
)

# MicrosoftDocs/SupportArticles-docs, "Troubleshoot Always On Availability Groups failover": the
# lease of 2023-01-04
ROWS = (
    ("15:35:57.0", "98.068572, 509227008.000000, 0.000395, 0.000350"),
    ("15:36:7.0", "12.314941, 451817472.000000, 0.000278, 0.000266"),
    ("15:36:17.0", "17.270742, 416096256.000000, 0.000376, 0.000292"),
    ("15:36:27.0", "38.399895, 416301056.000000, 0.000446, 0.000304"),
    ("15:36:37.0", "100.000000, 417517568.000000, 0.001292, 0.000666"),
)


def lease(day: str, stamp: str, date: str, rows: tuple[tuple[str, str], ...]) -> str:
    res = f"00001a0c.00001c5c::{day}-{stamp} {{}} [RES] SQL Server Availability Group: [hadrag] "
    err, warn = res.format("ERR  "), res.format("WARN ")
    return log(
        f"{err}Availability Group lease is no longer valid",
        f"{err}Resource Alive result 0.",
        f"{warn}Lease timeout detected, logging perf counter data collected so far",
        f"{warn}Date/Time, Processor time(%), Available memory(bytes), Avg disk read(secs), "
        "Avg disk write(secs)",
        *(f"{warn}{date} {time}, {row}" for time, row in rows),
    )


def test_a_lease_lost_beside_one_row_at_full_processor_convicts_nobody(tmp_path: Path) -> None:
    """100 % in the last row and 17.8 s without another: starved or stunned, nobody can tell."""
    text = lease("2023/01/04", "15:36:54.762", "1/4/2023", ROWS)
    work = tasks(
        task("SQL19AGN1", "vm.Snapshot.remove", "2023-01-04T15:36:30Z", "2023-01-04T15:37:00Z"),
        start="2023-01-04T14:00:00Z", end="2023-01-04T16:00:00Z",
    )  # fmt: skip
    files = {"nodes/SQL19AGN1/cluster.log": text}
    assert verdict(tmp_path / "alone", files).backup == "unknown"
    assert verdict(tmp_path / "removal", files | work).backup == "suspected"


# The same page, 2020-08-07: five rows of 83 to 100 %, then 40 s without one
BUSY = (
    ("14:15:20.0", "83.266073, 31700828160.000000, 0.018094, 0.015752"),
    ("14:15:30.0", "93.653224, 31697063936.000000, 0.038590, 0.026897"),
    ("14:15:40.0", "94.270691, 31696265216.000000, 0.166000, 0.038962"),
    ("14:15:50.0", "90.272016, 31695409152.000000, 0.215141, 0.106084"),
    ("14:16:1.0", "99.991336, 31695892480.000000, 0.046983, 0.035440"),
)
REMOVAL = tasks(
    task("SQL1", "vm.Snapshot.remove", "2020-08-07T14:15:55Z", "2020-08-07T14:16:50Z"),
    start="2020-08-07T13:00:00Z", end="2020-08-07T15:00:00Z",
)  # fmt: skip


def test_a_processor_above_90_percent_in_four_of_five_rows_is_starvation(tmp_path: Path) -> None:
    """Microsoft's page calls this one high CPU; its AGDiag draws the line at 90 %."""
    text = lease("2020/08/07", "14:16:41.378", "8/7/2020", BUSY)
    one = verdict(tmp_path, {"nodes/SQL1/cluster.log": text})
    assert ending(one) == ("SQL1", "unknown", "starvation", "likely", None)


def test_forty_seconds_without_a_row_are_no_stun_at_full_processor(tmp_path: Path) -> None:
    text = lease("2020/08/07", "14:16:41.378", "8/7/2020", BUSY)
    one = verdict(tmp_path, {"nodes/SQL1/cluster.log": text})
    assert (one.lost_node, one.backup) == ("SQL1", "unknown")
    assert not any("stood still" in reason for reason in one.reasons)


def test_a_removal_at_full_processor_is_suspected_not_convicted(tmp_path: Path) -> None:
    text = lease("2020/08/07", "14:16:41.378", "8/7/2020", BUSY)
    one = verdict(tmp_path, {"nodes/SQL1/cluster.log": text} | REMOVAL)
    assert one.backup == "suspected"


def test_the_same_hole_on_an_idle_machine_convicts_the_removal(tmp_path: Path) -> None:
    """Had the processor been idle, 30 s more than the usual 10 s would measure a pause."""
    idle = tuple((time, "12.3, 31700828160.0, 0.0004, 0.0003") for time, _ in BUSY)
    text = lease("2020/08/07", "14:16:41.378", "8/7/2020", idle)
    one = verdict(tmp_path, {"nodes/SQL1/cluster.log": text} | REMOVAL)
    assert ending(one) == ("SQL1", "caused", "snapshot_remove_stun", "likely", None)


# The same page, 2021-02-24: cluster.log in UTC, ERRORLOG and the System log's view in UTC-6
UNHEALTHY = log(
    "0000211c.00002d70::2021/02/24-02:50:01.890 WARN  [RES] SQL Server Availability Group: [hadrag]"
    " Failed to retrieve data column. Return code -1",
    "0000211c.00002594::2021/02/24-02:50:02.452 ERR   [RES] SQL Server Availability Group: [hadrag]"
    " Failure detected, diagnostics heartbeat is lost",
    "0000211c.00002594::2021/02/24-02:50:02.452 ERR   [RES] SQL Server Availability Group <AG>:"
    " [hadrag] Availability Group is not healthy with given HealthCheckTimeout and"
    " FailureConditionLevel",
    "0000211c.00002594::2021/02/24-02:50:02.452 ERR   [RES] SQL Server Availability Group <AG>:"
    " [hadrag] Resource Alive result 0.",
    "00001278.00002ed8::2021/02/24-02:50:02.453 INFO  [RCM] HandleMonitorReply: FAILURENOTIFICATION"
    " for 'AG', gen(0) result 1/0.",
)
SLOW = (
    "2021-02-23 20:49:54.64 spid12s     SQL Server has encountered 1 occurrence(s) of I/O requests "
    "taking longer than 15 seconds to complete on file [C:\\DATA\\agdb_log.ldf] in database id 12. "
    "The OS file handle is 0x0000000000001594. The offset of the latest long I/O is: "
    "0x000030435b0000. The duration of the long I/O is: 26728 ms.\r\n"
)
ERRORLOG = (
    "\ufeff" + "2021-02-20 08:00:00.00 Server      UTC adjustment: -6:00\r\n" + SLOW
).encode("utf-16-le")
RESET = event(
    "2021-02-24T02:50:16.000Z", "SQL19AGN1.CSSSQL.local", 129, r"\Device\RaidPort0",
    provider="storahci",
)  # fmt: skip


def test_three_logs_in_two_time_zones_tell_of_one_slow_disk(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "nodes/SQL19AGN1/cluster.log": UNHEALTHY,
        "nodes/SQL19AGN1/ERRORLOG": ERRORLOG,
        "nodes/SQL19AGN1/System.xml": RESET,
    }
    one = verdict(tmp_path, files)
    assert ending(one) == ("SQL19AGN1", "unknown", "storage", "likely", None)


def test_an_errorlog_without_its_zone_is_a_gap_and_no_storage(tmp_path: Path) -> None:
    files = {"nodes/SQL19AGN1/cluster.log": UNHEALTHY, "nodes/SQL19AGN1/ERRORLOG": SLOW}
    one = verdict(tmp_path, files)
    assert (one.backup, one.cause == "storage") == ("unknown", False)
    assert any(gap.source == "ERRORLOG" for gap in one.missing)


def test_the_slow_disk_does_not_clear_a_stun_until_vmware_log_does(tmp_path: Path) -> None:
    guest = quiet("2021-02-24T02:00:00.000Z", "2021-02-24T03:30:00.000Z")
    files: dict[str, str | bytes] = {
        "nodes/SQL19AGN1/cluster.log": UNHEALTHY, "nodes/SQL19AGN1/ERRORLOG": ERRORLOG,
        "vms/SQL19AGN1/vmware.log": guest,
    }  # fmt: skip
    one = verdict(tmp_path, files)
    assert ending(one) == ("SQL19AGN1", "cleared", "storage", "likely", None)


# The same page, 2023-02-27 and 2023-03-10: SQL Server ended, by itself or on request
ENDED = log(
    "00001898.0000185c::2023/02/27-13:27:41.121 ERR   [RES] SQL Server Availability Group <ag>:"
    " [hadrag] QueryServiceStatusEx returned a process id 0",
    "00001898.0000185c::2023/02/27-13:27:41.121 ERR   [RES] SQL Server Availability Group <ag>:"
    " [hadrag] SQL server service is not alive",
    "00001898.0000185c::2023/02/27-13:27:41.121 ERR   [RES] SQL Server Availability Group <ag>:"
    " [hadrag] Resource Alive result 0.",
    "00001898.0000185c::2023/02/27-13:27:41.122 INFO  [RCM] HandleMonitorReply: FAILURENOTIFICATION"
    " for 'ag', gen(0) result 1/0.",
)
STOPPED = (
    "2023-02-20 00:00:00.00 Server      UTC adjustment: 0:00\n"
    "2023-02-27 13:27:40.73 spid9s      SQL Server is terminating in response to a 'stop' request "
    "from Service Control Manager. This is an informational message only.\n"
)


NOT_FOUND = "a failed resource of SQL Server makes no failover of its own"


def test_sql_server_that_died_is_found_as_a_failover(tmp_path: Path) -> None:
    """The group failed because its SQL Server had: a role lost, and software to blame."""
    one = verdict(tmp_path, {"nodes/SQL1/cluster.log": ENDED})
    assert ending(one) == ("SQL1", "unknown", "software", "confirmed", None)


def test_sql_server_stopped_on_request_is_planned(tmp_path: Path) -> None:
    files = {"nodes/SQL1/cluster.log": ENDED, "nodes/SQL1/ERRORLOG": STOPPED}
    one = verdict(tmp_path, files)
    assert ending(one) == ("SQL1", "cleared", "planned", "confirmed", None)


# MicrosoftDocs/SupportArticles-docs, 2023-02-15: a secondary lost its connection and came back
def test_a_replica_that_lost_its_partner_is_no_failover(tmp_path: Path) -> None:
    text = (
        "2023-02-01 00:00:00.00 Server      UTC adjustment: 0:00\n"
        "2023-02-15 07:10:55.500 spid43s     Always On availability groups connection with"
        " secondary database terminated for primary database 'agdb' on the availability replica"
        " 'SQL19AGN2' with Replica ID: {85682e51-07e1-4b9a-9d66-d7ca5e9164ad}.\n"
        "2023-02-15 07:11:03.100 spid31s     A connection timeout has occurred on a previously"
        " established connection to availability replica 'SQL19AGN1' with id [17116239-4815-4B9B-"
        "8097-26F68DED0653]. Either a networking or a firewall issue exists or the availability"
        " replica has transitioned to the resolving role.\n"
    )
    assert verdicts(tmp_path, {"nodes/SQL19AGN1/ERRORLOG": text}) == ()


# https://github.com/zeroch/FailoverDetector, ErrorLog/TestCase_2.txt, UTC-8
def test_an_errorlog_alone_shows_a_group_that_moved(tmp_path: Path) -> None:
    change = (
        "2018-01-24 09:29:{} spid45s     The state of the local availability replica in "
        "availability group 'FirstHadron' has changed from '{}' to '{}'.  The state changed "
        "because {}.\n"
    )
    text = (
        "2018-01-24 09:23:16.19 Server      UTC adjustment: -8:00\n"
        + change.format("49.40", "SECONDARY_NORMAL", "RESOLVING_NORMAL", "the state has changed")
        + change.format(
            "53.78", "RESOLVING_NORMAL", "PRIMARY_PENDING", "the group is coming online"
        )
        + change.format("53.83", "PRIMARY_PENDING", "PRIMARY_NORMAL", "the online command is done")
    )
    one = verdict(tmp_path, {"nodes/LZHANG1S/ERRORLOG": text})
    assert one.backup == "unknown"
    assert f"{one.at:%H:%M}" == "17:29"

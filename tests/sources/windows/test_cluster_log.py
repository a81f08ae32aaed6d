"""What a cluster.log tells, what it must not be made to tell, and what damage does to it."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.findings import Findings
from sources.raw import RawFile
from sources.windows.cluster_log import read_cluster_log
from verdict.clock import Clock
from verdict.sign import Kind, Sign

CLOCK = Clock("SQL02")
HOURS = timedelta(hours=1)
HEADER = (
    "[=== Cluster ===]",
    "Current node: name (SQL02) id (2)",
    "UTC = localtime + time zone offset;the time zone offset of this machine is 420 minutes",
    (
        "The logs were generated using Coordinated Universal Time (UTC). "
        "'Get-Clusterlog -UseLocalTime' will generate in local time."
    ),
    "[=== Cluster Logs ===]",
)
LOCAL = (*HEADER[:3], "The logs were generated using local time.", *HEADER[4:])


def read(*lines: str, node: str = "SQL02", offset: timedelta | None = None) -> Findings:
    """Read lines given as "HH:MM:SS.mmm LEVEL text" of 1 March 2026, or whole."""
    text = "\r\n".join(
        f"00000fe4.00001620::2026/03/01-{line}" if line[2:3] == ":" else line for line in lines
    )
    return read_cluster_log(RawFile.in_memory("cluster.log", text.encode()), node, CLOCK, offset)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-01T{clock}").replace(tzinfo=UTC)


def only(found: Findings) -> Sign:
    (sign,) = found.signs
    return sign


# zeroch/FailoverDetector, TestCase_0: events printed into the log carry their text, no id.
def test_a_removal_printed_into_the_log_is_event_1135() -> None:
    sign = only(
        read(
            *HEADER,
            "[System] 00000844.00000d34::2026/03/01-02:14:10.600 DBG   Cluster node 'sql01.corp' "
            "was removed from the active failover cluster membership. The Cluster service on ...",
        )
    )
    assert (sign.kind, sign.subject, sign.node) == (Kind.NODE_REMOVED, "sql01", "SQL02")
    assert sign.at == at("02:14:10.600")
    assert sign.text == "event 1135 in SQL02's cluster.log"


# "Troubleshoot availability group failover", 2019.
def test_a_lost_route_names_both_ends_and_the_node_if_the_log_knows_it() -> None:
    route = (
        "02:14:10.050 INFO  [IM] got event: Remote endpoint 10.0.0.1:~3343~ unreachable from "
        "10.0.0.2:~3343~"
    )
    netft = (
        "02:14:10.050 DBG   [NETFTAPI] Signaled NetftRemoteUnreachable event, local address "
        "10.0.0.2:3343 remote address 10.0.0.1:3343"
    )
    sign = only(read(netft, route))
    assert (sign.kind, sign.subject, sign.detail) == (Kind.ROUTE_LOST, None, "10.0.0.1|10.0.0.2")
    known = (
        "01:00:00.000 INFO  [SV] New real route: local (10.0.0.2:~49258~) to remote SQL01 "
        "(10.0.0.1:~3343~)."
    )
    assert only(read(known, route)).subject == "SQL01"


# learn.microsoft.com, IaaS SQL failover cluster network thresholds, 2012 R2.
def test_a_route_history_at_its_threshold_measures_the_silence() -> None:
    line = (
        "[IM] Route history {}: Old: 0{}.936, Message: Response, Route sequence: 150415, Received "
        "sequence: 150415, Heartbeats counter/threshold: {}/5, Error: Success, NtStatus: 0 "
        "Timestamp: 2026/03/01-02:14:04.000, Ticks since last sending: 4"
    )
    entries = [f"02:14:10.099 INFO  {line.format(n, n, n)}" for n in range(1, 6)]
    sign = only(read(*entries))
    assert sign.kind is Kind.HEARTBEATS_MISSED
    assert sign.detail == "threshold=5"
    assert sign.value == timedelta(seconds=5.936)


def test_a_lost_quorum_is_told_once_and_not_taken_for_a_stop() -> None:
    found = read(
        "02:14:26.053 WARN  [NODE] Node 1: Connection to Node 2 is broken. Reason "
        "GracefulClose(1226)' because of 'channel to remote endpoint <endpoint> is closed'",
        "02:14:26.654 WARN  [QUORUM] Node 1: Lost quorum (1)",
        "02:14:26.654 WARN  lost quorum (status = 5925), executing OnStop",
        "02:14:26.660 INFO  [CS] Service Stopping...",
        "02:14:26.670 WARN  [RHS] Cluster service has terminated. Cluster.Service.Running.Event",
        "02:14:26.671 WARN  [RHS] Cluster service has terminated. Cluster.Service.Running.Event",
    )
    assert [(s.kind, s.subject) for s in found.signs] == [
        (Kind.QUORUM_LOST, "SQL02"),
        (Kind.NODE_HALTED, "SQL02"),
    ]


# A published case of a service stopped by group policy, Windows Server 2022.
def test_a_stop_that_was_asked_for_is_no_halt_and_no_removal() -> None:
    found = read(
        *HEADER,
        "02:00:00.000 INFO  [NETWORK] Missed 40% of the heart beats with node 'SQL01' (1) on route "
        "10.0.0.2:~3343~->10.0.0.1:~3343~",
        "02:14:09.095 INFO  [CORE] Graceful shutdown reported by node SQL01, reason "
        "ServiceStopReason::ServiceShutdown, nodeIsUp false (payload 327682)",
        "02:14:10.909 INFO  [CORE] Node 2: New View is <ViewChanged joiners=() downers=(1) "
        "newView=1301(2) oldView=1101(1 2) joiner=false form=false/> (Start Dispatch)",
        "02:20:00.000 INFO  [CS] Service Stopping...",
        "02:20:00.500 WARN  [RHS] Cluster service has terminated. Cluster.Service.Running.Event",
    )
    assert [(s.kind, s.subject) for s in found.signs] == [
        (Kind.HEARTBEATS_MISSED, "SQL01"),
        (Kind.SERVICE_STOPPED, "SQL01"),
        (Kind.SERVICE_STOPPED, "SQL02"),
    ]


# "Prevent Unexpected Failovers When Patching AGs", 2012 R2.
def test_a_view_without_a_node_counts_where_its_name_is_known_and_no_event_tells() -> None:
    view = (
        "02:14:10.909 INFO  [CORE] Node 2: New View is <ViewChanged joiners=() downers=(1) "
        "newView=1301(2) oldView=1101(1 2) joiner=false form=false/>"
    )
    move = (
        "02:14:11.300 INFO  [RCM] move of group SQLAG01 from SQL01(1) to SQL02(2) of type "
        "MoveType::NodeDown is about to succeed, failoverCount=0"
    )
    removed, moved = read(view, move).signs
    assert (removed.kind, removed.subject) == (Kind.NODE_REMOVED, "SQL01")
    assert (moved.kind, moved.subject, moved.detail) == (
        Kind.ROLE_FAILING_OVER,
        "SQLAG01",
        "NodeDown",
    )
    assert read(view).signs == ()
    event = (
        view.partition("INFO")[0]
        + "DBG  Cluster node 'SQL03' was removed from the active failover cluster membership."
    )
    assert [s.subject for s in read(view, move, event).signs] == ["SQL03", "SQLAG01"]


@pytest.mark.parametrize(
    ("move", "kind"),
    [
        ("Manual", Kind.MOVE_ASKED),
        ("Drain", Kind.DRAINED),
        ("NodeDown", Kind.ROLE_FAILING_OVER),
        ("SomethingNew", Kind.ROLE_MOVING),
    ],
)
def test_a_move_is_planned_only_where_its_type_says_so(move: str, kind: Kind) -> None:
    line = "02:14:11.300 INFO  [RCM] move of group Cluster Group from A(1) to B(2) of type "
    assert only(read(f"{line}MoveType::{move} is about to succeed")).kind is kind


AG = "[RES] SQL Server Availability Group <ag1>: [hadrag] "


def test_a_failed_health_check_is_told_by_its_reason_only() -> None:
    found = read(
        f"02:14:10.452 ERR   {AG}Failure detected, diagnostics heartbeat is lost",
        f"02:14:10.452 ERR   {AG}Availability Group is not healthy with given HealthCheckTimeout "
        "and FailureConditionLevel",
        f"02:14:10.452 ERR   {AG}Resource Alive result 0.",
        "02:14:10.453 INFO  [RCM] HandleMonitorReply: FAILURENOTIFICATION for 'ag1', gen(0)",
    )
    assert [(s.kind, s.subject) for s in found.signs] == [
        (Kind.HEALTH_LOST, "ag1"),
        (Kind.RESOURCE_FAILED, "ag1"),
    ]


def lease(*rows: str, printed: str = "15:36:54.762") -> Findings:
    head = f"{printed} WARN  [RES] SQL Server Availability Group: [hadrag] "
    return read(
        head + "Lease timeout detected, logging perf counter data collected so far",
        head + "Date/Time, Processor time(%), Available memory(bytes), Avg disk read(secs), ...",
        *(f"{head}3/1/2026 {row}" for row in rows),
    )


CALM = ", 12.314941, 451817472.000000, 0.000278, 0.000266"


def test_a_hole_in_the_rows_of_hadrag_is_a_pause() -> None:
    found = lease(*(f"15:36:{s}.0{CALM}" for s in (7, 17, 40, 50)))
    (pause,) = found.pauses
    assert (pause.start, pause.end) == (at("15:36:17"), at("15:36:40"))
    assert pause.length == timedelta(seconds=13)
    assert pause.how == "hadrag's 10 s rows have a hole of 23 s"
    assert [s.kind for s in found.signs] == [Kind.LEASE_EXPIRED]


def test_the_hole_may_be_the_last_and_the_rows_in_another_zone() -> None:
    (pause,) = lease(*(f"21:6:{s}.0{CALM}" for s in (7, 17, 27))).pauses
    assert (pause.start, pause.end) == (at("15:36:27"), at("15:36:54.762"))
    assert pause.length == timedelta(seconds=17.762)


# Microsoft's own sample of a starved server, no VM standing still: the last hole is 17.8 s.
def test_a_starved_server_is_not_taken_for_a_paused_one() -> None:
    busy = ", 100.000000, 417517568.000000, 0.001292, 0.000666"
    published = lease(
        "15:35:57.0, 98.068572, 509227008.000000, 0.000395, 0.000350",
        *(f"15:36:{s}.0{CALM}" for s in (7, 17, 27)),
        f"15:36:37.0{busy}",
    )
    assert published.pauses == ()
    assert [s.kind for s in published.signs] == [Kind.LEASE_EXPIRED]
    throughout = lease(*(f"15:36:{s}.0{busy}" for s in (1, 14, 39)))
    assert throughout.pauses == ()
    assert {(s.kind, s.detail) for s in throughout.signs} >= {(Kind.STARVED, "cpu")}


def test_too_little_memory_and_slow_disks_are_told() -> None:
    found = lease("15:36:40.0, 5.0, 150000000.000000, 0.000278, 2.500000")
    assert [(s.kind, s.detail) for s in found.signs if s.kind is not Kind.LEASE_EXPIRED] == [
        (Kind.STARVED, "memory"),
        (Kind.SLOW_IO, "disk"),
    ]


QUIET = "20:14:11.000 INFO  [GUM] Node 2: Executing locally"
LOST = "20:14:12.000 WARN  [QUORUM] Node 1: Lost quorum (1)"


def test_times_are_utc_unless_the_header_says_local() -> None:
    assert only(read(*HEADER, LOST, offset=-7 * HOURS)).at == at("20:14:12")
    assert only(read(*LOCAL, LOST)).at == at("20:14:12") + 7 * HOURS
    assert only(read(*LOCAL, LOST, offset=-6 * HOURS)).at == at("20:14:12") + 6 * HOURS


def test_local_times_without_an_offset_are_no_evidence() -> None:
    found = read(LOCAL[3], LOST)
    assert (found.signs, found.coverage) == ((), ())
    assert "[utc_offset]" in str(found.gaps[0].remedy)


# "Prevent Unexpected Failovers When Patching AGs": the time inside the line stays UTC.
def test_a_line_that_tells_its_own_moment_gives_the_zone_away() -> None:
    timer = (
        "20:14:11.347 INFO  [QUORUM] Node 2: death timer is started at "
        "2026/03/02-00:14:11.347 and expires in 90 seconds"
    )
    assert only(read(timer, LOST)).at == at("20:14:12") + 4 * HOURS


def test_coverage_is_what_the_cluster_service_itself_wrote() -> None:
    event = (
        "[System] 00000844.00000d34::2026/02/20-02:14:10.600 DBG   The Cluster service was "
        "successfully stopped."
    )
    found = read(*HEADER, event, QUIET, "22:00:00.000 INFO  [GUM] Node 2: Executing locally")
    (part,) = found.coverage
    assert (part.source, part.subject) == ("cluster.log", "SQL02")
    assert (part.start, part.end) == (at("20:14:11"), at("22:00:00"))
    assert found.gaps == ()


def test_a_quiet_log_is_not_taken_for_a_pause() -> None:
    assert read(QUIET, "23:00:00.000 INFO  [GUM] Node 2: Executing locally").pauses == ()


def test_a_log_of_another_node_is_taken_for_that_nodes() -> None:
    found = read(*HEADER, LOST, node="SQL01")
    assert only(found).node == "SQL02"
    assert "says that it is SQL02's" in found.gaps[0].why


def test_a_time_in_the_future_is_left_out_with_what_it_said() -> None:
    future = "00000fe4.00001620::2031/03/01-02:14:12.000 WARN  [QUORUM] Node 1: Lost quorum (1)"
    for lines in ((QUIET, future, QUIET), (QUIET, QUIET, future)):
        found = read(*lines)
        assert found.signs == ()
        assert [part.end for part in found.coverage][-1] == at("20:14:11")
        assert "1 line with a time that contradicts" in found.gaps[0].why


def test_damage_is_told_and_splits_the_coverage() -> None:
    found = read(
        QUIET,
        "\0" * 500,
        "00000fe4.0000",
        LOST,
        "00000fe4.00001620::2026/13/01-20:14:12.000 INFO  x",
    )
    assert [(part.start, part.end) for part in found.coverage] == [
        (at("20:14:11"), at("20:14:11")),
        (at("20:14:12"), at("20:14:12")),
    ]
    assert [gap.why for gap in found.gaps] == [
        "cluster.log: 1 line cut off and 1 line with an impossible time",
        "cluster.log: 1 line held NUL bytes",
    ]


def test_an_empty_or_unreadable_file_is_a_gap() -> None:
    def refuse() -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    assert "no line that a cluster service wrote" in read("").gaps[0].why
    found = read_cluster_log(RawFile("cluster.log", 1, refuse), "SQL02", CLOCK)
    assert "could not be read: Permission denied" in found.gaps[0].why
    assert found.coverage == ()


def test_a_clock_that_runs_ahead_is_taken_back() -> None:
    data = f"00000fe4.00001620::2026/03/01-{LOST}".encode("utf-16")
    file = RawFile("SQL02_cluster.log", len(data), lambda: BytesIO(data))
    found = read_cluster_log(file, "SQL02", Clock("SQL02", timedelta(seconds=2)))
    assert only(found).at == at("20:14:10")
    assert found.coverage[0].end == at("20:14:10")


PIECES = st.sampled_from([QUIET, LOST, *HEADER, LOCAL[3], AG, "[System] ", "\0", "::", "999"])


@given(st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=12), st.binary(max_size=200))
def test_no_bytes_are_too_strange(pieces: list[str], tail: bytes) -> None:
    lines = "\n".join(f"00000fe4.00001620::2026/03/01-{piece}" for piece in pieces)
    data = lines.encode("utf-8", "surrogatepass") + tail
    found = read_cluster_log(RawFile.in_memory("cluster.log", data), "SQL02", CLOCK)
    assert isinstance(found, Findings)
    assert found.coverage or found.gaps


def test_another_nodes_log_is_shifted_by_that_nodes_clock() -> None:
    """A log in the wrong folder: its own node's clock stamped it, not the folder's."""
    data = b"Current node: SQL03 (2)\n00000fe4.00001620::2026/03/01-02:14:10.000 INFO  ok\n"
    file = RawFile.in_memory("cluster.log", data)
    off = {"SQL03": timedelta(seconds=28)}
    found = read_cluster_log(
        file, "SQL01", Clock("SQL01", timedelta(0)), None, lambda name: Clock(name, off.get(name))
    )
    (part,) = found.coverage
    assert (part.subject, f"{part.start:%H:%M:%S}") == ("SQL03", "02:13:42")

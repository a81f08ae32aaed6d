"""Whose events they are, what a log covers, and what is left out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.raw import RawFile
from sources.windows.event_log import read_events
from sources.windows.event_signs import event_findings, in_use
from tests.sources.logged import CLUSTER, found, logged
from verdict.clock import Clock
from verdict.sign import Kind

SCM = "Service Control Manager"


def test_a_sign_says_who_what_when_and_its_record() -> None:
    (sign,) = found(logged(CLUSTER, 1135, "sql01.corp.local", record=42)).signs
    assert (sign.kind, sign.node, sign.subject) == (Kind.NODE_REMOVED, "SQL02", "sql01")
    assert sign.at == datetime(2026, 3, 1, 2, 14, 10, 612345, UTC)
    assert (sign.text, sign.record, sign.source) == ("event 1135 on SQL02", 42, "events")


def test_every_time_is_shifted_by_the_clock_of_the_node() -> None:
    ahead = timedelta(seconds=3)
    text = logged(CLUSTER, 1135, "SQL01") + logged("MSSQLSERVER", 3197, "db")
    log = read_events(RawFile.in_memory("System.xml", text.encode()))
    right = event_findings(log, "SQL02", Clock("SQL02", timedelta(0)), "System.xml")
    fast = event_findings(log, "SQL02", Clock("SQL02", ahead), "System.xml")
    assert right.signs[0].at - fast.signs[0].at == ahead
    assert right.freezes[0].start - fast.freezes[0].start == ahead
    assert right.coverage[0].start - fast.coverage[0].start == ahead


def test_a_system_log_covers_from_its_first_event_to_its_last_needed_or_not() -> None:
    findings = found(
        logged("Microsoft-Windows-GroupPolicy", 1500, at="2026-03-01T01:00:00Z"),
        logged(CLUSTER, 1135, "SQL01"),
        logged(SCM, 7036, "Spooler", at="2026-03-01T03:00:00Z"),
    )
    (coverage,) = findings.coverage
    assert (coverage.source, coverage.subject) == ("events", "SQL02")
    assert (coverage.start.hour, coverage.end.hour) == (1, 3)
    assert not findings.gaps


def test_other_channels_cover_nothing() -> None:
    operational = "Microsoft-Windows-FailoverClustering/Operational"
    assert not found(logged(CLUSTER, 1641, "AG1", "SQL01", channel=operational)).coverage


def test_damage_is_a_gap_that_names_the_file_and_the_way_out() -> None:
    (gap,) = found(logged(CLUSTER, 1135, "SQL01"), "<Event xmlns=").gaps
    assert (gap.source, gap.subject) == ("events", "SQL02")
    assert gap.why == "System.xml: an event is cut off before its end"
    assert "wevtutil" in (gap.remedy or "")


@pytest.mark.parametrize("computer", ["sql02.corp.local", "SQL02", "", "sql02"])
def test_a_computer_is_its_node_in_any_spelling(computer: str) -> None:
    findings = found(logged(CLUSTER, 1177, computer=computer))
    assert (findings.signs[0].node, findings.coverage[0].subject) == ("SQL02", "SQL02")
    assert not findings.gaps


def test_a_node_is_known_by_the_fifteen_letters_of_its_netbios_name() -> None:
    log = logged(CLUSTER, 1177, computer="verylongservername01.corp.local")
    assert found(log, node="VERYLONGSERVERN").signs[0].node == "VERYLONGSERVERN"


def test_forwarded_events_belong_to_their_computers_and_cover_only_the_owner() -> None:
    findings = found(
        logged(CLUSTER, 1135, "SQL01"), logged(CLUSTER, 1177, computer="SQL01.corp.local")
    )
    assert [(s.node, s.subject) for s in findings.signs] == [("SQL02", "SQL01"), ("SQL01", "SQL01")]
    assert findings.signs[1].clock == Clock("SQL01")
    assert [coverage.subject for coverage in findings.coverage] == ["SQL02"]


def test_a_log_in_the_wrong_folder_is_named() -> None:
    findings = found(logged(CLUSTER, 1135, "SQL01"), node="SQL03")
    assert findings.signs[0].node == "SQL02"
    assert findings.gaps[0].why == "System.xml was written by SQL02, not by SQL03"


@pytest.mark.parametrize("halt", [1177, 1006, 1556, 5396])
def test_services_stopped_by_the_halt_of_the_node_were_not_asked_to(halt: int) -> None:
    events = [
        logged(SCM, 7036, "Clusterdienst", "beendet", binary="ClusSvc/1\0"),
        logged(SCM, 7031, "Clusterdienst", "1", binary="ClusSvc\0"),
        logged(CLUSTER, 1063),
    ]
    assert len(found(*events).signs) == 3
    (sign,) = found(logged(CLUSTER, halt), *events).signs
    assert sign.text == f"event {halt} on SQL02"


def test_signs_come_in_order_of_time_from_a_log_printed_backwards() -> None:
    late = logged(CLUSTER, 1062, "CL", at="2026-03-01T02:20:00Z", record=2)
    assert [s.record for s in found(late, logged(CLUSTER, 1177, record=1)).signs] == [1, 2]


@pytest.mark.parametrize("event_id", [1135, 1650, 1673, 1069])
def test_only_the_right_provider_means_anything(event_id: int) -> None:
    assert in_use(CLUSTER, event_id)
    assert not in_use("Some-Other-Provider", event_id)
    assert not found(logged("Some-Other-Provider", event_id, "SQL01")).signs


@given(
    st.sampled_from([CLUSTER, "MSSQLSERVER", SCM, "User32", "Microsoft-Windows-Kernel-Power"]),
    st.sampled_from([1, 41, 833, 1069, 1074, 1135, 1480, 1592, 1641, 4869, 7031, 7036, 19406]),
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), max_size=7),
)
def test_no_data_raise(provider: str, event_id: int, data: list[str]) -> None:
    findings = found(logged(provider, event_id, *data, binary="ClusSvc/1"))
    assert findings.coverage

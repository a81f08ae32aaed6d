"""What is stamped in the future is not believed, and clears nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sources.findings import Findings
from sources.gathering.present import possible, present
from sources.material import Incident
from verdict.clock import Clock
from verdict.facts import Backup, Coverage, Freeze, Gap, Operation, Pause, Phase, Stun
from verdict.sign import Kind, Sign

NOW = datetime(2026, 3, 2, tzinfo=UTC)
THEN = NOW - timedelta(days=1)
NEVER = datetime(2099, 3, 1, tzinfo=UTC)
CLOCK = Clock("vcenter")
WORK = Operation("SQL01", Phase.REMOVE, THEN, None, CLOCK, "vcenter", "Remove snapshot")
STUN = Stun("SQL01", THEN, NEVER, Phase.REMOVE, CLOCK)
STEP = replace(WORK, start=NEVER, source="veeam")
BACKUP = Backup("Veeam", "Nightly", "SQL01", THEN, NEVER, CLOCK)
FREEZE = Freeze("SQL01", NEVER, None, CLOCK)
PAUSE = Pause("SQL01", THEN, NEVER, timedelta(seconds=9), "a hole", CLOCK)
REMOVED = Sign(Kind.NODE_REMOVED, NEVER, CLOCK, "events", "event 1135", "SQL02", "SQL01")
FAILED = Sign(Kind.HOST_FAILED, NEVER, CLOCK, "vcenter", "a host", subject="esx01")


def covered(source: str) -> Coverage:
    return Coverage(source, "tasks", THEN, NEVER)


def test_what_is_running_or_over_stays() -> None:
    found = Findings(operations=(WORK, replace(WORK, end=NOW)), coverage=(covered("vcenter"),))
    assert present(found, NOW).operations == found.operations
    assert present(found, NOW).gaps == ()


def test_nothing_covers_the_future() -> None:
    (part,) = present(Findings(coverage=(covered("vcenter"),)), NOW).coverage
    assert part.end == NOW + timedelta(days=1)


def test_facts_of_the_future_are_left_out_and_told() -> None:
    believed = present(
        Findings((STUN,), (WORK, STEP), (BACKUP,), (FREEZE,), (PAUSE,), (REMOVED, FAILED)), NOW
    )
    assert replace(believed, gaps=()) == Findings(operations=(WORK,))
    assert {gap.source for gap in believed.gaps} == {"vmware.log", "veeam", "events", "vcenter"}


def test_an_answer_with_an_entry_of_the_future_covers_nothing() -> None:
    late = replace(WORK, start=NEVER)
    found = Findings(operations=(late,), coverage=(covered("vcenter"), covered("veeam")))
    assert [part.source for part in present(found, NOW).coverage] == ["veeam"]


@pytest.mark.parametrize(
    "incident",
    [Incident(at=NEVER), Incident(collected={"vcenter": (NEVER, NEVER + timedelta(hours=1))})],
)
def test_a_slip_in_incident_toml_is_a_gap(incident: Incident) -> None:
    kept, gaps = possible(incident, NOW)
    assert kept == Incident()
    assert [gap.source for gap in gaps] == ["incident.toml"]


def test_an_interval_to_the_end_of_the_day_is_no_slip() -> None:
    kept, gaps = possible(Incident(collected={"vcenter": (THEN, NEVER)}), NOW)
    assert kept.collected == {"vcenter": (THEN, NOW + timedelta(days=1))}
    assert gaps == ()


def test_gaps_of_others_stay() -> None:
    gap = Gap("vcenter", "tasks", "why")
    assert present(Findings(gaps=(gap,)), NOW).gaps == (gap,)

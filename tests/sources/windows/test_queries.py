"""What is asked of wevtutil is what the parser can use, and Windows can take the question."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.windows import cluster_events, event_signs, sql_events, system_events
from sources.windows.queries import (
    CHANNELS,
    MOST_RANGES,
    SYSTEM,
    Channel,
    after,
    latest,
    ranges,
    within,
)
from tests.peers.event_query import MOST_COMPARISONS, Logged, select
from tests.sources.logged import logged

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
END = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
IN_SYSTEM = {
    *(provider for provider, _ in system_events.RULES),
    *system_events.DISK_IDS_BY_PROVIDER,
    *system_events.READERS,
    system_events.KERNEL,
    "e1iexpress",
}


def query(line: tuple[str, list[str]]) -> str:
    """Give the XPath of a command line."""
    command, args = line
    assert command == "wevtutil"
    match = re.fullmatch(r'"/q:(.*)"', args[-1])
    assert match is not None
    return match[1]


def event(provider: str, event_id: int, at: str = "2026-03-01T02:10:00Z") -> Logged:
    return Logged.of(logged(provider, event_id, at=at))


def channel(name: str) -> Channel:
    return next(c for c in CHANNELS if name in c.name)


@pytest.mark.parametrize("provider", sorted(IN_SYSTEM))
def test_every_system_event_that_the_parser_can_use_is_asked_for(provider: str) -> None:
    asked = select(query(within(SYSTEM, START, END)))
    used = [n for n in range(65536) if event_signs.in_use(provider, n)]
    assert used
    assert all(asked(event(provider, n)) for n in used)


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("System", cluster_events.CLUSTER),
        ("Clustering/Operational", cluster_events.CLUSTER),
        ("NetFt", cluster_events.NETFT),
        ("Application", "MSSQLSERVER"),
        ("Application", "MSSQL$INST01"),
        ("Exchange", "Microsoft-Exchange-HighAvailability"),
    ],
)
def test_every_event_of_the_other_providers_is_asked_for(name: str, provider: str) -> None:
    asked = select(query(within(channel(name), START, END)))
    used = [n for n in range(65536) if event_signs.in_use(provider, n)]
    assert used
    spelt = (
        "Microsoft-Windows-FailoverClustering" if provider == cluster_events.CLUSTER else provider
    )
    assert all(asked(event(spelt, n)) for n in used)


def test_every_provider_of_the_parser_has_a_channel() -> None:
    """A new module of the parser needs a channel here and a row above."""
    known = {"cluster_events", "system_events", "sql_events", "exchange_events"}
    assert {m.__name__.rpartition(".")[2] for m in event_signs.PROVIDERS} == known


@pytest.mark.parametrize("asked", CHANNELS, ids=lambda c: c.file)
def test_no_question_is_longer_than_windows_takes(asked: Channel) -> None:
    for line in (within(asked, START, END), after(asked, 2**63), latest(asked, START)):
        xpath = query(line)
        select(xpath)
        assert xpath.count("=") + xpath.count(">") <= 2 * MOST_COMPARISONS
        assert len(" ".join([line[0], *line[1]])) < 2000


def test_times_are_utc_and_both_ends_belong() -> None:
    local = START.astimezone(timezone(timedelta(hours=9)))
    asked = select(query(within(SYSTEM, local, END)))
    held = [
        asked(event("User32", 1074, at))
        for at in (
            "2026-03-01T01:59:59.9990000Z",
            "2026-03-01T02:00:00.0000000Z",
            "2026-03-01T02:30:00.0000000Z",
            "2026-03-01T02:30:00.0010000Z",
        )
    ]
    assert held == [False, True, True, False]


def test_after_a_record_come_only_later_ones() -> None:
    asked = select(query(after(SYSTEM, 41)))
    clustering = "Microsoft-Windows-FailoverClustering"
    assert not asked(Logged.of(logged(clustering, 1135, record=41)))
    assert asked(Logged.of(logged(clustering, 1135, record=42)))
    assert not asked(Logged.of(logged("Microsoft-Windows-GroupPolicy", 1500, record=42)))


@given(st.sets(st.integers(0, 65535), min_size=1, max_size=60), st.integers(1, 12))
def test_ranges_cover_every_id_and_are_no_more_than_allowed(ids: set[int], most: int) -> None:
    covered = ranges(ids, most)
    assert len(covered) <= most
    assert all(any(low <= n <= high for low, high in covered) for n in ids)
    assert covered == sorted(covered)
    assert {low for low, _ in covered} | {high for _, high in covered} <= ids


def test_few_ids_are_asked_for_exactly() -> None:
    assert ranges({306, 307, 308, 1135}) == [(306, 306), (307, 307), (308, 308), (1135, 1135)]
    assert len(ranges(sql_events.IDS)) == MOST_RANGES

"""incident.toml and cluster.json: what is right is used, what is wrong is named."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bundle.configuration import RANGES, read_configuration
from sources.bundle.incident import read_incident

FULL = b"""
[failover]
cluster = "SQLAG01"
at = 2026-03-01T02:14:11Z
[nodes]
SQL01 = "sql01"
[clocks]
SQL01 = 1.5
vcenter = 0
esx07.corp.local = -0.25
[utc_offset]
SQL01 = "-06:00"
[collected]
vcenter = [2026-03-01T01:00:00Z, 2026-03-01T03:00:00Z]
veeam = ["2026-03-01T01:00:00+01:00", "2026-03-01T03:00:00Z"]
vmware = [2026-02-20T00:00:00Z, 2026-03-01T04:00:00Z]
"""


def test_everything_that_is_written_is_read() -> None:
    incident, gaps = read_incident(FULL)
    assert gaps == ()
    assert incident.cluster == "SQLAG01"
    assert incident.at == datetime(2026, 3, 1, 2, 14, 11, tzinfo=UTC)
    assert incident.nodes == {"SQL01": "sql01"}
    assert incident.utc_offset == {"SQL01": timedelta(hours=-6)}
    assert incident.collected["veeam"][0] == datetime(2026, 3, 1, tzinfo=UTC)
    assert incident.collected["vmware"][1] == datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_a_bare_host_name_with_dots_is_one_name() -> None:
    incident, _ = read_incident(FULL)
    assert incident.clocks["esx07.corp.local"] == timedelta(seconds=-0.25)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_powershell_writes_is_read(encoding: str) -> None:
    assert read_incident(FULL.decode().encode(encoding)) == read_incident(FULL)


@pytest.mark.parametrize(
    "line",
    [
        "at = 2026-03-01T02:14:11",
        "at = '02:14'",
        "at = 7",
        "at = 0001-01-01T00:00:00+14:00",
        "at = [[[[1]]]]",
        "cluster = 7",
        "cluster = ''",
    ],
)
def test_a_wrong_value_is_named_and_ignored(line: str) -> None:
    incident, gaps = read_incident(f"[failover]\n{line}".encode())
    assert (incident.at, incident.cluster) == (None, None)
    assert [gap.subject for gap in gaps] == [f"[failover] {line.split(maxsplit=1)[0]}"]
    assert gaps[0].remedy


@pytest.mark.parametrize("value", ["nan", "inf", "'1.5'", "true", "1e300", "0x" + "f" * 9999])
def test_a_clock_that_is_no_number_of_seconds_is_not_known(value: str) -> None:
    incident, gaps = read_incident(f"[clocks]\nSQL01 = {value}".encode())
    assert incident.clocks == {}
    assert [gap.subject for gap in gaps] == ["[clocks] SQL01"]


@pytest.mark.parametrize("value", ["'CET'", "'+15:00'", "-6", "''", "'-06:00:00:00'"])
def test_an_offset_that_is_none_is_not_known(value: str) -> None:
    incident, gaps = read_incident(f"[utc_offset]\nSQL01 = {value}".encode())
    assert incident.utc_offset == {}
    assert len(gaps) == 1


@pytest.mark.parametrize(
    ("value", "hours"), [("+05:30", 5.5), ("Z", 0), ("-0330", -3.5), ("+1", 1), ("+14:00", 14)]
)
def test_offsets_as_people_write_them(value: str, hours: float) -> None:
    incident, _ = read_incident(f"[utc_offset]\nSQL01 = '{value}'".encode())
    assert incident.utc_offset == {"SQL01": timedelta(hours=hours)}


@pytest.mark.parametrize(
    "value",
    [
        "[2026-03-01T03:00:00Z, 2026-03-01T01:00:00Z]",
        "[2026-03-01T01:00:00, 2026-03-01T03:00:00]",
        "[2026-03-01T01:00:00Z]",
        "true",
        "2026-03-01T01:00:00Z",
    ],
)
def test_an_interval_that_is_none_is_no_coverage(value: str) -> None:
    incident, gaps = read_incident(f"[collected]\nvcenter = {value}".encode())
    assert incident.collected == {}
    assert len(gaps) == 1


def test_an_unknown_key_names_the_one_that_was_meant() -> None:
    _, gaps = read_incident(
        b"[failvoer]\n[clock]\n[failover]\nclustr = 'X'\n[collected]\nvcentre = 1"
    )
    assert [gap.remedy for gap in gaps] == [
        "perhaps failover is meant",
        "perhaps clocks is meant",
        "perhaps cluster is meant",
        "perhaps vcenter is meant",
    ]


def test_a_key_dotted_deeper_than_the_stack_is_only_a_wrong_name() -> None:
    _, gaps = read_incident(b"[clocks]\n" + b"a." * 5000 + b"a = 1\n")
    assert len(gaps) == 1


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_raise(data: bytes) -> None:
    read_incident(data)
    read_configuration(data)


@given(st.sampled_from([b"failover", b"nodes", b"clocks", b"utc_offset", b"collected"]), st.text())
def test_no_value_raises(table: bytes, value: str) -> None:
    read_incident(b"[" + table + b"]\nat = " + value.encode("utf-8", "replace"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SHEETS = st.fixed_dictionaries(
    {},
    optional={
        "name": JSON,
        "os": JSON,
        "nodes": JSON | st.lists(st.fixed_dictionaries({"name": JSON, "vm": JSON})),
        "properties": JSON | st.dictionaries(st.sampled_from(sorted(RANGES)), JSON),
        "availability_groups": JSON
        | st.lists(st.fixed_dictionaries({"name": st.text(), "lease_timeout_ms": JSON})),
    },
)


@given(SHEETS)
def test_no_json_raises_and_every_value_kept_is_in_range(sheet: object) -> None:
    configuration, _ = read_configuration(json.dumps(sheet).encode())
    for name, value in configuration.properties.items():
        assert RANGES[name][0] <= value <= RANGES[name][1]


def test_a_cluster_is_read_with_its_values() -> None:
    configuration, gaps = read_configuration(
        b'{"name": "SQLAG01", "os": "2019", "nodes": [{"name": "SQL01", "vm": "sql01"}, "SQL02"],'
        b'"properties": {"samesubnetdelay": "1000", "SameSubnetThreshold": 10.0, "Id": {}},'
        b'"availability_groups": [{"name": "AG1", "lease_timeout_ms": 20000}]}'
    )
    assert gaps == ()
    assert configuration.nodes == {"SQL01": "sql01", "SQL02": None}
    assert configuration.properties == {"SameSubnetDelay": 1000, "SameSubnetThreshold": 10}
    assert configuration.groups[0].lease_timeout == timedelta(seconds=20)
    assert configuration.groups[0].health_check_timeout is None


@pytest.mark.parametrize("value", ["99999", "0", "-1", '"x"', "true", "10.5", "NaN", "[]", '"²"'])
def test_a_heartbeat_value_out_of_range_counts_as_unknown(value: str) -> None:
    configuration, gaps = read_configuration(
        f'{{"properties": {{"SameSubnetThreshold": {value}}}}}'.encode()
    )
    assert configuration.properties == {}
    assert [gap.subject for gap in gaps] == ([] if value == "NaN" else ["SameSubnetThreshold"])


def test_a_bomb_of_brackets_is_a_gap() -> None:
    _, gaps = read_configuration(b"[" * 1_000_000)
    assert len(gaps) == 1


def test_a_key_of_a_hundred_thousand_parts_is_no_toml() -> None:
    """Python's own reader would take hundreds of gigabytes for this 600 KB."""
    incident, gaps = read_incident(b"[nodes]\n" + b"a." * 300_000 + b"a = 1")
    assert incident.nodes == {}
    assert "dots" in gaps[0].why

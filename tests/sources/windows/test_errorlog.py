"""What a SQL Server ERRORLOG tells, in whatever language, and what damage does to it."""

from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.findings import Findings
from sources.raw import RawFile
from sources.windows.errorlog import read_errorlog
from verdict.clock import Clock
from verdict.sign import Kind, Sign

CLOCK = Clock("SQL01")
HOURS = timedelta(hours=1)
START = (
    "20:00:00.64 Server      Microsoft SQL Server 2019 (RTM-CU22) - 15.0.4322.2 (X64)",
    "20:00:00.64 Server      UTC adjustment: -7:00",
)


def read(*lines: str, offset: timedelta | None = timedelta(), encoding: str = "utf-16") -> Findings:
    """Read lines given as "HH:MM:SS.cc source text" of 1 March 2026, or whole."""
    text = "".join(
        f"2026-03-01 {line}\r\n" if line[2:3] == ":" else line + "\r\n" for line in lines
    )
    return read_errorlog(
        RawFile.in_memory("ERRORLOG", text.encode(encoding)), "SQL01", CLOCK, offset
    )


def at(clock: str, day: int = 1) -> datetime:
    return datetime.fromisoformat(f"2026-03-{day:02}T{clock}").replace(tzinfo=UTC)


def only(found: Findings) -> Sign:
    (sign,) = found.signs
    return sign


LEASE = (
    "02:14:10.60 Server      Error: 19407, Severity: 16, State: 1.",
    (
        "02:14:10.60 Server      The lease between availability group 'ag1' and the Windows Server "
        "Failover Cluster has expired. A connectivity issue occurred between the instance ..."
    ),
)


def test_a_number_and_the_text_after_it_are_one_message() -> None:
    other = "02:14:10.60 spid43s     Starting up database 'model'."
    for lines in (LEASE, (LEASE[0], other, LEASE[1])):
        sign = only(read(*lines))
        assert (sign.kind, sign.subject, sign.at) == (Kind.LEASE_EXPIRED, "ag1", at("02:14:10.6"))
        assert sign.text == "19407 in SQL01's ERRORLOG"
        assert sign.node == "SQL01"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("Fehler: 19407, Schweregrad: 16, Status: 1.", "Die Lease zwischen 'ag1' und dem Cluster"),
        ("Erreur : 19407, Gravité : 16, État : 1.", "Le bail entre « ag1 » et le cluster"),
        ("错误\uff1a19407\uff0c严重性\uff1a16\uff0c状态\uff1a1。", "可用性组“ag1”与 Windows"),
    ],
)
def test_a_number_is_understood_in_any_language(number: str, text: str) -> None:
    sign = only(read(f"02:14:10.60 Server      {number}", f"02:14:10.60 Server      {text}"))
    assert sign.kind is Kind.LEASE_EXPIRED
    assert str(sign.subject).strip("\xa0 ") == "ag1"


def test_a_number_without_its_text_still_counts() -> None:
    sign = only(read(LEASE[0], "02:20:00.00 Server      Something else."))
    assert (sign.kind, sign.subject, sign.at) == (Kind.LEASE_EXPIRED, None, at("02:14:10.6"))


# Texts: sql-docs, database engine events and errors; MicrosoftDocs/SupportArticles-docs.
@pytest.mark.parametrize(
    ("text", "kind", "subject", "detail"),
    [
        (
            (
                "The state of the local availability replica in availability group 'ag1' has "
                "changed from 'PRIMARY_NORMAL' to 'RESOLVING_NORMAL'.  The state ..."
            ),
            Kind.AG_STATE_CHANGED,
            "ag1",
            "PRIMARY_NORMAL>RESOLVING_NORMAL",
        ),
        (
            (
                'The availability group database "db" is changing roles from "PRIMARY" '
                'to "RESOLVING" because the mirroring session or availability group failed over.'
            ),
            Kind.AG_STATE_CHANGED,
            "db",
            "PRIMARY>RESOLVING",
        ),
        (
            (
                "Always On availability groups connection with secondary database terminated for "
                "primary database 'agdb' on the availability replica 'SQL02' with Replica ID: {85}."
            ),
            Kind.CONNECTION_LOST,
            "SQL02",
            None,
        ),
        (
            (
                "SQL Server is terminating in response to a 'stop' request from Service Control "
                "Manager. This is an informational message only. No user action is required."
            ),
            Kind.SERVICE_STOPPED,
            "SQL01",
            "sql",
        ),
        (
            "A significant part of sql server process memory has been paged out. This may ...",
            Kind.STARVED,
            "SQL01",
            "memory",
        ),
        (
            "Process 0:0:0 (0x1a2c) Worker 0x0000 appears to be non-yielding on Scheduler 3.",
            Kind.STARVED,
            "SQL01",
            "17883",
        ),
        (
            "***Stack Dump being sent to C:\\LOG\\SQLDump0001.txt",
            Kind.SERVICE_CRASHED,
            "SQL01",
            "dump",
        ),
        (
            "The availability group 'ag1' is being asked to stop the lease renewal because ...",
            Kind.LEASE_RELEASED,
            "ag1",
            None,
        ),
    ],
)
def test_an_informational_message_is_known_by_its_text(
    text: str, kind: Kind, subject: str, detail: str | None
) -> None:
    sign = only(read(f"02:14:10.60 spid43s     {text}"))
    assert (sign.kind, sign.subject, sign.detail) == (kind, subject, detail)


def test_slow_io_has_its_length_where_it_is_printed() -> None:
    text = (
        "SQL Server has encountered 1 occurrence(s) of I/O requests taking longer than 15 seconds "
        "to complete on file [C:\\agdb_log.ldf] in database id 12. The OS file handle is 0x1594. "
        "The offset of the latest long I/O is: 0x30435b0000."
    )
    sign = only(read(f"20:49:54.64 spid12s     {text}"))
    assert (sign.kind, sign.detail) == (Kind.SLOW_IO, "C:\\agdb_log.ldf")
    assert sign.value == timedelta(seconds=15)
    longer = f"{text} The duration of the long I/O is: 26728 ms."
    assert only(read(f"20:49:54.64 spid12s     {longer}")).value == timedelta(seconds=26.728)


def frozen(clock: str, database: str) -> str:
    return f"{clock} spid71      I/O is frozen on database {database}. No user action is required."


def resumed(clock: str, database: str) -> str:
    return (
        f"{clock} spid71      I/O was resumed on database {database}. No user action is required."
    )


def test_databases_frozen_together_are_one_freeze() -> None:
    first, second = read(
        frozen("02:00:00.10", "master"),
        frozen("02:00:00.20", "app.db"),
        resumed("02:00:03.10", "master"),
        resumed("02:00:04.20", "app.db"),
        frozen("03:00:00.00", "master"),
    ).freezes
    assert (first.start, first.end) == (at("02:00:00.1"), at("02:00:04.2"))
    assert (first.node, first.databases) == ("SQL01", 2)
    assert second.end is None


def test_the_same_lost_connection_of_many_databases_is_told_once() -> None:
    line = (
        "02:14:1{}.10 spid4{}s     Always On availability groups connection with secondary database"
        " terminated for primary database 'db{}' on the availability replica 'SQL02' with Replica"
    )
    assert len(read(*(line.format(n % 3, n, n) for n in range(9))).signs) == 1


def test_the_offset_given_goes_before_the_one_in_the_log() -> None:
    assert only(read(*START, *LEASE, offset=None)).at == at("02:14:10.6") + 7 * HOURS
    assert only(read(*START, *LEASE, offset=-6 * HOURS)).at == at("02:14:10.6") + 6 * HOURS


def test_local_times_without_an_offset_are_no_evidence() -> None:
    found = read(*LEASE, offset=None)
    assert (found.signs, found.freezes, found.coverage) == ((), (), ())
    (gap,) = found.gaps
    assert gap.remedy == 'put SQL01 = "+HH:MM" under [utc_offset] in incident.toml'


def test_coverage_runs_from_the_first_line_to_the_last() -> None:
    found = read(*START, "23:59:00.00 spid5s      Recovery of any in-doubt ...", offset=-HOURS)
    (part,) = found.coverage
    assert (part.source, part.subject) == ("ERRORLOG", "SQL01")
    assert (part.start, part.end) == (at("21:00:00.64"), at("00:59:00", day=2))
    assert found.gaps == ()


def test_every_encoding_of_the_file_is_read() -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-8", "cp1252"):
        assert only(read(*START, *LEASE, encoding=encoding)).subject == "ag1"


def test_a_time_in_the_future_is_left_out_with_what_it_said() -> None:
    future = [line.replace("02:14", "2031-03-01 02:14") for line in LEASE]
    found = read(*START, *future, *START)
    assert found.signs == ()
    assert max(part.end for part in found.coverage) == at("20:00:00.64")
    assert "2 lines with a time that contradicts" in found.gaps[0].why


def test_damage_is_told_and_splits_the_coverage() -> None:
    found = read(*START, "\0" * 500, "2026-03-01 20:0", "2026-02-31 20:00:00.00 x y", *START)
    assert len(found.coverage) == 2
    assert [gap.why for gap in found.gaps] == [
        "ERRORLOG: 1 line cut off and 1 line with an impossible time",
        "ERRORLOG: 1 line held NUL bytes",
    ]


def test_an_empty_or_unreadable_file_is_a_gap() -> None:
    def refuse() -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    assert "no line that SQL Server wrote" in read("").gaps[0].why
    found = read_errorlog(RawFile("ERRORLOG", 1, refuse), "SQL01", CLOCK, None)
    assert "could not be read: Permission denied" in found.gaps[0].why


PIECES = st.sampled_from([*LEASE, *START, frozen("02:00:00.10", "a"), "\0", "Error: 9", "\r"])


@given(
    st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=12),
    st.binary(max_size=200),
    st.sampled_from([None, timedelta(), -6 * HOURS]),
)
def test_no_bytes_are_too_strange(pieces: list[str], tail: bytes, offset: timedelta | None) -> None:
    lines = "\n".join(f"2026-03-01 {piece}" for piece in pieces)
    data = lines.encode("utf-8", "surrogatepass") + tail
    found = read_errorlog(RawFile.in_memory("ERRORLOG", data), "SQL01", CLOCK, offset)
    assert found.coverage or found.gaps

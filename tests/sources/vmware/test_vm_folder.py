"""A VM's folder: several logs are one story, and what is missing between them is not covered."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.findings import Findings
from sources.raw import RawFile
from sources.vmware.vm_folder import read_vm_folder
from verdict.clock import Clock
from verdict.facts import Phase

READ_AT = datetime(2026, 3, 2, tzinfo=UTC)
UNKNOWN = Clock("esx07")
STUN = "Checkpoint_Unstun: vm stopped for 500000 us"
HANDOVER = "Migrate: VM starting stun, waiting 100 seconds for go/no-go message."
GONE = "VMX has left the building: 0."


def line(time: str, message: str = "GuestRpc: Got RPCI vsocket connection 1") -> str:
    return f"2026-03-01T{time}Z In(05) vcpu-0 - {message}"


def log(name: str, *lines: str) -> RawFile:
    return RawFile.in_memory(name, "".join(f"{text}\n" for text in lines).encode())


def folder(*files: RawFile, clock: Clock = UNKNOWN, until: str | None = None) -> Findings:
    return read_vm_folder("sql01", files, clock, READ_AT, at(until) if until else None)


def at(time: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-01T{time}+00:00")


def covered(found: Findings) -> list[tuple[str, str]]:
    return [(f"{c.start:%H:%M:%S}", f"{c.end:%H:%M:%S}") for c in found.coverage]


def whys(found: Findings) -> str:
    return "; ".join(gap.why for gap in found.gaps)


OLD = log("vmware-7.log", line("01:00:00.000"), line("02:00:00.000"))
NEWER = log("vmware-8.log", line("02:00:05.000"), line("03:00:00.000", STUN))
CURRENT = log("vmware.log", line("03:00:09.000"), line("04:00:00.000"))


def test_rotated_logs_are_one_coverage_in_whatever_order_they_come() -> None:
    for files in ((OLD, NEWER, CURRENT), (CURRENT, OLD, NEWER)):
        found = folder(*files)
        assert covered(found) == [("01:00:00", "04:00:00")]
        assert found.gaps == ()
        assert [stun.end for stun in found.stuns] == [at("03:00:00.000")]


def test_the_current_log_speaks_to_the_moment_it_was_read() -> None:
    assert covered(folder(CURRENT, until="05:30:00")) == [("03:00:09", "05:30:00")]
    found = folder(OLD, until="05:30:00")
    assert covered(found) == [("01:00:00", "02:00:00")]
    assert "vmware.log" in whys(found)


def test_a_missing_rotation_is_a_named_gap_and_not_covered() -> None:
    oldest = log("vmware-4.log", line("00:00:00.000"), line("00:30:00.000"))
    found = folder(oldest, OLD, NEWER, CURRENT)
    assert covered(found) == [("00:00:00", "00:30:00"), ("01:00:00", "04:00:00")]
    assert "vmware-5.log to vmware-6.log missing" in whys(found)


@pytest.mark.parametrize("data", [b"", b"\0" * 5000, b"no time here\n"])
def test_a_log_without_a_time_is_a_gap_and_joins_nothing(data: bytes) -> None:
    found = folder(OLD, RawFile.in_memory("vmware-8.log", data), CURRENT)
    assert covered(found) == [("01:00:00", "02:00:00"), ("03:00:09", "04:00:00")]
    assert whys(found).startswith("vmware-8.log")
    assert len(found.gaps) == 1


def test_a_log_that_cannot_be_opened_is_a_gap() -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    found = folder(RawFile("vmware-8.log", 1, refuse), CURRENT)  # type: ignore[arg-type]  # raises
    assert "vmware-8.log could not be read: Permission denied" in whys(found)


def test_the_same_content_twice_is_one_log() -> None:
    copy = RawFile("vmware-9.log", NEWER.size, NEWER.open)
    stray = RawFile("vmware (1).log", NEWER.size, NEWER.open)
    found = folder(OLD, NEWER, copy, stray, CURRENT)
    assert (len(found.stuns), covered(found)) == (1, [("01:00:00", "04:00:00")])


def test_an_older_copy_of_a_log_adds_no_stun() -> None:
    part = log("sql01-vmware.log", line("02:00:05.000"), line("03:00:00.000", STUN))
    found = folder(part, NEWER, CURRENT)
    assert len(found.stuns) == 1


def test_the_end_of_a_fetched_tail_does_not_join_what_came_before() -> None:
    tail = log("vmware.log", "half a line", line("03:30:00.000"), line("04:00:00.000"))
    found = folder(NEWER, tail)
    assert covered(found) == [("02:00:05", "03:00:00"), ("03:30:00", "04:00:00")]
    assert "begins inside a line" in whys(found)


def test_a_current_log_minutes_younger_than_the_newest_number_is_not_joined() -> None:
    """Its name does not say which number came before it: one may be missing between them."""
    found = folder(NEWER, log("vmware.log", line("03:10:00.000")))
    assert len(found.coverage) == 2


def test_a_creation_begun_in_the_old_log_explains_the_stun_at_the_head_of_the_new() -> None:
    start = "SnapshotVMX_TakeSnapshot start: 'NIGHTLY', deviceState=0"
    old = log("vmware-8.log", line("02:00:00.000"), line("02:59:58.000", start))
    new = log("vmware.log", line("03:00:00.000"), line("03:00:01.000", STUN))
    (stun,) = folder(old, new).stuns
    assert (stun.phase, stun.snapshot) == (Phase.CREATE, "NIGHTLY")


def test_every_time_is_shifted_by_the_hosts_clock_but_the_moment_of_reading_is_not() -> None:
    ahead = Clock("esx07", timedelta(seconds=10))
    found = folder(OLD, NEWER, CURRENT, clock=ahead, until="05:00:00")
    assert covered(found) == [("00:59:50", "05:00:00")]
    assert [stun.end for stun in found.stuns] == [at("02:59:50.000")]
    assert found.stuns[0].duration == timedelta(milliseconds=500)


def test_a_hole_in_a_log_is_cut_out_and_named() -> None:
    holed = log(
        "vmware.log", line("01:00:00.000"), "\0" * 99, line("02:00:00.000"), line("03:00:00.000")
    )
    found = folder(holed)
    assert covered(found) == [("02:00:00", "03:00:00")]
    assert "vmware.log: a block of zero bytes" in whys(found)


def test_an_unfinished_stun_ends_the_coverage_even_of_a_log_read_hours_later() -> None:
    stunned = log("vmware.log", line("01:00:00.000"), line("02:00:00.000", HANDOVER))
    found = folder(stunned, until="06:00:00")
    assert covered(found) == [("01:00:00", "02:00:00")]
    assert "before it ran again" in whys(found)


# KB 432796: the new process prints 18.5 ms for minutes of standing still
def test_after_a_handover_coverage_goes_on_when_the_vm_runs_again() -> None:
    source = log("vmware-8.log", line("01:00:00.000"), line("02:00:00.000", HANDOVER))
    short = STUN.replace("500000", "18500")
    target = log(
        "vmware.log", line("01:59:50.000"), line("02:05:00.000", short), line("03:00:00.000")
    )
    found = folder(source, target)
    assert covered(found) == [("01:00:00", "02:00:00"), ("02:05:00", "03:00:00")]


def test_a_handover_whose_stun_was_measured_is_no_hole() -> None:
    source = log(
        "vmware-8.log",
        line("01:00:00.000"),
        line("02:00:00.000", HANDOVER),
        line("02:00:01.000", GONE),
    )
    target = log(
        "vmware.log", line("01:59:50.000"), line("02:00:00.700", STUN), line("03:00:00.000")
    )
    found = folder(source, target)
    assert covered(found) == [("01:00:00", "03:00:00")]
    assert found.gaps == ()


def test_a_log_that_ends_with_its_process_says_nothing_of_later() -> None:
    found = folder(
        log("vmware.log", line("01:00:00.000"), line("02:00:00.000", GONE)), until="05:00:00"
    )
    assert covered(found) == [("01:00:00", "02:00:00")]
    assert "the VM stopped or moved" in whys(found)


def test_a_clock_set_back_at_a_rotation_leaves_the_doubled_time_open() -> None:
    early = log("vmware.log", line("01:30:00.000"), line("04:00:00.000"))
    found = folder(RawFile("vmware-8.log", OLD.size, OLD.open), early)
    assert covered(found) == [("01:00:00", "01:30:00"), ("02:00:00", "04:00:00")]
    assert "set back" in whys(found)


def test_no_file_at_all_is_no_coverage() -> None:
    assert folder() == Findings()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["vmware.log", "vmware-1.log", "vmware-2.log", "vmware-4.log", "x.log"]
            ),
            st.lists(
                st.one_of(
                    st.binary(max_size=30),
                    st.builds(
                        lambda hour, text: line(f"{hour:02}:00:00.000", text).encode(),
                        st.integers(0, 23),
                        st.sampled_from([STUN, HANDOVER, GONE, STUN[:20], "quiet", "\0\0"]),
                    ),
                ),
                max_size=6,
            ),
        ),
        max_size=5,
    )
)
def test_whatever_lies_in_the_folder_coverage_stays_within_what_was_read(
    files: list[tuple[str, list[bytes]]],
) -> None:
    raw = [RawFile.in_memory(name, b"\n".join(lines) + b"\n") for name, lines in files]
    found = read_vm_folder("sql01", raw, UNKNOWN, READ_AT, READ_AT)
    for span in found.coverage:
        assert at("00:00:00") <= span.start <= span.end <= READ_AT
    spans = [(span.start, span.end) for span in found.coverage]
    assert all(a[1] < b[0] for a, b in pairwise(spans))


def test_logs_whose_numbers_do_not_follow_their_times_are_not_joined() -> None:
    """Contents swapped, or logs of two lives of the VM: one may be missing between them."""
    first = log("vmware-2.log", line("01:00:00.000"))
    second = log("vmware-1.log", line("02:00:00.000"))
    third = log("vmware-3.log", line("03:00:00.000"))
    assert len(folder(first, second, third).coverage) == 3

"""vmware.log: every published line, whatever the header, and what damage must not hide."""

import gzip
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.vmware.logged_stun import LoggedStun
from sources.vmware.vmware_log import VmwareLog, scan
from verdict.facts import Phase

READ_AT = datetime(2026, 11, 1, tzinfo=UTC)

# elatov.github.io, 2012/06: ESXi 5.0
L1 = "2012-03-23T16:22:51.876Z| vcpu-0| Checkpoint_Unstun: vm stopped for 3658889 us"
# KB 2039754 as quoted by codenotary.com: no time stamps
L2 = (
    "vmx| Checkpoint_Unstun: vm stopped for 3711025 us vmx| Checkpoint_Unstun: vm stopped for"
    " 574655 us vmx| Checkpoint_Unstun: vm stopped for 2191061 us"
)
# virten.net 2015/10
L3 = "2015-10-27T22:01:42.149Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for 188405 us"
# Broadcom KB 417644: L4 and L5 tell one stun, L6 and L7 the next
L4 = "2025-10-28T13:33:06.256Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 385332 us"
L5 = "2025-10-28T13:33:06.285Z In(05) vcpu-0 - CPT: vm was stunned for 414878 us"
L6 = "2025-10-29T13:27:47.591Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 408370 us"
L7 = "2025-10-29T13:27:47.620Z In(05) vcpu-0 - CPT: vm was stunned for 437796 us"
# Broadcom KB 432796 and 311905: the times are masked
L8 = "YYYY-MM-DDThh:mm:ss.536Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 18500 us"
L9 = "YYYY-MM-DD HH-MM In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 11223 us"

HEADERS = (
    "{}| vcpu-0| ",
    "{}| vmx| I120: ",
    "{}| vcpu-0| | I005: ",
    "{}| vcpu-0| 5f5bff5a-01-bd-1a1c| I005: ",
    "{} In(05) vcpu-0 - ",
    "{} In(05) vmx vim-cmd-09-a45d ",
    "{} Wa(03) worker-94624005 opID=lgfd4abh-18745-auto-egq-h5:70005734-88-01-39-6b81 ",
)


def read(*lines: str, end: str = "\n") -> VmwareLog:
    return scan(BytesIO((end.join(lines) + end).encode()), read_at=READ_AT)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def phases(*lines: str) -> list[tuple[Phase, str | None]]:
    return [(stun.phase, stun.snapshot) for stun in read(*lines).stuns]


class Trickle(BytesIO):
    """A file that gives a few bytes at a time."""

    size = 7

    def readinto(self, view: memoryview) -> int:  # type: ignore[override]  # what scan gives
        """Give at most `size` bytes."""
        return super().readinto(view[: self.size])


@pytest.mark.parametrize(
    ("line", "end", "us"),
    [
        (L1, "2012-03-23T16:22:51.876Z", 3658889),
        (L3, "2015-10-27T22:01:42.149Z", 188405),
        (L4, "2025-10-28T13:33:06.256Z", 385332),
        (L5, "2025-10-28T13:33:06.285Z", 414878),
    ],
)
def test_a_published_line_ends_at_its_stamp_and_began_its_microseconds_before(
    line: str, end: str, us: int
) -> None:
    (stun,) = read(line).stuns
    assert stun.end == at(end)
    assert stun.duration == timedelta(microseconds=us)


def test_two_lines_with_one_start_are_one_stun_and_the_larger_is_kept() -> None:
    for lines in ((L4, L5), (L5, L4)):
        (stun,) = read(*lines).stuns
        assert (stun.start, stun.end) == (
            at("2025-10-28T13:33:05.870122Z"),
            at("2025-10-28T13:33:06.285Z"),
        )


@pytest.mark.parametrize("between", ["", " "])
def test_a_pair_run_together_without_a_newline_is_read(between: str) -> None:
    log = read(L6 + between + L7)
    assert [stun.duration for stun in log.stuns] == [timedelta(microseconds=437796)]
    assert log.holes == ()


@pytest.mark.parametrize("line", [L2, L8, L9])
def test_a_stun_without_a_time_is_a_hole_and_not_a_guess(line: str) -> None:
    log = read(L4, line, L6)
    assert [stun.end for stun in log.stuns] == [
        at("2025-10-28T13:33:06.256Z"),
        at("2025-10-29T13:27:47.591Z"),
    ]
    (hole,) = log.holes
    assert hole.why == "a stun line is damaged"
    assert (hole.start, hole.end) == (log.first, log.last)


def test_only_the_stamped_stun_of_a_joined_line_is_read() -> None:
    log = read("2012-03-23T16:22:51.876Z| " + L2, L3)
    assert [stun.duration.total_seconds() for stun in log.stuns] == [3.711025, 0.188405]
    assert len(log.holes) == 1


@given(
    header=st.sampled_from(HEADERS),
    end=st.datetimes(datetime(2010, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - made UTC below
    us=st.integers(0, 3_600_000_000),
    phrase=st.sampled_from(["Checkpoint_Unstun: vm stopped for", "CPT: vm was stunned for"]),
    eol=st.sampled_from(["\n", "\r\n"]),
    zone=st.sampled_from(["Z", "", "+00:00"]),
)
def test_any_header_gives_the_stun_to_the_microsecond(
    header: str, end: datetime, us: int, phrase: str, eol: str, zone: str
) -> None:
    stamp = end.isoformat(timespec="milliseconds")
    (stun,) = read(f"{header.format(stamp + zone)}{phrase} {us} us", end=eol).stuns
    assert stun.end == datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    assert stun.duration == timedelta(microseconds=us)


def test_a_time_with_an_offset_is_taken_by_its_offset() -> None:
    (stun,) = read(L3.replace("Z|", "+01:00|")).stuns
    assert stun.end == at("2015-10-27T21:01:42.149Z")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "gzip"])
def test_other_wrappings_of_the_same_text_read_the_same(encoding: str) -> None:
    text = f"{L3}\n{L4}\n{L5}\n"
    data = gzip.compress(text.encode()) if encoding == "gzip" else text.encode(encoding)
    assert scan(BytesIO(data), read_at=READ_AT) == read(L3, L4, L5)


# virten.net 2015/10 (the creation), KB 417644 and the notes of a DFIR team (8.x)
CREATE = (
    "2015-10-27T22:01:39.876Z| vmx| I120: SnapshotVMX_TakeSnapshot start: 'Backup', deviceState=0",
    "2015-10-27T22:01:41.961Z| vcpu-0| I120: Destroying virtual dev for scsi0:0 vscsi=8198",
    L3,
)
CREATED = (
    "2015-10-27T22:01:42.900Z| vmx| I120: SnapshotVMXTakeSnapshotComplete: Done with snapshot"
    " 'Backup': 7"
)
REMOVED = (
    "2015-10-27T22:30:00.386Z| vcpu-0| I120: ConsolidateEnd: Snapshot consolidate complete:"
    " The operation completed successfully (0)."
)


def late(minute: int, second: int, message: str) -> str:
    return f"2015-10-27T22:{minute:02}:{second:02}.000Z| vcpu-0| I120: {message}"


STUN = "Checkpoint_Unstun: vm stopped for 500000 us"


def test_a_stun_inside_a_creation_is_a_create_with_the_snapshots_name() -> None:
    assert phases(*CREATE, CREATED) == [(Phase.CREATE, "Backup")]
    assert phases(*CREATE) == [(Phase.CREATE, "Backup")]
    assert phases(L3, CREATED) == [(Phase.CREATE, "Backup")]


def test_the_snapshot_line_with_an_operation_id_is_read() -> None:
    start = (
        "2023-12-05T17:42:40.666Z In(05) vmx vim-cmd-09-a45d SnapshotVMX_TakeSnapshot start:"
        " 'it's mine', deviceState=1, lazy=1, quiesced=0, forceNative=0"
    )
    stun = "2023-12-05T17:42:40.741Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 50000 us"
    assert phases(start, stun) == [(Phase.CREATE, "it's mine")]


def test_minutes_after_a_creation_a_stun_is_no_create() -> None:
    assert phases(*CREATE, CREATED, late(20, 0, STUN))[1] == (Phase.UNKNOWN, None)


def test_all_stuns_of_a_removal_are_its_own_and_name_the_last_snapshot() -> None:
    removal = (
        late(10, 0, "SnapshotVMX_Consolidate: Starting."),
        late(10, 5, STUN),
        late(20, 0, "SnapshotVMXConsolidateOnlineCB: Another iteration is needed."),
        late(29, 59, STUN),
        REMOVED,
        late(40, 0, STUN),
    )
    assert phases(*CREATE, CREATED, *removal)[1:] == [
        (Phase.REMOVE, "Backup"),
        (Phase.REMOVE, "Backup"),
        (Phase.UNKNOWN, None),
    ]


def test_a_removal_known_by_its_end_alone_claims_only_the_stun_beside_it() -> None:
    assert phases(late(9, 0, STUN), late(29, 59, STUN), REMOVED) == [
        (Phase.UNKNOWN, None),
        (Phase.REMOVE, None),
    ]


def test_the_helper_snapshot_of_an_old_consolidation_is_part_of_the_removal() -> None:
    assert phases(
        late(10, 0, "SnapshotVMX_TakeSnapshot start: 'Consolidate Helper- 0', deviceState=0"),
        late(10, 5, STUN),
    ) == [(Phase.REMOVE, None)]


def test_a_cancelled_removal_leaves_its_snapshot_to_the_next() -> None:
    cancelled = late(12, 0, "ConsolidateEnd: Snapshot consolidate complete: Cancelled (34).")
    lines = (*CREATE, CREATED, late(10, 0, "SnapshotVMX_Consolidate: Starting."), cancelled)
    assert phases(*lines, late(29, 59, STUN), REMOVED)[1] == (Phase.REMOVE, "Backup")


@pytest.mark.parametrize(
    ("before", "phase"),
    [
        # KB 432796, 436882, 435078
        ("Migrate: VM starting stun, waiting 100 seconds for go/no-go message.", Phase.MIGRATION),
        ("Migrate_Open: Restoring from <10.0.0.2> with migration id 14460467", Phase.MIGRATION),
        ("MigrateSetState: Transitioning from state 0 to 1.", Phase.MIGRATION),
        # KB 432796, 311905
        ("memoryHotplug: Change of memory size from 32768 to 65536 was requested", Phase.OTHER),
        ("USB: Disconnecting device 0x200000050e0f0003", Phase.OTHER),
        # elatov.github.io: a removal on 5.0
        ('DISKLIB-VMFS : ".../VM_1-000002-delta.vmdk" : closed.', Phase.REMOVE),
        ('DISKLIB-VMFS : ".../test-gEGe-flat.vmdk" : closed.', Phase.UNKNOWN),
        ('DICT snapshot.asyncConsolidate.forceSync = "FALSE"', Phase.UNKNOWN),
    ],
)
def test_the_line_before_a_stun_tells_what_it_was_for(before: str, phase: Phase) -> None:
    assert phases(late(10, 0, before), late(10, 1, STUN)) == [(phase, None)]
    assert phases(*CREATE, late(10, 0, before), CREATED)[0] == (Phase.CREATE, "Backup")


def test_a_hot_add_moves_the_vm_but_is_no_migration() -> None:
    assert phases(
        late(10, 0, "memoryHotplug: Change of memory size from 32768 to 65536 was requested"),
        late(10, 3, "Migrate: VM starting stun, waiting 100 seconds for go/no-go message."),
        late(10, 4, STUN),
    ) == [(Phase.OTHER, None)]


def test_a_cut_stun_line_is_a_hole_that_covers_its_whole_stun() -> None:
    for cut in ("Checkpoint_Unstun", "Checkpoint_Unstun: vm stop", STUN[:-3], STUN[:-2] + "ms"):
        log = read(late(0, 0, "a"), late(30, 0, "b"), late(40, 0, cut), late(41, 0, "c"))
        assert log.stuns == ()
        (hole,) = log.holes
        assert hole.start is not None
        assert hole.start <= at("2015-10-27T22:00:00Z")
        assert hole.end == at("2015-10-27T22:41:00Z")


def test_the_hole_of_a_cut_line_begins_where_its_stun_was_seen_to_begin() -> None:
    log = read(
        late(0, 0, "a"),
        late(39, 0, "Closing all the disks of the VM."),
        late(40, 0, "Checkpoint_Unstun: vm stopped for 38"),
        late(41, 0, "c"),
    )
    assert [hole.start for hole in log.holes] == [at("2015-10-27T22:39:00Z")]


@pytest.mark.parametrize("cut", range(1, len(late(40, 0, STUN)) - 1))
def test_a_log_whose_last_line_is_cut_anywhere_does_not_vouch_for_its_stun(cut: int) -> None:
    text = "\n".join([late(0, 0, "a: b"), late(39, 0, "a: b"), late(40, 0, STUN)[:cut]])
    log = scan(BytesIO(text.encode()), read_at=READ_AT)
    assert log.stuns == ()
    assert log.holes[-1].end is None


def test_a_last_line_without_a_newline_is_whole() -> None:
    text = "\n".join([late(0, 0, "a"), late(39, 0, "Closing all the disks"), late(40, 0, STUN)])
    log = scan(BytesIO(text.encode()), read_at=READ_AT)
    assert (len(log.stuns), log.holes) == (1, ())


def test_zero_bytes_as_a_host_crash_leaves_them_are_a_hole() -> None:
    log = read(late(0, 0, "a"), late(5, 0, "b"), "\0" * 4096, late(9, 0, "c"), late(30, 0, "d"))
    (hole,) = log.holes
    assert (hole.start, hole.end) == (at("2015-10-27T22:00:00Z"), at("2015-10-27T22:09:00Z"))


def test_zero_bytes_at_the_end_leave_the_end_open() -> None:
    log = read(late(0, 0, "a"), late(5, 0, "b"), "\0" * 900_000)
    assert [(hole.start, hole.end) for hole in log.holes] == [(log.first, None)]


def test_a_clock_set_back_leaves_the_doubled_time_open() -> None:
    log = read(late(0, 0, "a"), late(40, 0, "b"), late(10, 0, "c"), late(59, 0, "d"))
    (hole,) = log.holes
    assert (hole.start, hole.end) == (at("2015-10-27T22:10:00Z"), at("2015-10-27T22:40:00Z"))


def test_threads_a_few_seconds_out_of_order_are_no_damage() -> None:
    assert read(late(0, 9, "a"), late(0, 5, "b"), late(0, 9, "c")).holes == ()


def test_a_line_from_the_future_is_not_believed() -> None:
    ahead = f"2026-11-03T00:00:00.000Z In(05) vcpu-0 - {STUN}"
    log = read(late(0, 0, "a"), ahead, late(9, 0, "b"))
    assert log.stuns == ()
    assert log.last == at("2015-10-27T22:09:00Z")
    assert [(hole.start, hole.end) for hole in log.holes] == [
        (at("2015-10-27T21:00:00Z"), log.last)
    ]


@pytest.mark.parametrize(
    "opening",
    [
        "Migrate: VM starting stun, waiting 100 seconds for go/no-go message.",
        "Destroying virtual dev for scsi0:0 vscsi=6195962770890788",
        "Closing all the disks of the VM.",
    ],
)
def test_a_log_that_ends_inside_a_stun_vouches_only_up_to_its_beginning(opening: str) -> None:
    log = read(late(0, 0, STUN), late(40, 0, opening), late(40, 2, "Closing disk 'scsi0:0'"))
    (hole,) = log.holes
    assert (hole.start, hole.end) == (at("2015-10-27T22:40:00Z"), None)
    assert hole.unfinished
    assert read(late(40, 0, opening), late(40, 3, STUN)).holes == ()


def test_a_disk_taken_out_hours_ago_is_no_unfinished_stun() -> None:
    log = read(late(0, 0, "Destroying virtual dev for scsi1:2"), L4.replace(STUN[:10], "x"))
    assert log.holes == ()


def test_the_end_of_the_vms_process_is_noticed() -> None:
    assert read(late(0, 0, "VMX has left the building: 0.")).over
    assert not read(late(0, 0, "a")).over


STORY = "\n".join(
    [*CREATE, CREATED, late(29, 59, STUN), REMOVED, late(40, 0, "CPT: vm was st"), L4, L5, L6, L7]
).encode()


@given(size=st.integers(1, 4096))
def test_it_does_not_matter_in_what_pieces_a_log_comes(size: int) -> None:
    file = Trickle(STORY)
    file.size = size
    assert scan(file, read_at=READ_AT) == scan(BytesIO(STORY), read_at=READ_AT)


@pytest.mark.parametrize("thorough", [0, 64 << 20])
def test_window_borders_at_every_position_change_nothing(
    thorough: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sources.vmware.vmware_log.THOROUGH", thorough)
    whole = read(*STORY.decode().split("\n"))
    filler = late(0, 0, "x" * 120) + "\n"
    for shift in range(0, 900, 13):
        pad = filler * (272 * 1024 // len(filler) - 2) + late(0, 1, "y" * shift) + "\n"
        log = scan(BytesIO(pad.encode() + STORY + b"\n"), read_at=READ_AT)
        assert (log.stuns, log.last, len(log.holes)) == (whole.stuns, whole.last, len(whole.holes))


def test_without_the_c_librarys_search_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = scan(BytesIO(STORY), read_at=READ_AT)
    monkeypatch.setattr("sources.vmware.log_window._MEMMEM", None)
    assert scan(BytesIO(STORY), read_at=READ_AT) == found


def test_progress_tells_every_byte() -> None:
    told: list[int] = []
    scan(BytesIO(STORY * 1000), told.append, READ_AT)
    assert sum(told) == len(STORY) * 1000


def test_a_log_cut_off_inside_its_packing_is_read_as_far_as_it_goes() -> None:
    log = scan(BytesIO(gzip.compress(f"{L3}\n".encode())[:-6]), read_at=READ_AT)
    assert log.holes[-1].end is None


@pytest.mark.parametrize("cut", range(30, 400, 37))
def test_wherever_its_packing_breaks_the_end_stays_open(cut: int) -> None:
    packed = gzip.compress(b"".join(late(m, 0, f"{m * m}").encode() + b"\n" for m in range(60)))
    log = scan(BytesIO(packed[: min(cut, len(packed) - 9)]), read_at=READ_AT)
    assert log.holes[-1].end is None


def test_a_huge_log_that_is_only_sampled_still_ends_at_its_last_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sources.vmware.vmware_log.THOROUGH", 0)
    lines = [late(m, s, "x" * 90) for m in range(60) for s in range(60)]
    lines.insert(-3, late(59, 57, STUN))
    log = read(*lines)
    assert (log.last, log.holes, len(log.stuns)) == (at("2015-10-27T22:59:59Z"), (), 1)
    assert read(*lines, "\0" * 99).holes[-1].end is None


def test_more_stuns_than_memory_is_granted_stop_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sources.vmware.vmware_log.MOST_FOUND", 10)
    lines = [late(minute, 0, STUN) for minute in range(60)]
    filler = [late(59, 30, "x" * 4000)] * 300
    log = read(*lines, *filler)
    assert "too long" in log.holes[-1].why
    assert log.holes[-1].end is None


LINES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([line.encode() for line in (*CREATE, CREATED, REMOVED, L2, L4, L5, L8)]),
    st.builds(lambda line, cut: line.encode()[:cut], st.sampled_from([L4, L6]), st.integers(0, 90)),
)


@given(st.lists(LINES, max_size=12), st.sampled_from([b"\n", b"\r\n", b"", b"\0"]))
def test_garbage_never_raises_and_never_widens_what_was_read(
    lines: list[bytes], between: bytes
) -> None:
    log = scan(BytesIO(between.join(lines)), read_at=READ_AT)
    assert (log.first is None) == (log.last is None)
    for stun in log.stuns:
        assert isinstance(stun, LoggedStun)
        assert stun.start <= stun.end <= READ_AT + timedelta(days=1)
    if log.first is not None:
        assert any(b"20" in line for line in lines)
    for hole in log.holes:
        assert hole.start is None or hole.end is None or hole.start <= hole.end


@pytest.mark.parametrize(
    "lost",
    ["\udc80\udcfe" * 60, "mangled, with its time gone", "vcpu-0 - Checkpo", "{", "\xff\xfe"],
)
def test_a_line_that_is_lost_may_have_been_the_line_of_a_stun(lost: str) -> None:
    """It is printed when the stun is over, so the hole reaches back beyond the last line."""
    lines = [late(0, 0, "a"), late(20, 0, "b"), lost, late(20, 1, "c"), late(30, 0, "d")]
    log = scan(BytesIO("\n".join(lines).encode("utf-8", "surrogateescape")), read_at=READ_AT)
    assert [(hole.start, hole.end) for hole in log.holes] == [
        (at("2015-10-27T22:15:00Z"), at("2015-10-27T22:20:01Z"))
    ]


def test_letters_of_other_languages_and_empty_lines_are_no_damage() -> None:
    log = read(late(0, 0, "Größe 大小"), "", " \r", late(9, 0, "ü" * 2_000), late(30, 0, "ok"))
    assert log.holes == ()


def test_without_line_ends_nobody_can_tell_which_time_belongs_to_which_words() -> None:
    """A migration's stun was taken for a removal's, which accused an innocent backup."""
    log = read(
        *(late(minute, 0, "VigorTransport") for minute in range(9)), late(9, 0, STUN), end=" "
    )
    assert log.stuns == ()
    assert log.holes[-1].end is None

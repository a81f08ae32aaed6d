"""The logs of one VM as far as a window needs them, fetched from where it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic

from sources.access import Window
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.raw import RawFile
from sources.vcenter.log_ways import Ways, find_folder, list_logs
from sources.vcenter.properties import Estate, LiveVm
from sources.vcenter.session import Session
from sources.vmware.datastore import SOURCE, ChangedError, HttpLog, Listed, LogFolder, Way
from sources.vmware.log_range import Piece, first_time, read_window
from verdict.facts import Gap

LEAD = timedelta(seconds=15)
"""Read before the window: what a stun was for stands in the lines before it, and a host's clock
that nobody measured may be off by seconds."""


@dataclass(frozen=True, slots=True)
class LiveLogs:
    """What was fetched of one VM's logs.

    `read_at` is the moment, UTC, up to which the current log speaks; None where it was not read.
    `ahead` is how far the clock of `host` runs ahead of ours, None where that is not known.
    """

    files: tuple[RawFile, ...] = ()
    gaps: tuple[Gap, ...] = ()
    read_at: datetime | None = None
    host: str | None = None
    ahead: timedelta | None = None
    fetched: int = 0


def fetch_logs(session: Session, estate: Estate, vm: LiveVm, window: Window) -> LiveLogs:
    """Fetch the logs of a VM. Raises nothing: what failed is a gap."""
    host, ahead = estate.name(vm.host), host_ahead(session, estate, vm)
    try:
        folder, store = find_folder(estate, vm)
        with Ways(session, folder) as ways:
            fetch = _Fetch(folder, window, ahead or timedelta(), ways, session.deadline)
            try:
                fetch.all(list_logs(session, folder, store), sure=True)
            except ChangedError:  # rotated while it was read: once more, by a new list
                fetch = _Fetch(folder, window, ahead or timedelta(), ways, session.deadline)
                fetch.all(list_logs(session, folder, store), sure=False)
            return replace(fetch.logs(), host=host, ahead=ahead)
    except SourceError as error:
        gap = Gap(SOURCE, vm.name, error.message, error.hint)
        return LiveLogs(gaps=(gap,), host=host, ahead=ahead)


def host_ahead(session: Session, estate: Estate, vm: LiveVm) -> timedelta | None:
    """Measure the clock of a VM's host, round trip halved; None where it does not tell."""
    known = estate.objects.get(vm.host or "")
    if known is None or known.dates is None:
        return None
    before, began = datetime.now(UTC), monotonic()
    try:
        theirs: datetime = session.run(known.dates.QueryDateTime)
    except SourceError:
        return None
    return theirs.astimezone(UTC) - (before + timedelta(seconds=(monotonic() - began) / 2))


class _Fetch:
    """One going through the logs of one VM, newest first, until the window is covered."""

    def __init__(
        self,
        folder: LogFolder,
        window: Window,
        ahead: timedelta,
        ways: Sequence[Way],
        deadline: Deadline,
    ) -> None:
        self.folder = folder
        self.window = window
        self.start = window.start + ahead - LEAD
        self.end = window.end + ahead
        self.ways = ways
        self.deadline = deadline
        self.files: list[RawFile] = []
        self.gaps: list[Gap] = []
        self.read_at: datetime | None = None
        self.fetched = 0

    def logs(self) -> LiveLogs:
        """Give what was fetched."""
        return LiveLogs(tuple(self.files), tuple(self.gaps), self.read_at, fetched=self.fetched)

    def all(self, listed: list[Listed], *, sure: bool) -> None:
        """Go back from log to log; `sure` where the sizes listed are to be believed.

        Raises ChangedError, and SourceError where nothing came.
        """
        try:
            for log in listed:
                if self._covered(self._one(log, sure=sure)):
                    return
            oldest = listed[-1].name
            self._miss(f"{oldest} is the oldest log there is and begins too late", None)
        except ChangedError:
            if sure:
                raise
            self._miss("it was replaced by a new one, twice, while it was read", "Ask again.")
        except SourceError as error:
            if not self.files:
                raise
            self._miss(error.message, error.hint)

    def _one(self, log: Listed, *, sure: bool) -> Piece:
        """Read one log. Each tries vCenter first: only the current one is ever locked."""
        current = log.number is None
        asked = datetime.now(UTC)
        size = log.size if sure else 0
        far = HttpLog(self.folder, log.name, size, self.ways, self.deadline)
        try:
            piece = read_window(far, self.start, self.end if current else None)
        finally:
            self.fetched += far.fetched
        self.files.append(RawFile.in_memory(log.name, piece.data))
        if current:
            self.read_at = asked if piece.last else min(asked, self.window.end)
        return piece

    def _covered(self, piece: Piece) -> bool:
        first = first_time(piece.data)
        return not piece.first or (first is not None and first <= self.start)

    def _miss(self, why: str, remedy: str | None) -> None:
        self.gaps.append(Gap(SOURCE, self.folder.vm, why, remedy))

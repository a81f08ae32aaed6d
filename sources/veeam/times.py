"""When Veeam's work ran, in UTC by Veeam's clock.

Sessions and log records name their offset, task sessions do not (every revision's example): those
are the server's local time, and borrow the offset that stands nearest to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sources.json_rows import AGAIN, Row, UnreadableError
from sources.stamps import settle
from sources.veeam.session import Session
from sources.veeam.step_log import Record, SessionLog
from verdict.facts import Gap

SLACK = timedelta(minutes=5)
"""How far a task may lie outside its session: generous beside seconds of queueing, small beside
the least difference between two time zones (15 minutes)."""


@dataclass(frozen=True, slots=True)
class ServerTimes:
    """The stamps of one session and its log, by which stamps without an offset are understood."""

    session: Session | None
    log: SessionLog

    def utc(self, stamp: datetime) -> datetime:
        """Give a stamp in UTC. Raises UnreadableError where nothing tells its time zone."""
        anchors = self.log.stamps + (self.session.stamps if self.session else ())
        try:
            return settle(stamp, anchors)
        except ValueError as error:
            raise UnreadableError("local times in an unknown time zone") from error

    def of_record(self, record: Record, *, running: bool) -> tuple[datetime, datetime | None]:
        """Say when a record's step ran; its end is None while it may still run.

        Raises UnreadableError where that cannot be said.
        """
        if record.start is None:
            raise UnreadableError("no startTime")
        start = self.utc(record.start)
        if running and not record.done:
            return start, None
        if record.update is None:
            raise UnreadableError("no updateTime")
        return _ordered(start, self.utc(record.update))

    def of_task(self, row: Row) -> tuple[datetime, datetime | None, tuple[Gap, ...]]:
        """Say when a task session ran: by its own times, else by its log, which is then a gap.

        Raises UnreadableError where neither says it.
        """
        stopped = (row.text("state") or "").lower() == "stopped"
        over = stopped or bool(self.session and self.session.end)
        try:
            return (*self._own(row, stopped=stopped), ())
        except UnreadableError as error:
            logged = self._logged()
            if not logged:
                raise
            why = f"timed by its log, for its task session cannot say when: {error}"
            gap = Gap("veeam", f"log of {row.text('name')}", why, AGAIN)
            return logged[0], logged[-1] if over else None, (gap,)

    def _own(self, row: Row, *, stopped: bool) -> tuple[datetime, datetime | None]:
        created, ended = row.stamp("creationTime"), row.stamp("endTime")
        if created is None:
            raise UnreadableError("no creationTime")
        start = self.utc(created)
        first, last = self._bounds()
        if (first and start < first - SLACK) or (last and start > last + SLACK):
            raise UnreadableError("its times do not lie within its session")
        if ended:
            return _ordered(start, self.utc(ended))
        logged = self._logged()
        if last:  # its session is over, so it is over
            return start, max(start, last)
        if stopped and not logged:
            raise UnreadableError("finished without an endTime")
        return start, max(start, logged[-1]) if stopped else None

    def _bounds(self) -> tuple[datetime | None, datetime | None]:
        stamps = (self.session.start, self.session.end) if self.session else (None, None)
        first, last = (self.utc(stamp) if stamp else None for stamp in stamps)
        return first, last

    def _logged(self) -> list[datetime]:
        """Every time in the log, in order; none where no time zone is known."""
        try:
            return sorted(self.utc(stamp) for stamp in self.log.stamps)
        except UnreadableError:
            return []


def _ordered(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    if end < start:
        raise UnreadableError("ended before it began")
    return start, end

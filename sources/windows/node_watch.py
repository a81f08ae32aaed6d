"""What is new in the event logs of one node, by record id, and proof that they are the same logs.

A question of a quiet log brings back one event, the one that was marked. Where it does not, the
log was cleared, or the node rebuilt or restored, and its records are counted anew.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sources.errors import SourceError
from sources.raw import RawFile
from sources.windows import queries
from sources.windows.channel_trouble import trouble
from sources.windows.event_log import UNREADABLE_EVENT, WindowsEvent, read_events
from sources.windows.output import Output
from sources.windows.queries import CHANNELS, CLUSTERING, Channel, Line
from sources.windows.watch_mark import Mark
from verdict.facts import Gap

WATCHED = tuple(
    channel for channel in CHANNELS if channel.name != f"{CLUSTERING}-NetFt/Operational"
)
"""A failover shows in each of these and in no other: removals, quorum and roles in System, moves in
FailoverClustering/Operational, leases and groups of SQL Server in Application, databases of a DAG
in Exchange's own. NetFt's watchdog is a rival's sign; it is read when the failover is judged."""

MOST = 4000
"""Events of one question, some 6 MB; what is more comes with the next one."""

Run = Callable[[Line], Output]
"""Runs one command on the node. Raises SourceError where it could not be started."""


@dataclass(slots=True)
class NodeSeen:
    """What one node had to tell. `oldest`: when the first new event was logged, by its own clock.

    `whole`: every watched log was read to its end.
    """

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    oldest: datetime | None = None
    whole: bool = True

    def fail(self, why: str, remedy: str | None) -> None:
        """Say what could not be read; the look is not whole."""
        self.gaps.append(Gap("events", self.name, why, remedy))
        self.whole = False

    def new(self, times: Iterable[datetime]) -> None:
        """Remember when the first new event was logged."""
        self.oldest = min(filter(None, (self.oldest, *times)), default=None)

    @property
    def raw(self) -> tuple[RawFile, ...]:
        """What was read, as the files of a bundle."""
        return tuple(RawFile.in_memory(name, data) for name, data in self.files.items())


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a question brought: its events, whether that was all, and what is wrong with it."""

    data: bytes
    events: tuple[WindowsEvent, ...]
    wrong: tuple[str, str | None] | None
    lacks: bool = False
    """The channel does not exist here, and need not."""

    @property
    def last(self) -> int:
        """The newest record; 0 where there is none."""
        return max((event.record or 0 for event in self.events), default=0)

    @property
    def full(self) -> bool:
        """Whether there may be more."""
        return len(self.events) >= MOST


def read_node(
    run: Run, name: str, marks: Mapping[str, Mark], since: datetime, *, anew: bool = False
) -> NodeSeen:
    """Read what came after the marks, by channel, and again what was logged since a moment.

    `since` is in UTC by the node's clock. `anew`: move the marks to the newest records of any
    kind, so that a log that rolls over is not taken for one that was cleared; to be done every
    now and then. A channel that was not read whole keeps its mark. Never raises SourceError.
    """
    seen = NodeSeen(name, marks=dict(marks))
    for channel in WATCHED:
        if channel.name not in marks:
            continue
        try:
            _read(run, seen, channel, since, anew=anew)
        except SourceError as error:  # what follows fails too
            seen.fail(f"{channel.name}: not read, {error.message}", error.hint)
            break
    return seen


def _read(run: Run, seen: NodeSeen, channel: Channel, since: datetime, *, anew: bool) -> None:
    """Read one channel. Raises SourceError."""
    mark = seen.marks[channel.name]
    newest = _newest(run, channel) if anew else None
    back = since if mark.record else min(since, mark.at)
    answer = _ask(run, channel, mark.record, back)
    if answer.lacks:
        del seen.marks[channel.name]
        return
    again = not answer.wrong and not _proven(mark, answer)
    if again:
        answer = _ask(run, channel, 0, None)
    elif answer.full and answer.last <= mark.record:  # so much was logged since then
        answer = _ask(run, channel, mark.record, None)
    if answer.data.strip():
        seen.files[channel.file] = answer.data
    seen.new(_new(mark, answer, again=again))
    if answer.wrong:
        why, remedy = answer.wrong
        seen.fail(f"{channel.name}: {why}", remedy)
        return
    if again:
        why = "its log no longer holds what was read last: it was cleared, restored or rolled over"
        seen.gaps.append(Gap("events", seen.name, f"{channel.name}: {why}", None))
    seen.whole = seen.whole and not answer.full
    start = Mark(0, back) if again else mark
    seen.marks[channel.name] = _moved(start, answer, None if answer.full else newest)


def _newest(run: Run, channel: Channel) -> Mark | None:
    """Give the newest record of any kind, asked before what was logged until then is read."""
    events = _events(run(queries.latest(channel)).stdout)[0]
    return Mark(events[0].record or 0, events[0].time) if events else None


def _ask(run: Run, channel: Channel, record: int, since: datetime | None) -> _Answer:
    """Ask one question and read the answer. Raises SourceError."""
    output = run(queries.onward(channel, record, since, MOST))
    lacks = output.code == queries.NOT_THERE and not channel.needed
    events, damage = _events(output.stdout)
    wrong = trouble(channel, output)
    if wrong is None and damage:
        wrong = f"what it printed is damaged: {damage[0]}", "Ask again."
    return _Answer(output.stdout, events, wrong, lacks)


def _events(printed: bytes) -> tuple[tuple[WindowsEvent, ...], list[str]]:
    """Read what was printed, and say what damage is the way's, not that of one event.

    An event that can never be read must not hold up those after it.
    """
    if not printed.strip():
        return (), []
    log = read_events(RawFile.in_memory("", printed))
    return log.events, [d for d in log.damage if not d.startswith(UNREADABLE_EVENT)]


def _proven(mark: Mark, answer: _Answer) -> bool:
    """Whether the log still holds the marked record."""
    return not mark.record or any(
        event.record == mark.record and event.time == mark.at for event in answer.events
    )


def _new(mark: Mark, answer: _Answer, *, again: bool) -> list[datetime]:
    """Give when the events that were not read before were logged."""
    if again or not mark.record:
        return [event.time for event in answer.events if again or event.time >= mark.at]
    return [event.time for event in answer.events if (event.record or 0) > mark.record]


def _moved(mark: Mark, answer: _Answer, newest: Mark | None) -> Mark:
    """Move a mark to the last record that is known and has been read."""
    last = max(answer.events, key=lambda event: event.record or 0, default=None)
    marks = [mark, *([Mark(last.record or 0, last.time)] if last else [])]
    marks += [newest] if newest else []
    moved = max(marks, key=lambda one: one.record)
    return Mark(moved.record, moved.at.astimezone(UTC))

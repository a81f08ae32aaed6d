"""SQL Server's ERRORLOG: what the instance on one node saw, in the node's local time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sources.findings import Findings
from sources.raw import RawFile
from sources.stamps import EARLIEST_YEAR, LATEST_YEAR, WIDEST_OFFSET
from sources.text import Lines
from sources.windows.bursts import first_of_bursts
from sources.windows.course import Course
from sources.windows.event_meaning import Meaning, Rule
from sources.windows.event_xml import WindowsEvent
from sources.windows.sql_events import DEFAULT, FROZEN, IDS, THAWED, freezes, meanings
from sources.windows.sql_texts import NEEDLES, Message, by_number, by_text
from verdict.clock import Clock
from verdict.facts import Coverage, Gap
from verdict.sign import Kind, Sign
from verdict.words import listing

SOURCE = "ERRORLOG"
AGAIN = "collect it again from the LOG folder of the instance"

LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{2,3})\s+(\S+)\s+(.*)", re.ASCII | re.DOTALL)
BEGUN = re.compile(r"\d{4}-\d\d-\d\d[ \d]", re.ASCII)
"""How a record begins; one that goes on otherwise was cut."""

COLON, COMMA = r"\s?[:\uff1a]\s?", r"\s?[,\uff0c]\s?"
"""Chinese and Japanese editions print the wide forms, French puts a space before a colon."""
WORD = r"[^\d:\uff1a]{2,30}"
NUMBER = re.compile(
    f"{WORD}{COLON}(\\d{{1,6}}){COMMA}{WORD}{COLON}\\d{{1,2}}{COMMA}{WORD}{COLON}\\d{{1,5}}"
    r"[.\u3002]?\s*",
    re.ASCII,
)
"""`Error: 19407, Severity: 16, State: 1.` in any language; the text is the next record."""
ADJUSTMENT = re.compile(rf"\bUTC\b{WORD}{COLON}([+-]?)(\d{{1,2}}):(\d\d)\s*", re.ASCII)
"""`UTC adjustment: -7:00`, written once at the start: local time minus UTC on that day."""
WORTH = re.compile("|".join(map(re.escape, (*NEEDLES, "Stack Dump being sent"))))

BREATH = timedelta(seconds=2)
"""A number and its text carry the same time; this allows for other lines between them."""
MOST = 20_000
"""Telling records that are kept; reading ends there, and so does the coverage."""

OWN_RULES = {
    17310: Rule(Kind.SERVICE_CRASHED, says="dump"),
    17311: Rule(Kind.SERVICE_CRASHED, says="sql"),
    17890: Rule(Kind.STARVED, says="memory"),
    41048: Rule(Kind.NODE_HALTED, says="41048"),
    41049: Rule(Kind.NODE_HALTED, says="41049"),
    41091: Rule(Kind.LEASE_EXPIRED, thing=1),
}
"""Messages that do not reach the Application log by themselves."""

WIDTHS = {
    Kind.LEASE_EXPIRED: timedelta(seconds=10),
    Kind.CONNECTION_LOST: timedelta(seconds=5),
    Kind.SERVICE_CRASHED: timedelta(seconds=30),
    Kind.NODE_HALTED: timedelta(seconds=30),
}
"""How long the log goes on about one thing: a message for every database, a dump in many lines."""


@dataclass(slots=True)
class _Reading:
    """A log while it is being read. Stamps are local, taken for UTC until the offset is known."""

    course: Course = field(default_factory=Course)
    printed: timedelta | None = None
    waiting: dict[str, tuple[datetime, int, int]] = field(default_factory=dict)
    """Numbers without their text yet, with time and stretch, by the thread that wrote them."""
    told: list[tuple[datetime, int, Message]] = field(default_factory=list)
    dumps: list[tuple[datetime, int]] = field(default_factory=list)
    stretch: int = -1
    cut: int = 0
    wrong: int = 0

    @property
    def full(self) -> bool:
        """Whether no more is kept."""
        return len(self.told) + len(self.dumps) >= MOST

    def take(self, line: str) -> None:
        """Take in one line. What follows a record's first line says nothing that counts."""
        match = LINE.match(line)
        if match is None:
            self.cut += BEGUN.match(line) is not None
            return
        try:
            stamp = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
        except ValueError:
            self.wrong += 1
            return
        if not EARLIEST_YEAR <= stamp.year <= LATEST_YEAR:
            self.wrong += 1
            return
        self.stretch = self.course.note(stamp)
        self.record(stamp, match[2], match[3])

    def record(self, stamp: datetime, thread: str, text: str) -> None:
        """Take in a record: a number, the text to a number, or a text alone."""
        if match := NUMBER.fullmatch(text):
            self.flush(thread)
            self.waiting[thread] = stamp, self.stretch, int(match[1])
            if len(self.waiting) > MOST:
                self.waiting.clear()
            return
        at, stretch, number = self.waiting.pop(thread, (stamp, self.stretch, 0))
        if number and not timedelta() <= stamp - at <= BREATH:
            self.keep(at, stretch, by_number(number, ""))
            number = 0
        if number:
            self.keep(at, stretch, by_number(number, text))
        elif WORTH.search(text):
            if "Stack Dump being sent" in text:
                self.dumps.append((stamp, self.stretch))
            elif message := by_text(text):
                self.keep(stamp, self.stretch, message)
        elif self.printed is None and (match := ADJUSTMENT.search(text)):
            self.printed = _offset(match)

    def flush(self, thread: str | None = None) -> None:
        """Give up waiting for the text of a number: of one thread, or of all."""
        for name in [thread] if thread else list(self.waiting):
            if found := self.waiting.pop(name, None):
                self.keep(*found[:2], by_number(found[2], ""))

    def keep(self, stamp: datetime, stretch: int, message: Message) -> None:
        """Keep what tells something."""
        if message.number in OWN_RULES or message.number in IDS:
            self.told.append((stamp, stretch, message))


def read_errorlog(file: RawFile, node: str, clock: Clock, utc_offset: timedelta | None) -> Findings:
    """Read an ERRORLOG of `node`. Whatever is wrong with it becomes a gap; nothing is raised.

    `utc_offset` is the node's local time minus UTC; without it the log's own line counts, which
    tells the offset of the day the instance was started.
    """
    lines, reading = Lines(file), _Reading()
    gaps: list[Gap] = []
    try:
        _read(lines, reading)
    except OSError as error:
        gaps.append(Gap(SOURCE, node, f"{file.name} could not be read: {error.strerror or error}"))
    gaps += [Gap(SOURCE, node, f"{file.name}: {what}", AGAIN) for what in _damage(lines, reading)]
    offset = reading.printed if utc_offset is None else utc_offset
    if offset is None:
        why = f"{file.name} is in local time and does not say how far that is from UTC"
        remedy = f'put {node} = "+HH:MM" under [utc_offset] in incident.toml'
        return Findings(gaps=(*gaps, Gap(SOURCE, node, why, remedy)))
    return _findings(reading, node, clock, offset) + Findings(gaps=tuple(gaps))


def _read(lines: Lines, reading: _Reading) -> None:
    damage = 0
    for line in lines:
        if lines.damage > damage:
            damage = lines.damage
            reading.course.tear()
        reading.take(line)
        if reading.full:
            return
    reading.flush()


def _offset(match: re.Match[str]) -> timedelta | None:
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if offset > WIDEST_OFFSET:
        return None
    return -offset if match[1] == "-" else offset


def _damage(lines: Lines, reading: _Reading) -> Iterator[str]:
    """Say what is wrong with the log."""
    course = reading.course
    if not course.stretches:
        yield "it holds no line that SQL Server wrote"
    if course.torn:
        yield "its times jump so often that none of them is believed"
    odd = {*range(len(course.stretches))} - {*course.believed()}
    counts = (
        (reading.cut, "cut off"),
        (reading.wrong, "with an impossible time"),
        (
            0 if course.torn else sum(course.stretches[index].lines for index in odd),
            "with a time that contradicts the lines around, and left out",
        ),
    )
    told = [f"{count} line{'s' * (count > 1)} {what}" for count, what in counts if count]
    if told:
        yield listing(told)
    if lines.trouble:
        yield lines.trouble
    if reading.full:
        yield f"it was read only to its {MOST}th telling record"


def _event(at: datetime, message: Message) -> WindowsEvent:
    """Put a message into the form in which the Application log would hold it."""
    data = tuple((None, value) for value in message.data)
    return WindowsEvent("Application", DEFAULT, message.number, 0, at, None, "", data)


def _findings(reading: _Reading, node: str, clock: Clock, offset: timedelta) -> Findings:
    """Put UTC to what was read, and leave out what is not believed."""
    believed = set(reading.course.believed())
    told = [(at - offset, message) for at, part, message in reading.told if part in believed]
    signs = [sign for at, message in told for sign in _signs(at, message, node, clock)]
    dumped = Meaning(Kind.SERVICE_CRASHED, node, "dump")
    signs += [
        _sign(clock.utc(at - offset), dumped, "a dump", node, clock)
        for at, part in reading.dumps
        if part in believed
    ]
    frozen = (_event(at, message) for at, message in told if message.number in {FROZEN, THAWED})
    return Findings(
        freezes=freezes(frozen, node, clock),
        signs=first_of_bursts(signs, WIDTHS),
        coverage=tuple(
            Coverage(SOURCE, node, clock.utc(part.first - offset), clock.utc(part.last - offset))
            for part in (reading.course.stretches[index] for index in sorted(believed))
        ),
    )


def _signs(at: datetime, message: Message, node: str, clock: Clock) -> Iterator[Sign]:
    event = _event(at, message)
    rule = OWN_RULES.get(message.number)
    for meaning in (rule.read(event, node),) if rule else meanings(event, node):
        sign = _sign(clock.utc(at), meaning, str(message.number), node, clock)
        yield replace(sign, value=message.length) if message.length else sign


def _sign(at: datetime, meaning: Meaning, what: str, node: str, clock: Clock) -> Sign:
    text = f"{what} in {node}'s {SOURCE}{meaning.about}"
    return Sign(
        meaning.kind, at, clock, SOURCE, text, node, meaning.subject, meaning.detail, meaning.value
    )

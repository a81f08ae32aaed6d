"""Windows event logs in the formats people send them: .evtx and the XML of wevtutil."""

import codecs
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import BinaryIO

from sources.raw import RawFile
from sources.windows.event_xml import EventError, WindowsEvent, event_time, read_event

__all__ = ["EventLog", "Span", "WindowsEvent", "read_events"]

EVTX, EVTX_HEADER = b"ElfFile\x00", 4096
CHUNK, CHUNK_MAGIC, CHUNK_HEAD = 65536, b"ElfChnk\x00", struct.Struct("<8sQQ")
"""An .evtx file is a header and chunks, each beginning with its first and last record number."""
MOST_RECORDS = CHUNK // 24
"""A record takes 24 bytes at least."""
UNREADABLE = "a record of the .evtx file is damaged"
UNREADABLE_EVENT = "an event is not readable"
BLOCK = 1 << 20
"""Bytes read at a time; the encoding is told from the first block."""
LONGEST = 4 << 20
"""Characters kept while looking for the end of an event; Windows limits an event to 64 KB."""
QUIET = timedelta(days=7)
"""A running Windows logs its uptime (EventLog 6013) daily; longer than this is a hole, or a wrong
time stamp, and no coverage."""
LONGEST_BETWEEN = 10_000
"""Characters between two events that are looked through for what may stand there."""
MOST_FAULTS = 10_000
"""Unreadable places after which the rest of the file is given up."""

START = re.compile(r"<Event(?=[\s>])")
END = re.compile(r"</Event\s*>")
BLANK = " \t\r\n\ufeff\x1a"
BETWEEN = re.compile(rf"(?:[{BLANK}]|<\?xml[^>]*\?>|</?Events(?:\s[^>]*)?>)*")
"""What may stand between events: nothing, XML declarations, a root element."""
HEAD = re.compile(
    r"<Provider\s[^>]*?\bName=[\"']([^\"'&]+)[\"'][^>]*>(?:\s*</Provider>)?"
    r"\s*<EventID[^>]*>(\d{1,5})</EventID>"
    r".*?<TimeCreated\s+SystemTime=[\"']([^\"']+)[\"']"
    r".*?<Channel>([^<&]+)</Channel>\s*<Computer>([^<&]*)</Computer>",
    re.DOTALL,
)
"""The System element as Windows prints it; enough of it to pass over an event nobody reads."""

Wanted = Callable[[str, int, str], bool]
"""Asked with provider, id and XML whether an event is needed."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one channel of one computer that was read without a hole, in its own UTC."""

    channel: str
    computer: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class EventLog:
    """What one file held: its events in file order, the stretches read, the damage in words."""

    events: tuple[WindowsEvent, ...] = ()
    damage: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(slots=True)
class _Reading:
    """A file while it is being read."""

    wanted: Wanted | None
    events: list[WindowsEvent] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    open: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    roots: int = 0

    def take(self, piece: str) -> None:
        """Take in one event and what follows it, or whatever stands before the first."""
        end = END.search(piece)
        if START.match(piece) is None:
            self.pass_over(piece)
        elif end is None:
            self.fault("an event is cut off before its end")
        else:
            self.event(piece[: end.end()])
            self.pass_over(piece[end.end() :])

    def event(self, xml: str) -> None:
        """Take in one event."""
        head = HEAD.search(xml) if self.wanted else None
        try:
            if head and self.wanted and not self.wanted(head[1], int(head[2]), xml):
                self.seen(head[4], head[5], event_time(head[3]))
                return
            event = read_event(xml)
        except EventError:
            self.fault(UNREADABLE_EVENT)
            return
        self.events.append(event)
        self.seen(event.channel, event.computer, event.time)

    def seen(self, channel: str, computer: str, time: datetime) -> None:
        """Lengthen the stretch this event belongs to."""
        stretch = self.open.setdefault((channel, computer), [time, time, time])
        if abs(time - stretch[2]) > QUIET:
            self.spans.append(Span(channel, computer, stretch[0], stretch[1]))
            stretch[:] = [time, time, time]
        stretch[:] = [min(stretch[0], time), max(stretch[1], time), time]

    def pass_over(self, text: str) -> None:
        """Look at what stands between events."""
        self.roots += text.count("<Events") - text.count("</Events")
        text = text.strip(BLANK)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            self.fault("a document type, which no event log has, was not read")
        elif len(text) > LONGEST_BETWEEN or not BETWEEN.fullmatch(text):
            self.fault("there is text that is no event")

    def fault(self, what: str) -> None:
        """Note an unreadable place; every stretch ends there."""
        self.faults[what] += 1
        self.close()

    def close(self) -> None:
        """End every open stretch."""
        self.spans += [Span(*key, low, high) for key, (low, high, _) in self.open.items()]
        self.open.clear()

    def log(self) -> EventLog:
        """Say what was read."""
        self.close()
        damage = [what + (f" ({n} times)" if n > 1 else "") for what, n in self.faults.items()]
        if self.roots > 0:
            damage.append("the file ends before its last line")
        if not self.spans and not damage:
            damage.append("there is no event in it")
        return EventLog(tuple(self.events), tuple(damage), tuple(self.spans))


def read_events(file: RawFile, wanted: Wanted | None = None) -> EventLog:
    """Read a log in any format, known by its content; never raises on what it holds.

    `wanted` is asked with provider, id and XML before an event is parsed; events it declines
    count for the stretches read and are left out of `events`. A file that cannot be opened is
    damage too.
    """
    reading = _Reading(wanted)
    try:
        with file.open() as stream:
            binary = stream.read(len(EVTX)) == EVTX
        with file.open() as stream:
            for piece in _records(stream, reading) if binary else _pieces(_blocks(stream)):
                reading.take(piece)
                if reading.faults.total() >= MOST_FAULTS:
                    reading.fault("the rest of the file was given up")
                    break
    except OSError as error:
        reading.fault(f"the file could not be read: {error.strerror or error}")
    return reading.log()


def _pieces(blocks: Iterable[str]) -> Iterator[str]:
    """Cut text before every event."""
    rest = ""
    for block in blocks:
        rest += block
        starts = [0, *(match.start() for match in START.finditer(rest))]
        yield from (rest[a:b] for a, b in pairwise(starts) if b > a)
        rest = rest[starts[-1] :]
        if len(rest) > LONGEST:
            yield rest
            rest = ""
    if rest:
        yield rest


def _blocks(stream: BinaryIO) -> Iterator[str]:
    block = stream.read(BLOCK)
    decoder = codecs.getincrementaldecoder(_encoding(block))("replace")
    while block:
        yield decoder.decode(block)
        block = stream.read(BLOCK)
    yield decoder.decode(b"", final=True)


def _encoding(sample: bytes) -> str:
    """Tell the encoding: byte order marks, NULs of UTF-16, else UTF-8 or a console's code page."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = sample[:4096:2].count(0), sample[1:4096:2].count(0)
    if max(even, odd) > len(sample[:4096]) // 4 and min(even, odd) * 4 < max(even, odd):
        return "utf-16-be" if even > odd else "utf-16-le"
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd") - sample.count("\ufffd".encode())
    if not bad or bad * 2 <= sum(letter > "\x7f" for letter in text):
        return "utf-8-sig"
    # cp437 and cp850 keep accented letters below 0xA6, cp1252 keeps them from 0xC0 on
    console = len(re.findall(rb"[\x80-\xa5]", sample))
    return "cp437" if console > len(re.findall(rb"[\xc0-\xff]", sample)) else "cp1252"


def _records(stream: BinaryIO, reading: _Reading) -> Iterator[str]:
    """Give the XML of every record of an .evtx file, noting those that cannot be read."""
    from evtx import PyEvtxParser  # noqa: PLC0415 - loads a native library most runs never need

    seen, promised = 0, _promised(stream)
    stream.seek(0)
    try:
        records = PyEvtxParser(stream, 1).records()
    except (RuntimeError, OSError, ValueError) as error:
        reading.fault(f"the .evtx file is damaged: {error}")
        return
    while reading.faults[UNREADABLE] < MOST_FAULTS:
        try:
            record = next(records)
        except StopIteration:
            break
        except (RuntimeError, OSError, ValueError):
            reading.fault(UNREADABLE)
            continue
        seen += 1
        xml = str(record["data"]) if isinstance(record, dict) else ""
        start = START.search(xml)
        yield xml[start.start() :] if start else xml
    if promised > seen:
        reading.fault(UNREADABLE)
        reading.faults[UNREADABLE] = promised - seen


def _promised(stream: BinaryIO) -> int:
    """Count the records that the chunks of an .evtx file say they hold.

    The parser takes a wiped record for the end of its chunk and says nothing.
    """
    promised, offset = 0, EVTX_HEADER
    while stream.seek(offset) == offset and len(head := stream.read(CHUNK_HEAD.size)) > 0:
        if len(head) == CHUNK_HEAD.size:
            magic, first, last = CHUNK_HEAD.unpack(head)
            count = last - first + 1
            promised += count if magic == CHUNK_MAGIC and 0 < count <= MOST_RECORDS else 0
        offset += CHUNK
    return promised

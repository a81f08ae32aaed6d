"""cluster.log, as Get-ClusterLog writes it: what the cluster service of one node saw."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sources.findings import Findings
from sources.names import same
from sources.raw import RawFile
from sources.stamps import EARLIEST_YEAR, LATEST_YEAR
from sources.text import Lines
from sources.windows.bursts import first_of_bursts
from sources.windows.cluster_line import NEEDLES, sightings
from sources.windows.cluster_names import ROUTE, Names
from sources.windows.cluster_sense import Seen, sensible
from sources.windows.cluster_zone import TIMER, Zone
from sources.windows.course import Course
from sources.windows.hadrag import Dump, Row, read_dump, rows
from sources.windows.sighting import Sighting, named
from verdict.clock import Clock
from verdict.facts import Coverage, Gap
from verdict.sign import Kind, Sign
from verdict.words import listing

SOURCE = "cluster.log"
AGAIN = "collect it again on the node with Get-ClusterLog -TimeSpan MINUTES"

LINE = re.compile(
    r"(?:\d{1,9} +)?(?:\[(?P<channel>\w+)\] )?(?P<thread>[0-9a-fA-F]{2,8}\.[0-9a-fA-F]{2,8})::"
    r"(?P<date>\d{4}/\d\d/\d\d)-(?P<time>\d\d:\d\d:\d\d\.\d{3})\s+(?:[A-Z]{2,5}\b\s*)?",
    re.ASCII,
)
BEGUN = re.compile(r"(?:\[\w+\] )?[0-9a-fA-F]{8}\.[0-9a-fA-F]", re.ASCII)
"""How a line begins; one that goes on otherwise was cut."""

WORTH = re.compile(
    "|".join(re.escape(needle) for needle in (*NEEDLES, ROUTE))
    + rf"|QUORUM\] Node \d+: {TIMER}|\[(?:hadrag|sqsrvres)\] \d"
)
"""Whether a line may mean something; one search, so that hundreds of megabytes pass quickly."""

STARTED = re.compile(re.escape(TIMER) + r"(\d{4}/\d\d/\d\d)-(\d\d:\d\d:\d\d\.\d{3})", re.ASCII)
CHANNELS = frozenset({None, "System", "Operational", "Verbose", "Diagnostic"})
"""Whose events are printed into the log, each in its own order of time; None is the log itself."""

MOST = 20_000
"""Meaningful lines that are kept; reading ends there, and so does the coverage."""

WIDTHS = {
    Kind.QUORUM_LOST: timedelta(seconds=30),
    Kind.NODE_HALTED: timedelta(seconds=30),
    Kind.SERVICE_STOPPED: timedelta(seconds=30),
    Kind.NODE_REMOVED: timedelta(seconds=5),
    Kind.LEASE_EXPIRED: timedelta(seconds=10),
    Kind.HEALTH_LOST: timedelta(seconds=5),
    Kind.HEALTH_FAILED: timedelta(seconds=5),
    Kind.RESOURCE_FAILED: timedelta(seconds=5),
}
"""How long the log goes on about one thing: every RHS process reports the end of the service."""


@dataclass(slots=True)
class _Reading:
    """A log while it is being read. Its stamps are taken for UTC until the zone is known."""

    zone: Zone = field(default_factory=Zone)
    names: Names = field(default_factory=Names)
    courses: dict[str | None, Course] = field(default_factory=lambda: defaultdict(Course))
    """The order of time in each channel."""
    seen: list[tuple[datetime, str | None, int, Sighting]] = field(default_factory=list)
    dumps: dict[tuple[datetime, str, str | None, int], list[Row]] = field(
        default_factory=lambda: defaultdict(list)
    )
    cut: int = 0
    wrong: int = 0

    def take(self, line: str) -> None:
        """Take in one line."""
        match = LINE.match(line)
        if match is None:
            self.undated(line)
            return
        try:
            stamp = _stamp(match["date"], match["time"])
        except ValueError:
            self.wrong += 1
            return
        channel = match["channel"] if match["channel"] in CHANNELS else "other"
        stretch = self.courses[channel].note(stamp)
        if WORTH.search(line, match.end()):
            self.keep(stamp, channel, stretch, match["thread"], line[match.end() :])

    @property
    def full(self) -> bool:
        """Whether no more is kept."""
        return len(self.seen) + len(self.dumps) >= MOST

    def tear(self) -> None:
        """Say that something is missing here."""
        for course in self.courses.values():
            course.tear()

    def undated(self, line: str) -> None:
        """Take in a line of the header, of a section, or what damage left."""
        if BEGUN.match(line):
            self.cut += 1
        elif "of this machine is" in line or "generated using" in line:
            self.zone.header(line)
        else:
            self.names.header(line)

    def keep(
        self, stamp: datetime, channel: str | None, stretch: int, thread: str, text: str
    ) -> None:
        """Keep what a line means, and what it tells of names and of the zone."""
        self.seen += [(stamp, channel, stretch, sighting) for sighting in sightings(text)]
        for row in rows(text):
            self.dumps[stamp, thread, channel, stretch].append(row)
        self.names.learn(text)
        if match := STARTED.search(text):
            try:
                self.zone.compare(stamp, _stamp(match[1], match[2]))
            except ValueError:
                self.wrong += 1


def read_cluster_log(
    file: RawFile,
    node: str,
    clock: Clock,
    utc_offset: timedelta | None = None,
    others: Callable[[str], Clock] = Clock,
) -> Findings:
    """Read the cluster.log of `node`. Whatever is wrong with it becomes a gap; nothing is raised.

    `utc_offset` is the node's local time minus UTC; it only counts if the log is in local time.
    `others` gives the clock of the node whose log it turns out to be, if that is another one.
    The coverage is that of the cluster service's own lines.
    """
    lines, reading = Lines(file), _Reading()
    gaps: list[Gap] = []
    try:
        _read(lines, reading)
    except OSError as error:
        why = f"{file.name} could not be read: {error.strerror or error}"
        gaps.append(Gap(SOURCE, node, why, AGAIN))
    owner = (
        node
        if not reading.names.owner or same(reading.names.owner) == same(node)
        else reading.names.owner
    )
    if owner != node:
        why = f"{file.name} lies with {node} but says that it is {owner}'s, and is taken for that"
        gaps.append(Gap(SOURCE, node, why, f"collect the cluster.log of {node}"))
        clock, utc_offset = others(owner), None
    offset = reading.zone.offset(utc_offset)
    gaps += [Gap(SOURCE, owner, f"{file.name}: {what}", AGAIN) for what in _damage(lines, reading)]
    if offset is None:
        why = f"{file.name} is in local time and nothing says how far that is from UTC"
        remedy = f'put {owner} = "+HH:MM" under [utc_offset] in incident.toml'
        return Findings(gaps=(*gaps, Gap(SOURCE, owner, why, remedy)))
    return _findings(reading, owner, clock, offset) + Findings(gaps=tuple(gaps))


def _read(lines: Lines, reading: _Reading) -> None:
    damage = 0
    for line in lines:
        if lines.damage > damage:
            damage = lines.damage
            reading.tear()
        reading.take(line)
        if reading.full:
            return


def _stamp(date: str, time: str) -> datetime:
    """Read a stamp, taken for UTC. Raises ValueError for one that cannot be."""
    stamp = datetime.fromisoformat(f"{date.replace('/', '-')} {time}").replace(tzinfo=UTC)
    if not EARLIEST_YEAR <= stamp.year <= LATEST_YEAR:
        raise ValueError(f"the year {stamp.year}")
    return stamp


def _damage(lines: Lines, reading: _Reading) -> Iterator[str]:
    """Say what is wrong with the log."""
    own = reading.courses.get(None)
    if not reading.courses:
        yield "it holds no line that a cluster service wrote"
    elif own is None:
        yield "it holds events only, no line of the cluster service itself"
    elif own.torn:
        yield "its times jump so often that none of them is believed"
    odd = sum(
        course.stretches[index].lines
        for course in reading.courses.values()
        for index in {*range(len(course.stretches))} - {*course.believed()}
        if not course.torn
    )
    counts = (
        (reading.cut, "cut off"),
        (reading.wrong, "with an impossible time"),
        (odd, "with a time that contradicts the lines around, and left out"),
    )
    told = [f"{_lines(count)} {what}" for count, what in counts if count]
    if told:
        yield listing(told)
    if lines.trouble:
        yield lines.trouble
    if reading.full:
        yield f"it was read only to its {MOST}th telling line"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _findings(reading: _Reading, owner: str, clock: Clock, offset: timedelta) -> Findings:
    """Put names and UTC to what was read, and leave out what is not believed."""
    believed = {
        (channel, index)
        for channel, course in reading.courses.items()
        for index in course.believed()
    }
    names = reading.names.known()
    seen: list[Seen] = [
        (stamp, named(sighting, names, owner))
        for stamp, channel, stretch, sighting in reading.seen
        if (channel, stretch) in believed
    ]
    signs = [_sign(at - offset, sighting, owner, clock) for at, sighting in sensible(seen, owner)]
    sampled: list[Findings] = []
    for (stamp, _, channel, stretch), found in reading.dumps.items():
        if (channel, stretch) in believed:
            sampled.append(read_dump(Dump(stamp - offset, tuple(found)), owner, clock))
    own = reading.courses.get(None, Course())
    return Findings(
        pauses=tuple(dict.fromkeys(pause for dump in sampled for pause in dump.pauses)),
        signs=first_of_bursts([*signs, *(s for dump in sampled for s in dump.signs)], WIDTHS),
        coverage=tuple(
            Coverage(SOURCE, owner, clock.utc(part.first - offset), clock.utc(part.last - offset))
            for part in (own.stretches[index] for index in own.believed())
        ),
    )


def _sign(at: datetime, sighting: Sighting, owner: str, clock: Clock) -> Sign:
    return Sign(
        sighting.kind,
        clock.utc(at),
        clock,
        SOURCE,
        f"{sighting.phrase} in {owner}'s {SOURCE}",
        owner,
        sighting.subject,
        sighting.detail,
        sighting.value,
    )

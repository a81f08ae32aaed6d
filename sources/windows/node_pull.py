"""One node over one shell: its event logs, its clock, the end of its cluster.log."""

import base64
import binascii
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sources.access import ClusterAccess, Window
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.json_rows import Row
from sources.names import find, same, short
from sources.pulled import Pulled
from sources.raw import RawFile
from sources.windows import identity, queries, script
from sources.windows.channel_trouble import trouble as channel_trouble
from sources.windows.cluster_state import Identity
from sources.windows.output import Output
from sources.windows.queries import CHANNELS, SYSTEM, Line
from sources.windows.shell import Running, Shell
from verdict.facts import Gap
from verdict.words import clock_time, listing, span

AT_ONCE = 4
"""Commands side by side in one shell beside the scripts: Windows allows 15 processes a shell (2008
R2), and each command is a cmd.exe and what it starts."""
MARGIN = timedelta(minutes=2)
"""The logs are asked for so much more on both sides, for clocks that are off by no more; for
those that are, they are asked again."""

LOG_MINUTES = 60
"""cluster.log is written out from now back to the window; further back takes too long."""
LOG_BYTES, LOG_MOST = 16 << 20, 64 << 20
"""Bytes of cluster.log that are fetched, and to which what came may unpack."""

AGAIN = "Ask again."
LARGER = "Let the log keep more: wevtutil sl System /ms:134217728"


@dataclass(slots=True)
class _Found:
    """What came of one node."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def gap(self, source: str, why: str, remedy: str | None) -> None:
        self.gaps.append(Gap(source, self.name, why, remedy))


def pull_node(
    access: ClusterAccess,
    host: str,
    window: Window,
    deadline: Deadline,
    name: str | None = None,
) -> Pulled:
    """Ask one node for its part of an incident; what fails is a gap. `name`: as the cluster says.

    The events are everything a verdict can use, of the window and a little beside it.
    """
    found = _Found(name or short(host))
    ahead: dict[str, timedelta] = {}
    try:
        with Shell(access.winrm, host, deadline) as shell:
            who = _ask(shell, found, window, cluster_log=access.cluster_log)
    except SourceError as error:
        found.gap("events", f"{host}: {error.message}", error.hint)
        who = None
    if who:
        _introduce(found, who, name, host)
        ahead = {found.name: who.ahead} if who.ahead is not None else {}
    files = tuple(RawFile.in_memory(file, data) for file, data in found.files.items())
    return Pulled(nodes={found.name: files} if files else {}, clocks=ahead, gaps=tuple(found.gaps))


def _ask(shell: Shell, found: _Found, window: Window, *, cluster_log: bool) -> Identity | None:
    """Ask everything side by side. Raises SourceError only if nothing at all could be asked."""
    asked = identity.begin(shell)
    log = _begin_log(shell, found, window) if cluster_log else None
    ticks: list[Output] = []
    start, end = window.start - MARGIN, window.end + MARGIN
    outputs = _all(shell, _lines(start, end), ticks)
    who = _finish(shell, found, asked, ticks)
    if who and who.ahead is not None and abs(who.ahead) > MARGIN:
        start, end = start + who.ahead, end + who.ahead
        outputs = _all(shell, _lines(start, end), ticks)
    _take_events(found, outputs, start)
    if log:
        _take_log(shell, found, log)
    return who


def _finish(shell: Shell, found: _Found, asked: Running, ticks: list[Output]) -> Identity | None:
    """Hear who the node is; None where it does not say."""
    try:
        introduced = identity.finish(shell, asked, ticks[0])
    except SourceError as error:
        found.gaps.append(identity.unknown(found.name, error))
        return None
    except IndexError:
        found.gap("clock", "the connection was lost before its clock was read", AGAIN)
        return None
    found.gaps += [introduced.gap] if introduced.gap else []
    return introduced.identity


def _lines(start: datetime, end: datetime) -> dict[str, Line]:
    """Give the command lines by the channel they ask; under "" for what is before the window."""
    lines = {channel.name: queries.within(channel, start, end) for channel in CHANNELS}
    return lines | {"": queries.latest(SYSTEM, start)}


def _all(
    shell: Shell, lines: dict[str, Line], ticks: list[Output]
) -> dict[str, Output | SourceError]:
    """Run commands, a few side by side, and one look at the clock while they run."""
    running: dict[str, Running] = {}
    outputs: dict[str, Output | SourceError] = {}
    for name, line in lines.items():
        if len(running) == AT_ONCE:
            _look(shell, ticks)
            first = next(iter(running))
            outputs[first] = shell.collect(running.pop(first))
        try:
            running[name] = shell.start(*line)
        except SourceError as error:
            outputs[name] = error
    return outputs | {name: shell.collect(started) for name, started in running.items()}


def _look(shell: Shell, ticks: list[Output]) -> None:
    if not ticks:
        try:
            ticks.append(shell.run(*identity.TIME))
        except SourceError:  # what follows fails too, and says so
            return


def _take_events(found: _Found, outputs: dict[str, Output | SourceError], start: datetime) -> None:
    """Keep what each channel gave, and say what it did not."""
    troubles: dict[tuple[str, str | None], list[str]] = {}
    for channel in CHANNELS:
        output = outputs[channel.name]
        if trouble := channel_trouble(channel, output):
            troubles.setdefault(trouble, []).append(channel.name)
        events = output.stdout if isinstance(output, Output) else b""
        if channel is SYSTEM:
            before = outputs[""]
            earlier = before.stdout if isinstance(before, Output) and not before.fault else b""
            if not trouble and not earlier.strip():
                why = f"its System log does not reach back to {clock_time(start)} UTC"
                found.gap("events", why, LARGER)
            events = earlier + events
        if events.strip():
            found.files[channel.file] = events
    for (why, remedy), names in troubles.items():
        found.gap("events", f"{listing(names)}: {why}", remedy)


def _begin_log(shell: Shell, found: _Found, window: Window) -> Running | None:
    """Have cluster.log written out, unless the window is too long ago; None where it is not."""
    age = datetime.now(UTC) - window.start + MARGIN
    if age > timedelta(minutes=LOG_MINUTES):
        why = f"the window began {span(age)} ago, and only the last hour of the log is fetched"
        found.gap("cluster.log", why, "Run on the node: Get-ClusterLog -TimeSpan MINUTES")
        return None
    minutes = int(age / timedelta(minutes=1)) + 1
    try:
        line = script.line("clusterlog", {"Minutes": minutes, "MostBytes": LOG_BYTES})
        return shell.start(*line)
    except SourceError as error:
        found.gap("cluster.log", error.message, error.hint)
        return None


def _take_log(shell: Shell, found: _Found, running: Running) -> None:
    """Unpack what clusterlog.ps1 gave."""
    try:
        answer = script.answer(shell.collect(running), "clusterlog", shell.host)
    except SourceError as error:
        found.gap("cluster.log", error.message, error.hint)
        return
    row = Row(answer) if isinstance(answer, dict) else Row({})
    packed = row.fields.get("gzip")
    try:
        data, whole = _unpack(
            base64.b64decode(packed if isinstance(packed, str) else "!", validate=True)
        )
    except (binascii.Error, zlib.error, ValueError):
        found.gap("cluster.log", "it came damaged", AGAIN)
        return
    found.files["cluster.log"] = data
    if row.number("cut") or not whole:
        found.gap("cluster.log", "it is larger than is fetched, only its end was", AGAIN)


def _unpack(packed: bytes) -> tuple[bytes, bool]:
    """Unpack gzip, no further than LOG_MOST; tell whether that was all. Raises zlib.error."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    data = unpacker.decompress(packed, LOG_MOST)
    return data, unpacker.eof


def _introduce(found: _Found, who: Identity, name: str | None, host: str) -> None:
    """Put the files under the node's own name; a stranger's are taken for the stranger's."""
    if name is not None and find({same(name): name}, who.name) is None:
        why = f"{host} is {who.name}, not {name}, and was taken for that"
        found.gap("events", why, f"Correct the address of {name}, or the DNS.")
    if name is None or find({same(name): name}, who.name) is None:
        found.name = who.name

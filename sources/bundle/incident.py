"""incident.toml: which failover, who is who, whose clock is off; wrong values become gaps."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sources.material import Incident
from sources.names import nearest, plain, shown
from sources.text import decode
from verdict.facts import Gap

FILE = "incident.toml"
TABLES = ("failover", "nodes", "clocks", "utc_offset", "collected")
MISSING = "missing"
"""[[missing]]: what a live collection could not have, written by `stuncheck collect`."""
ASKED = ("cluster", "at")
COLLECTED = ("vcenter", "veeam", "vmware", "nodes")
YEARS = range(2000, 2100)
"""A year outside is a slip; it would also overflow when an interval is built around it."""
FURTHEST_CLOCK = timedelta(days=3660)
"""A clock further off than ten years (a dead battery) is a typing mistake."""
FURTHEST_ZONE = timedelta(hours=14)
"""Kiribati; no time zone is further from UTC."""
OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?")
MOST_LABELS = 12
"""Labels of a host name; Active Directory allows 64 characters for all of them."""
MOST_DOTS = 100
"""Dots in one line; a host's name and a few times with fractions need ten."""
INTERVAL = 2
"""Moments in an interval: from and to."""


def read_incident(data: bytes) -> tuple[Incident, tuple[Gap, ...]]:
    """Read incident.toml. What is damaged or unknown is left out and told in a gap."""
    try:
        tables = tomllib.loads(_harmless(decode(data)))
    except (ValueError, RecursionError) as error:
        why = f"it is not readable as TOML, so nothing in it is used: {shown(error)}"
        return Incident(), (Gap(FILE, FILE, why, "correct the file; see docs/bundles.md"),)
    gaps = [_unknown(name, TABLES, "") for name in tables if name not in (*TABLES, MISSING)]
    gaps += _missing(tables.get(MISSING, []))
    rows = {name: _rows(tables.get(name, {}), name, gaps) for name in TABLES}
    failover = rows["failover"]
    gaps += [_unknown(key, ASKED, "failover") for key in failover if key not in ASKED]
    return (
        Incident(
            cluster=_names(_only(failover, "cluster"), gaps).get("cluster"),
            at=_moments(_only(failover, "at"), gaps).get("at"),
            nodes=_names(rows["nodes"], gaps, "nodes"),
            clocks=_clocks(rows["clocks"], gaps),
            utc_offset=_offsets(rows["utc_offset"], gaps),
            collected=_collected(rows["collected"], gaps),
        ),
        tuple(gaps),
    )


def _missing(rows: object) -> Iterator[Gap]:
    """Read what the collection could not have; a row that is not understood is a gap itself."""
    for row in rows if isinstance(rows, list) else [rows]:
        told = row if isinstance(row, Mapping) else {}
        source, subject, why, remedy = (
            plain(value) if isinstance(value := told.get(key), str) else None
            for key in ("source", "subject", "why", "remedy")
        )
        yield Gap(source or FILE, subject or f"[[{MISSING}]]", why or "no reason is given", remedy)


def _harmless(text: str) -> str:
    """Give the text back. Raises ValueError where it would take all memory there is.

    Python's reader keeps every beginning of a dotted key, which for n parts is n * n / 2.
    """
    if any(line.count(".") > MOST_DOTS for line in re.split(r"[\r\n]", text)):
        raise ValueError(f"a line with more than {MOST_DOTS} dots")
    return text


def _unknown(key: str, known: tuple[str, ...], table: str) -> Gap:
    guess = nearest(key, known) or ", ".join(known)
    subject = f"[{table}] {shown(key)}" if table else f"[{shown(key)}]"
    why = "there is no such key, so it is not used"
    return Gap(FILE, subject, why, f"perhaps {guess} is meant")


def _rows(table: object, name: str, gaps: list[Gap]) -> dict[str, object]:
    """Flatten a table: TOML reads the bare key sql01.corp.local as tables within tables."""
    if not isinstance(table, Mapping):
        why = "it is not a table, so it is not used"
        gaps.append(Gap(FILE, f"[{name}]", why, f"write [{name}] above its keys"))
        return {}
    return {plain(key): value for key, value in _leaves(table)}


def _only(rows: Mapping[str, object], wanted: str) -> dict[str, object]:
    return {key: value for key, value in rows.items() if key == wanted}


def _leaves(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Walk without recursion: a dotted key may be nested deeper than Python's stack."""
    todo: list[tuple[tuple[str, ...], object]] = [((key,), value) for key, value in table.items()]
    for path, value in todo:
        if not isinstance(value, Mapping):
            yield ".".join(path), value
        elif len(path) < MOST_LABELS:
            todo += [((*path, key), inner) for key, inner in value.items()]
        else:
            yield ".".join(path), "a name of so many parts"


def _names(rows: Mapping[str, object], gaps: list[Gap], table: str = "failover") -> dict[str, str]:
    names = {}
    for key, value in rows.items():
        if isinstance(value, str) and value.strip():
            names[key] = plain(value.strip())
        else:
            gaps.append(_refused(table, key, value, 'a name in quotes is wanted: "sql01"'))
    return names


def _refused(table: str, key: str, value: object, remedy: str) -> Gap:
    subject, why = f"[{table}] {shown(key)}", f"{shown(value)} cannot be used"
    return Gap(FILE, subject, why, remedy)


def moment(value: object) -> datetime:
    """Read an aware time, a TOML date or an ISO 8601 string, as UTC. Raises ValueError."""
    stamp = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(stamp, datetime) or stamp.utcoffset() is None or stamp.year not in YEARS:
        raise ValueError("not a time with an offset")
    return stamp.astimezone(UTC)


def _moments(rows: Mapping[str, object], gaps: list[Gap]) -> dict[str, datetime]:
    moments = {}
    for key, value in rows.items():
        try:
            moments[key] = moment(value)
        except ValueError:
            remedy = "a time with its offset is wanted: 2026-03-01T02:14:11Z"
            gaps.append(_refused("failover", key, value, remedy))
    return moments


def _clocks(rows: Mapping[str, object], gaps: list[Gap]) -> dict[str, timedelta]:
    clocks = {}
    for key, value in rows.items():
        try:
            clocks[key] = _ahead(value)
        except (TypeError, ValueError):
            remedy = "a number is wanted: seconds ahead of UTC, such as -2.0"
            gaps.append(_refused("clocks", key, value, remedy))
    return clocks


def _ahead(value: object) -> timedelta:
    """Read seconds; NaN compares false and is refused. Raises TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    if not abs(value) < FURTHEST_CLOCK.total_seconds():
        raise ValueError("no clock is that far off")
    return timedelta(seconds=value)


def _offsets(rows: Mapping[str, object], gaps: list[Gap]) -> dict[str, timedelta]:
    offsets = {}
    for key, value in rows.items():
        try:
            offsets[key] = _offset(value)
        except ValueError:
            remedy = 'an offset in quotes is wanted: "-06:00"'
            gaps.append(_refused("utc_offset", key, value, remedy))
    return offsets


def _offset(value: object) -> timedelta:
    """Read "-06:00", "+0530", "+1" or "Z". Raises ValueError."""
    if value in ("Z", "UTC"):
        return timedelta()
    match = OFFSET.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError("not an offset")
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if size > FURTHEST_ZONE:
        raise ValueError("further than any time zone")
    return -size if match[1] == "-" else size


def _collected(rows: Mapping[str, object], gaps: list[Gap]) -> dict[str, tuple[datetime, datetime]]:
    collected = {}
    for key, value in rows.items():
        if key not in COLLECTED and nearest(key, COLLECTED):
            gaps.append(_unknown(key, COLLECTED, "collected"))
            continue
        try:
            collected[key] = _interval(value)
        except ValueError:
            remedy = "two times with their offsets are wanted: [FROM, TO]"
            gaps.append(_refused("collected", key, value, remedy))
    return collected


def _interval(value: object) -> tuple[datetime, datetime]:
    """Read [FROM, TO]. Raises ValueError."""
    if not isinstance(value, list) or len(value) != INTERVAL:
        raise ValueError("not two moments")
    start, end = (moment(stamp) for stamp in value)
    if start > end:
        raise ValueError("it ends before it starts")
    return start, end

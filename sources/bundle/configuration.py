"""cluster.json: the cluster as it was configured; wrong values become gaps and count as unknown."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from sources.json_rows import UnreadableError, load
from sources.material import Configuration
from sources.names import plain, shown
from verdict.cluster import AvailabilityGroup
from verdict.facts import Gap

FILE = "cluster.json"
FOREVER = 2**32 - 1
"""The largest value of a cluster common property, a DWORD."""

RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "SameSubnetDelay": (250, 2000),
        "SameSubnetThreshold": (3, 120),
        "CrossSubnetDelay": (250, 4000),
        "CrossSubnetThreshold": (3, 120),
        "CrossSiteDelay": (1, FOREVER),
        "CrossSiteThreshold": (1, FOREVER),
        "PlumbAllCrossSubnetRoutes": (0, 2),
        "RouteHistoryLength": (0, 40),
        "ClusSvcHangTimeout": (6, FOREVER),
        "HangRecoveryAction": (0, 6),
        "QuarantineThreshold": (0, FOREVER),
        "QuarantineDuration": (0, FOREVER),
    }
)
"""Properties that are used, with Microsoft's least and greatest value: delays in ms, thresholds in
heartbeats, ClusSvcHangTimeout in s (learn.microsoft.com, mscs/clusters-samesubnetdelay and its
neighbours). For the site values Microsoft gives no range."""

LONGEST_TIMEOUT = 24 * 3600 * 1000
"""Milliseconds; a lease or health check longer than a day is a slip."""


def read_configuration(data: bytes) -> tuple[Configuration, tuple[Gap, ...]]:
    """Read cluster.json. What is damaged or out of range is left out and told in a gap."""
    try:
        sheet = load(data)
    except UnreadableError as error:
        return Configuration(), (_gap(FILE, str(error)),)
    if not isinstance(sheet, dict):
        return Configuration(), (_gap(FILE, "it does not hold an object"),)
    gaps: list[Gap] = []
    return (
        Configuration(
            name=_name(sheet, "name", gaps),
            os=_name(sheet, "os", gaps),
            nodes=_nodes(sheet.get("nodes"), gaps),
            properties=_properties(sheet.get("properties"), gaps),
            groups=_groups(sheet.get("availability_groups"), gaps),
        ),
        tuple(gaps),
    )


def _gap(subject: str, why: str) -> Gap:
    return Gap(FILE, plain(subject), f"{why}, so it is not used", "correct it; see docs/bundles.md")


def _name(sheet: Mapping[str, object], key: str, gaps: list[Gap]) -> str | None:
    value = sheet.get(key)
    if isinstance(value, str) and value.strip():
        return plain(value.strip())
    if value is not None:
        gaps.append(_gap(key, f"{shown(value)} is not a name"))
    return None


def _list(value: object, subject: str, gaps: list[Gap]) -> list[object]:
    """Give a list as it is and nothing for null; PowerShell writes a list of one as the one."""
    if value is None or isinstance(value, list):
        return value or []
    if isinstance(value, dict | str):
        return [value]
    gaps.append(_gap(subject, f"{shown(value)} is not a list"))
    return []


def _nodes(value: object, gaps: list[Gap]) -> dict[str, str | None]:
    nodes: dict[str, str | None] = {}
    for entry in _list(value, "nodes", gaps):
        row = {"name": entry} if isinstance(entry, str) else entry
        name = _name(row, "name", gaps) if isinstance(row, dict) else None
        if name is None or not isinstance(row, dict):
            gaps.append(_gap("nodes", f"{shown(entry)} has no name"))
        else:
            nodes.setdefault(name, _name(row, "vm", gaps))
    return nodes


def _properties(value: object, gaps: list[Gap]) -> dict[str, int]:
    if not isinstance(value, dict):
        if value is not None:
            gaps.append(_gap("properties", "it is not an object"))
        return {}
    known = {name.casefold(): name for name in RANGES}
    properties = {}
    for key, raw in value.items():
        name = known.get(key.casefold())
        if name is None or raw is None:  # `Get-Cluster | fl *` prints a hundred others
            continue
        low, high = RANGES[name]
        try:
            properties[name] = _whole(raw, low, high)
        except (TypeError, ValueError):
            gaps.append(_gap(name, f"{shown(raw)} is not a number from {low} to {high}"))
    return properties


def _whole(raw: object, low: int, high: int) -> int:
    """Read a whole number, also from "20" or 20.0. Raises TypeError or ValueError."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise TypeError("not a number")
    number = float(raw) if isinstance(raw, float) else int(raw)
    if not low <= number <= high or number != int(number):
        raise ValueError("out of range")
    return int(number)


def _groups(value: object, gaps: list[Gap]) -> tuple[AvailabilityGroup, ...]:
    groups = []
    for entry in _list(value, "availability_groups", gaps):
        name = _name(entry, "name", gaps) if isinstance(entry, dict) else None
        if name is None or not isinstance(entry, dict):
            gaps.append(_gap("availability_groups", f"{shown(entry)} has no name"))
            continue
        lease = _timeout(entry, "lease_timeout_ms", name, gaps)
        health = _timeout(entry, "health_check_timeout_ms", name, gaps)
        groups.append(AvailabilityGroup(name, lease, health))
    return tuple(groups)


def _timeout(
    entry: Mapping[str, object], key: str, group: str, gaps: list[Gap]
) -> timedelta | None:
    """Read milliseconds; None where the file does not say, as in the type it fills."""
    raw = entry.get(key)
    if raw is None:
        return None
    try:
        return timedelta(milliseconds=_whole(raw, 1, LONGEST_TIMEOUT))
    except (TypeError, ValueError):
        gaps.append(_gap(f"{group} {key}", f"{shown(raw)} is not a number of milliseconds"))
        return None

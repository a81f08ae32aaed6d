"""How a stand-in Veeam server filters and pages its lists."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

Row = dict[str, object]

PAGE = 200
"""Rows of a page where nobody says (Veeam's REST reference)."""


def error(code: str, message: str = "It did not work.") -> Row:
    """Say that something did not work, as Veeam says it."""
    return {"errorCode": code, "message": message, "resourceId": ""}


def filtered(rows: Sequence[Row], params: Mapping[str, str], zone: datetime) -> list[Row]:
    """Give the rows that pass the filters. `zone` has the offset of stamps without one."""
    checks = [check for name, check in _CHECKS.items() if name in params]
    values = [params[name] for name in _CHECKS if name in params]
    return [
        row
        for row in rows
        if all(check(row, value, zone) for check, value in zip(checks, values, strict=True))
    ]


def page(rows: Sequence[Row], params: Mapping[str, str], most: int) -> Row:
    """Give one page of the rows; a server may give fewer than it was asked for."""
    column = {"CreationTime": "creationTime", "Name": "name"}.get(params.get("orderColumn", ""))
    ordered = sorted(rows, key=lambda row: str(row[column])) if column else list(rows)
    skip, limit = int(params.get("skip", 0)), min(int(params.get("limit", PAGE)), most)
    data = ordered[skip : skip + limit]
    return {
        "data": data,
        "pagination": {"total": len(rows), "count": len(data), "skip": skip, "limit": limit},
    }


def _stamp(value: object, zone: datetime) -> datetime:
    stamp = datetime.fromisoformat(str(value))
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=zone.tzinfo)


def _after(field: str) -> Callable[[Row, str, datetime], bool]:
    """A row without that time, a running one, does not pass: the strictest a server could be."""
    return lambda row, value, zone: (
        row[field] is not None and _stamp(row[field], zone) > _stamp(value, zone)
    )


def _before(field: str) -> Callable[[Row, str, datetime], bool]:
    return lambda row, value, zone: (
        row[field] is not None and _stamp(row[field], zone) < _stamp(value, zone)
    )


def _named(row: Row, value: str, _: datetime) -> bool:
    """The pattern may match any field; `*` stands for any characters (Veeam's REST reference)."""
    pattern = ".*".join(re.escape(part) for part in value.split("*"))
    return any(re.fullmatch(pattern, str(field), re.IGNORECASE) for field in row.values())


_CHECKS: Mapping[str, Callable[[Row, str, datetime], bool]] = {
    "nameFilter": _named,
    "createdAfterFilter": _after("creationTime"),
    "createdBeforeFilter": _before("creationTime"),
    "endedAfterFilter": _after("endTime"),
    "endedBeforeFilter": _before("endTime"),
    "stateFilter": lambda row, value, _: row["state"] == value,
}

"""One sign per burst: logs say the same thing many times, and in more than one way."""

from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from verdict.sign import Kind, Sign

USUAL = timedelta(seconds=2)
"""Two such signs within a heartbeat or two are one."""


def first_of_bursts(signs: Iterable[Sign], width: Mapping[Kind, timedelta]) -> tuple[Sign, ...]:
    """Keep one sign of each burst, in the order of time.

    Signs of one kind, closer than `width` of their kind (else USUAL), are one burst if they
    agree in subject and detail; one that lacks either agrees with any. The fuller one is kept,
    then one with an event's id, then the one with the larger value, then the earlier.
    """
    kept: dict[tuple[object, ...], list[datetime]] = defaultdict(list)
    result: list[tuple[datetime, int, Sign]] = []
    for order, sign in sorted(enumerate(signs), key=lambda numbered: _rank(numbered[1])):
        if _within(sign.at, kept[_key(sign)], width.get(sign.kind, USUAL)):
            continue
        for key in _keys(sign):
            insort(kept[key], sign.at)
        result.append((sign.at, order, sign))
    return tuple(sign for *_, sign in sorted(result, key=lambda row: row[:2]))


def _rank(sign: Sign) -> tuple[object, ...]:
    eventless = not sign.text.startswith("event ")
    value = sign.value or timedelta()
    return sign.subject is None, sign.detail is None, eventless, -value, sign.at


def _key(sign: Sign) -> tuple[object, ...]:
    return sign.kind, sign.subject, sign.detail


def _keys(sign: Sign) -> set[tuple[object, ...]]:
    """Every way in which a less telling sign could say the same."""
    return {
        (sign.kind, subject, detail)
        for subject in (sign.subject, None)
        for detail in (sign.detail, None)
    }


def _within(at: datetime, moments: list[datetime], near: timedelta) -> bool:
    place = bisect(moments, at)
    return any(abs(at - moment) <= near for moment in moments[max(place - 1, 0) : place + 1])

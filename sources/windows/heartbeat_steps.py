"""A change of heartbeat values as steps: what may be asked for at all, and in which order."""

from collections.abc import Iterable, Iterator, Mapping

from verdict.cluster import Cluster
from verdict.heartbeat import BELIEVABLE, RANGES, ranges

Step = tuple[str, int]


def objection(expected: Mapping[str, int], wanted: Mapping[str, int], os: str) -> str | None:
    """Say why a change must not be sent; None if it may. `os`: the Windows, empty for any.

    `expected` must name all four properties. A value that stays may lie out of range: it is there.
    """
    kinds = _of_kind([*expected.items(), *wanted.items()])
    return next(kinds, None) or next(_of_value(expected, wanted, os), None)


def _of_kind(pairs: Iterable[tuple[object, object]]) -> Iterator[str]:
    """Object to whatever is not one of our names with a plain number, were it by a subclass."""
    for name, value in pairs:
        if type(name) is not str or name not in RANGES:
            yield "Only the four heartbeat values can be changed, and another name was given."
        elif type(value) is not int:
            yield f"{name} must be a whole number."


def _of_value(expected: Mapping[str, int], wanted: Mapping[str, int], os: str) -> Iterator[str]:
    if not wanted:
        yield "No value to change was named."
    if len(expected) < len(RANGES):
        yield "The values that were shown are not complete."
        return
    for name, (least, most) in ranges(Cluster("", os)).items():
        value, now = wanted.get(name, expected[name]), expected[name]
        if not 0 <= now <= BELIEVABLE:
            yield f"{name} was shown as {now}, which no Windows has."
        if value != now and not least <= value <= most:
            yield f"{name} {value} is outside of {least} to {most}."


def in_order(expected: Mapping[str, int], wanted: Mapping[str, int]) -> tuple[Step, ...]:
    """Give what changes, in an order that is safe to stop after any step.

    What grows comes before what shrinks, so that no node is ever given less time than before or
    after; across subnets grows first and shrinks last, so that it is never below the other.
    """

    def rank(step: Step) -> tuple[bool, bool]:
        name, value = step
        shrinks, crosses = value < expected[name], name.startswith("Cross")
        return shrinks, crosses == shrinks

    changes = ((name, wanted.get(name, expected[name])) for name in RANGES)
    return tuple(sorted((c for c in changes if c[1] != expected[c[0]]), key=rank))


def written(values: Mapping[str, int] | tuple[Step, ...]) -> str:
    """Write values as the scripts and cluster.exe take them; the names are ours, never typed."""
    pairs = dict(values)
    return " ".join(f"{name}={pairs[name]:d}" for name in pairs if name in RANGES)

"""The trade-off as a picture: stuns that cost a failover against seconds until one is seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from matplotlib.axes import Axes

from bot.picture import FAINT, INK, RIGHT, TONES, drawable, picture
from commands.reply import Card, Tone
from commands.tradeoff_chart import Point, TradeoffChart
from verdict.words import seconds

COST, DETECT, LEASE = "#D55E00", "#0072B2", "#F3EDF2"

HEIGHT, FOOT, ABOVE = 3.2, 0.62, 0.3
"""Inches: the drawing, the axis below it, the air above it and the candidates' names."""

LEFT = 0.07
INNER_RIGHT = RIGHT - 0.055
"""The second axis has its figures there."""

FIRST = 2.0
"""Seconds at which the picture begins: no Windows tolerates less than 3 x 0.25 s, nobody 2 s."""

BEYOND = 1.12
"""How far the picture goes on beyond the last candidate and the longest stun."""

STEEP = 15
"""More stuns than this at the left edge need an axis on which 1 can still be told from 0."""

FEW = 8
"""Ticks on the axis of stuns, at most."""

TICKS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)

LETTER = 0.0094
"""Width of a letter of a candidate's name, in parts of the axis."""

LEVEL = 0.085
"""Height of a line of candidates' names, in parts of the axis."""


def draw(card: Card, chart: TradeoffChart, target: Path) -> None:
    """Write a card with its trade-off curve to `target`. Raises OSError."""
    last = _last(chart)
    labels = tuple(_labels(chart, last))
    above = ABOVE + HEIGHT * LEVEL * max(label.level + 1 for label in labels)
    with picture(card, above + HEIGHT + FOOT, target) as (figure, height):
        axes = figure.add_axes((LEFT, FOOT / height, INNER_RIGHT - LEFT, HEIGHT / height))
        _frame(axes, chart, last)
        _lease(axes, chart, last)
        _curve(axes, chart, last)
        _detection(axes, last)
        for label in labels:
            _candidate(axes, label)


def _last(chart: TradeoffChart) -> float:
    ends = [point.tolerance.total_seconds() for point in chart.points]
    longest = chart.lengths[-1].total_seconds() if chart.lengths else 0.0
    return max(*ends, min(longest, 2 * max(ends))) * BEYOND


def _lost(lengths: Sequence[timedelta], tolerance: float) -> int:
    return sum(length.total_seconds() >= tolerance for length in lengths)


def _frame(axes: Axes, chart: TradeoffChart, last: float) -> None:
    """Tolerance along, lost stuns up."""
    most = max(_lost(chart.lengths, FIRST), 1)
    axes.set_xlim(FIRST, last)
    if most > STEEP:
        axes.set_yscale("symlog", linthresh=1, linscale=0.6)
        axes.set_yticks([], minor=True)
        ticks = [tick for tick in TICKS if tick <= most]
    else:
        ticks = list(range(0, most + 1, -(-most // FEW)))
    axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.set_ylim(-0.06 * most if most <= STEEP else -0.12, most * BEYOND)
    axes.tick_params(length=0, labelsize=9, colors=INK, pad=6)
    axes.tick_params(axis="y", colors=COST)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel("Silence that is tolerated, s", fontsize=9, color=INK, labelpad=6)
    axes.set_ylabel(f"Stuns of {chart.days} days that cost a failover", fontsize=9, color=COST)


def _lease(axes: Axes, chart: TradeoffChart, last: float) -> None:
    """Shade where the availability group's lease breaks before the heartbeats do."""
    if chart.lease is None or chart.lease.total_seconds() >= last:
        return
    edge = max(chart.lease.total_seconds(), FIRST)
    axes.axvspan(edge, last, color=LEASE, linewidth=0, zorder=0)
    axes.text(
        last, 0.1, f"shaded: so long a stun breaks the lease, at {seconds(chart.lease)}  ",
        ha="right", transform=axes.get_xaxis_transform(), fontsize=9, color="#7A4A6D",
        bbox={"facecolor": LEASE, "edgecolor": "none", "pad": 1.0}, zorder=4,
    )  # fmt: skip


def _curve(axes: Axes, chart: TradeoffChart, last: float) -> None:
    """Step down at each stun; the band is one heartbeat wide, in which it is a matter of luck."""
    delay = chart.delay.total_seconds()
    steps = {length.total_seconds() for length in chart.lengths}
    edges = sorted({FIRST, last, *steps, *(step + delay for step in steps)})
    shown = [edge for edge in edges if FIRST <= edge <= last]
    sure = [_lost(chart.lengths, edge) for edge in shown]
    unlucky = [_lost(chart.lengths, edge - delay) for edge in shown]
    axes.fill_between(shown, sure, unlucky, step="pre", color=COST, alpha=0.22, linewidth=0)
    axes.step(shown, sure, where="pre", color=COST, linewidth=2.2, zorder=3)


def _detection(axes: Axes, last: float) -> None:
    """Draw how late a real failure is seen: after as long as silence is tolerated."""
    other = axes.twinx()
    other.set_ylim(0, last)
    other.plot([FIRST, last], [FIRST, last], color=DETECT, linewidth=1.4, linestyle=(0, (5, 3)))
    other.tick_params(length=0, labelsize=9, colors=DETECT, pad=6)
    other.set_ylabel("Seconds until a real failure is seen", fontsize=9, color=DETECT)
    for spine in other.spines.values():
        spine.set_visible(False)


@dataclass(frozen=True, slots=True)
class _Label:
    """A candidate's name: over which part of the axis, and on which line above it."""

    point: Point
    text: str
    place: float
    middle: float
    level: int


def _labels(chart: TradeoffChart, last: float) -> Iterator[_Label]:
    """Name the candidates above the drawing, side by side where they fit."""
    ends: list[float] = []
    for point in chart.points:
        place = (point.tolerance.total_seconds() - FIRST) / (last - FIRST)
        text = drawable(f"{point.label}: {seconds(point.tolerance)}, {point.said}")
        half = len(text) * LETTER / 2
        middle = min(max(place, half), max(1 - half, half))
        level = next((n for n, end in enumerate(ends) if end < middle - half), len(ends))
        ends[level : level + 1] = [middle + half]
        yield _Label(point, text, place, middle, level)


def _candidate(axes: Axes, label: _Label) -> None:
    """Mark a candidate on the curve and write its name above."""
    point = label.point
    colour = TONES[Tone.GREEN] if point.recommended else INK if point.current else TONES[Tone.GREY]
    top = 1.03 + LEVEL * label.level
    axes.plot(
        [label.place, label.place], [0, top], transform=axes.transAxes, color=colour, linewidth=1,
        clip_on=False, linestyle=(0, (2, 2)),
    )  # fmt: skip
    axes.plot(
        point.tolerance.total_seconds(), point.lost, "o", color=colour, markersize=8,
        markeredgecolor="white", zorder=5, clip_on=False,
    )  # fmt: skip
    axes.text(
        label.middle, top, label.text, transform=axes.transAxes, ha="center", va="bottom",
        fontsize=9, color=colour, zorder=6,
        fontweight="bold" if point.recommended or point.current else "normal",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )  # fmt: skip

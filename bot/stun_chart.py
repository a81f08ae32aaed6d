"""The stuns of a VM as a picture: each a point in its time, against what it could break."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import log10
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bot.picture import FAINT, INK, TONES, picture
from commands.reply import Card, Tone
from commands.stun_chart import StunChart
from commands.wording import PHASES
from verdict.facts import Phase, Stun
from verdict.words import seconds

# Okabe and Ito's colours, as in bot/chart.py, each with a shape of its own.
MARKS = {
    Phase.REMOVE: ("o", "#D55E00"),
    Phase.CREATE: ("^", "#56B4E9"),
    Phase.MIGRATION: ("s", "#CC79A7"),
    Phase.OTHER: ("D", "#8A8A8A"),
    Phase.UNKNOWN: ("X", "#8A8A8A"),
}

NIGHT, UNREAD = "#EEF1F5", "#CDD3DA"

HEIGHT, FOOT, LEGEND = 3.6, 0.62, 0.34
"""Inches: the drawing, the axis below it, the legend above it."""

LEFT, INNER_RIGHT = 0.07, 0.835
"""The drawing's edges; right of it stand the names of the limits."""

DUSK, DAWN = timedelta(hours=20), timedelta(hours=30)
"""A night, from midnight UTC of its evening."""

DAY = timedelta(days=1)

LEAST, AIR = 0.01, 1.8
"""Seconds at which the axis begins at the lowest; how far it goes on beyond the highest mark."""

MANY = 600
"""Points from which on they are drawn small."""

DATES = 7
"""Dates on the axis, or a few more."""

LINE = 0.05
"""Parts of the height that a line of a limit's name takes."""

LATE = 0.92
"""The part of the time from which on a point is named on its left."""


def draw(card: Card, chart: StunChart, target: Path) -> None:
    """Write a card with a VM's stuns to `target`. Raises OSError."""
    with picture(card, LEGEND + HEIGHT + FOOT, target) as (figure, height):
        axes = figure.add_axes((LEFT, FOOT / height, INNER_RIGHT - LEFT, HEIGHT / height))
        _frame(axes, chart)
        _nights(axes, chart)
        _unread(axes, chart)
        _limits(axes, chart)
        _points(axes, chart)
        _legend(axes, chart)


def _day(chart: StunChart, moment: datetime) -> float:
    return (moment - chart.since) / DAY


def _frame(axes: Axes, chart: StunChart) -> None:
    """Days along, seconds up, each step ten times the last."""
    lengths = [stun.duration.total_seconds() for stun in chart.stuns]
    limits = [length.total_seconds() for _, length in chart.limits]
    low = max(min([*lengths, *limits, 0.1]) / AIR, LEAST)
    high = max([*lengths, *limits, 1.0]) * AIR
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    ticks = [10.0**power for power in range(-2, 5) if low <= 10.0**power <= high]
    axes.set_yticks(ticks, [f"{tick:g} s" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.set_xlim(0, _day(chart, chart.until))
    dates = _dates(chart)
    axes.set_xticks(
        [_day(chart, date) for date in dates], [f"{d:%a} {d.day} {d:%b}" for d in dates]
    )
    axes.tick_params(length=0, labelsize=9, colors=INK, pad=6)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    year = f"{chart.until:%Y}"
    axes.set_xlabel(f"Days, UTC, {year}; shaded: the nights from 20:00 to 06:00", fontsize=9,
                    color=INK, labelpad=6)  # fmt: skip


def _midnights(chart: StunChart) -> list[datetime]:
    first = chart.since.replace(hour=0, minute=0, second=0, microsecond=0)
    return [first + DAY * number for number in range((chart.until - first) // DAY + 1)]


def _dates(chart: StunChart) -> list[datetime]:
    """Give some midnights inside the picture, evenly."""
    inside = [midnight for midnight in _midnights(chart) if midnight >= chart.since]
    return inside[:: max(len(inside) // DATES, 1)]


def _nights(axes: Axes, chart: StunChart) -> None:
    for midnight in (_midnights(chart)[0] - DAY, *_midnights(chart)):
        dusk, dawn = _day(chart, midnight + DUSK), _day(chart, midnight + DAWN)
        axes.axvspan(dusk, dawn, color=NIGHT, linewidth=0, zorder=0)


def _unread(axes: Axes, chart: StunChart) -> None:
    """Hatch what no log vouches for: an empty stretch there says nothing."""
    edge = chart.since
    for start, end in (*chart.read, (chart.until, chart.until)):
        if start - edge > timedelta(minutes=30):
            axes.axvspan(
                _day(chart, edge), _day(chart, start), facecolor="none", edgecolor=UNREAD,
                hatch="////", linewidth=0, zorder=0.5,
            )  # fmt: skip
        edge = max(edge, end)


def _limits(axes: Axes, chart: StunChart) -> None:
    """Draw each limit as a line, half of the first one dotted, with their names on the right."""
    named: dict[timedelta, list[str]] = {}
    for name, length in chart.limits:
        named.setdefault(length, []).append(name)
    red, yellow = TONES[Tone.RED], TONES[Tone.YELLOW]
    lines = [(length, names, red, "solid") for length, names in named.items()]
    if chart.limits:
        lines.insert(0, (chart.limits[0][1] / 2, ["Half of that"], yellow, "dotted"))
    bottom = 0.0
    for length, names, colour, style in lines:
        width = 1.6 if length == chart.limits[0][1] else 1.0
        axes.axhline(length.total_seconds(), color=colour, linewidth=width, linestyle=style)
        label = "\n".join((*names, seconds(length)))
        half = LINE * (len(names) + 1) / 2
        middle = max(_height(axes, length), bottom + half)
        axes.text(
            1.01, middle, label, transform=axes.transAxes, va="center", fontsize=9, color=colour,
            linespacing=1.2,
        )  # fmt: skip
        bottom = middle + half


def _height(axes: Axes, length: timedelta) -> float:
    """Say at which part of the drawing's height a length lies."""
    low, high = axes.get_ylim()
    return log10(length.total_seconds() / low) / log10(high / low)


def _points(axes: Axes, chart: StunChart) -> None:
    size = 34 if len(chart.stuns) < MANY else 9
    for phase, (shape, colour) in MARKS.items():
        of_phase = [stun for stun in chart.stuns if stun.phase is phase]
        axes.scatter(
            *_places(chart, of_phase), s=size, marker=shape, color=colour, edgecolors="white",
            linewidths=0.5, zorder=3, clip_on=False,
        )  # fmt: skip
    failed = [stun for stun in chart.stuns if stun.start in chart.failed]
    axes.scatter(
        *_places(chart, failed), s=150, marker="o", facecolors="none", edgecolors=INK,
        linewidths=1.4, zorder=5,
    )  # fmt: skip
    for stun in failed:
        day = _day(chart, stun.start)
        late = day > LATE * _day(chart, chart.until)
        axes.annotate(
            seconds(stun.duration), (day, stun.duration.total_seconds()), fontsize=9, color=INK,
            xytext=(-9 if late else 9, 6), textcoords="offset points", zorder=5,
            ha="right" if late else "left",
        )  # fmt: skip


def _places(chart: StunChart, stuns: Sequence[Stun]) -> tuple[list[float], list[float]]:
    times = [_day(chart, stun.start) for stun in stuns]
    return times, [max(stun.duration.total_seconds(), LEAST) for stun in stuns]


def _legend(axes: Axes, chart: StunChart) -> None:
    """Name the shapes that occur, with how many there are."""
    keys: list[Line2D | Patch] = []
    for phase, (shape, colour) in MARKS.items():
        number = sum(stun.phase is phase for stun in chart.stuns)
        if number:
            label = f"{PHASES[phase]}, {number:,}"
            keys.append(Line2D([], [], marker=shape, color=colour, linestyle="", label=label))
    if chart.failed:
        keys.append(
            Line2D([], [], marker="o", markerfacecolor="none", color=INK, markersize=10,
                   linestyle="", label=f"with a failover, {len(chart.failed)}")
        )  # fmt: skip
    keys.append(Patch(facecolor="white", edgecolor=UNREAD, hatch="////", label="log not read"))
    axes.legend(
        handles=keys, loc="lower left", bbox_to_anchor=(-0.012, 1.0), ncols=len(keys), fontsize=9,
        frameon=False, handletextpad=0.4, columnspacing=1.6, labelcolor=INK,
    )  # fmt: skip

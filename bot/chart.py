"""The time line of a card as a picture: to post, to attach, to put into a report."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, get_font

from bot.picture import FAINT, FAMILY, INK, RIGHT, drawable, picture
from commands.reply import Card
from commands.timeline import Lane, Timeline
from commands.wording import lane_figure
from verdict.verdict import Mark

# Okabe and Ito's colours, which people who see no red or green tell apart as well
# (https://jfly.uni-koeln.de/color/).
COLOURS = {
    "job": "#0072B2",
    "step": "#56B4E9",
    "task": "#56B4E9",
    "stun": "#D55E00",
    "tolerance": "#222222",
    "silence": "#E69F00",
    "removal": "#222222",
    "rival": "#CC79A7",
}
OTHER = "#8A8A8A"

LANE, FOOT = 0.36, 0.62
"""Heights in inches: a lane, the axis below."""

LEFT = 0.265
"""Where the lanes begin, in parts of the width; their labels stand left of it."""

TALL, SLIM, THINNEST = 0.62, 0.28, 0.003
"""Bars: of what is judged, of what stands around it (parts of a lane), and the least length."""

LETTER, AIR = 0.0098, 0.012
"""Width of a letter of a lane's figure and the air before it, in parts of the axis."""

LABEL_SIZE, LABEL_POINTS = 9.5, 160
"""Size of a lane's label and the room for it, a little less for one in bold, in points."""


def draw(card: Card, timeline: Timeline, target: Path) -> None:
    """Write a card with its time line to `target`; the suffix chooses PNG, SVG or PDF.

    Raises OSError where the file cannot be written.
    """
    lanes = LANE * len(timeline.lanes)
    with picture(card, lanes + FOOT, target) as (figure, height):
        axes = figure.add_axes((LEFT, FOOT / height, RIGHT - LEFT, lanes / height))
        _frame(axes, timeline)
        for row, lane in enumerate(timeline.lanes):
            _lane(axes, row, lane, timeline)


def _frame(axes: Axes, timeline: Timeline) -> None:
    """Axis of time of day in UTC, faint rules, and the removal through all lanes."""
    axes.set_xlim(0, 1)
    axes.set_ylim(len(timeline.lanes) - 0.5, -0.5)
    ticks = timeline.ticks(9)
    axes.set_xticks([timeline.part(t) for t in ticks], [f"{t:%H:%M:%S}" for t in ticks])
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, labelsize=9, colors=INK, pad=6)
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(f"Time of day, UTC, {timeline.at:%Y-%m-%d}", fontsize=9, color=INK, labelpad=6)
    axes.axvline(timeline.part(timeline.at), color=INK, linewidth=1, linestyle=(0, (4, 3)))


def _lane(axes: Axes, row: int, lane: Lane, timeline: Timeline) -> None:
    colour = COLOURS.get(lane.kind, OTHER)
    weight = "bold" if lane.kind in ("stun", "removal") else "normal"
    axes.text(
        -0.018, row, _cut(drawable(lane.label)), ha="right", va="center",
        fontsize=LABEL_SIZE, color=INK, fontweight=weight,
    )  # fmt: skip
    for mark in lane.marks:
        _mark(axes, row, mark, colour, timeline)
    _figure(axes, row, lane, timeline)


def _mark(axes: Axes, row: int, mark: Mark, colour: str, timeline: Timeline) -> None:
    first = timeline.part(mark.start)
    last = timeline.part(mark.end or mark.start)
    if last < 0 or first > 1:
        _arrow(axes, row, colour, right=first > 1)
    elif mark.end is None:
        shape = "v" if mark.kind == "removal" else "D"
        axes.plot(first, row, shape, color=colour, markersize=9 if shape == "v" else 6)
    elif mark.kind == "tolerance":
        _bracket(axes, row, first, last)
    else:
        _bar(axes, row, (first, last), mark.kind, colour)


def _bar(axes: Axes, row: int, reach: tuple[float, float], kind: str, colour: str) -> None:
    first, last = max(reach[0], 0.0), min(reach[1], 1.0)
    tall = TALL if kind in ("stun", "silence") else SLIM
    axes.barh(row, max(last - first, THINNEST), left=first, height=tall, color=colour)
    if reach[0] < 0:
        _arrow(axes, row, colour, right=False)
    if reach[1] > 1:
        _arrow(axes, row, colour, right=True)


def _arrow(axes: Axes, row: int, colour: str, *, right: bool) -> None:
    """Point over the edge: the mark goes on there."""
    axes.plot(
        1.0 if right else 0.0, row, ">" if right else "<", color=colour, markersize=8,
        clip_on=False,
    )  # fmt: skip


def _bracket(axes: Axes, row: int, first: float, last: float) -> None:
    """Draw the tolerance as a measure: |-----|."""
    axes.plot(
        [first, first, first, last, last, last],
        [row - 0.2, row + 0.2, row, row, row - 0.2, row + 0.2],
        color=INK, linewidth=1.4, solid_joinstyle="miter",
    )  # fmt: skip


def _figure(axes: Axes, row: int, lane: Lane, timeline: Timeline) -> None:
    """Write what a lane measures beside its marks, or into a bar that leaves no room."""
    words = lane_figure(lane)
    parts = [timeline.part(m) for mark in lane.marks for m in (mark.start, mark.end) if m]
    first, last = _inside(min(parts)), _inside(max(parts))
    removal = _inside(timeline.part(timeline.at))
    after = max(last, removal) if 0 <= removal - last < AIR * 2 else last
    room = len(words) * LETTER + AIR
    box = {"facecolor": "white", "edgecolor": "none", "boxstyle": "round,pad=0.18"}
    crosses = after < removal < after + room
    if after + room <= 1 and not (crosses and first - room >= 0):
        where, align = after + AIR, "left"
    elif first - room >= 0:
        where, align = first - AIR, "right"
    else:
        where, align = _roomier(first, min(max(removal, first), last), last), "center"
    axes.text(where, row, words, ha=align, va="center", fontsize=9.5, color=INK, bbox=box)


def _roomier(first: float, removal: float, last: float) -> float:
    """Give the middle of the longer side of a bar that the removal cuts in two."""
    return (first + removal) / 2 if removal - first >= last - removal else (removal + last) / 2


def _inside(part: float) -> float:
    return min(max(part, 0.0), 1.0)


def _cut(label: str) -> str:
    """Cut a label that would run out of the picture on the left."""
    kept = label
    while kept and _width(kept) > LABEL_POINTS:
        kept = kept[:-1]
    return label if kept == label else f"{kept[:-1].rstrip(' :.')}…"


def _width(text: str) -> float:
    """Say how many points wide a text is, set as the lanes' labels are."""
    font = get_font(findfont(FAMILY))
    font.set_size(LABEL_SIZE, 72)
    font.set_text(text, 0.0)
    width, _ = font.get_width_height()
    return float(width) / 64  # FreeType measures in 64ths of a pixel, here of a point

"""The picture of a card in words, for whoever cannot see it."""

from bot.plain import plain
from commands.reply import Card
from commands.stun_chart import StunChart
from commands.timeline import Timeline
from commands.tradeoff_chart import TradeoffChart
from commands.wording import date_time, lane_figure
from verdict.words import clock_time, seconds


def alt_text(card: Card) -> str:
    """Say what the picture of a card shows; empty where the card has none.

    It is no markup, and as long as it comes: whoever posts it cuts it.
    """
    if card.timeline is not None:
        return plain(_timeline(card.timeline))
    if isinstance(card.chart, StunChart):
        return plain(_stuns(card.chart))
    if isinstance(card.chart, TradeoffChart):
        return plain(_tradeoff(card.chart))
    return ""


def _timeline(timeline: Timeline) -> str:
    lanes = []
    for lane in timeline.lanes:
        first = lane.marks[0]
        begun = f" from {clock_time(first.start)}" if first.end else ""
        lanes.append(f"{lane.label}: {lane_figure(lane)}{begun}")
    more = f"; and {timeline.hidden} more" if timeline.hidden else ""
    return f"Time line around {date_time(timeline.at)}. {'; '.join(lanes)}{more}."


def _stuns(chart: StunChart) -> str:
    when = f"from {date_time(chart.since)} to {date_time(chart.until)}"
    if not chart.stuns:
        return f"No stun {when}.{_limits(chart)}"
    longest = max(chart.stuns, key=lambda stun: stun.duration)
    count = "1 stun" if len(chart.stuns) == 1 else f"{len(chart.stuns)} stuns"
    failed = sum(stun.start in chart.failed for stun in chart.stuns)
    return (
        f"{count} {when}, the longest {seconds(longest.duration)} at {date_time(longest.start)}; "
        f"{failed} followed by a failover.{_limits(chart)}"
    )


def _limits(chart: StunChart) -> str:
    told = ", ".join(f"{name} {seconds(length)}" for name, length in chart.limits)
    return f" Limits: {told}." if told else ""


def _tradeoff(chart: TradeoffChart) -> str:
    points = "; ".join(
        f"{point.label} tolerates {seconds(point.tolerance)}, {point.said}"
        for point in chart.points
    )
    lease = f" The lease breaks at {seconds(chart.lease)}." if chart.lease else ""
    return f"Stuns of {chart.days:g} days that cost a failover, by tolerance. {points}.{lease}"

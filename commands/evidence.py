"""The evidence behind a verdict, for the thread below its card: times, signs, stuns."""

from datetime import timedelta

from commands.reply import Card, Column, Reply, Room, Table
from commands.wording import PHASES, ROUGH, date_time
from verdict.evidence import Evidence
from verdict.sign import Sign
from verdict.verdict import Mark, Verdict
from verdict.words import clock_time, seconds, span

AROUND = timedelta(minutes=2)
"""Signs this close to the failover are shown."""

MOST = 20
"""Rows of a table in a thread."""

LINE = (Column("UTC"), Column("For", right=True), Column("What", room=Room.FOLDED))
SIGNS = (Column("UTC"), Column("Seen on", room=Room.CUT), Column("What", room=Room.FOLDED))
STUNS = (Column("UTC"), Column("VM", room=Room.CUT), Column("Stun", right=True), Column("For"))


def evidence_of(verdict: Verdict, evidence: Evidence) -> Reply:
    """Lay out what a verdict rests on: reasons, the time line as a table, signs, stuns."""
    line = sorted(verdict.timeline, key=lambda mark: mark.start)
    signs = sorted(
        (sign for sign in evidence.signs if abs(sign.at - verdict.at) <= AROUND),
        key=lambda sign: sign.at,
    )
    stuns = sorted(evidence.stuns, key=lambda stun: -stun.duration)[:MOST]
    rows = tuple(
        (clock_time(stun.start), stun.vm, seconds(stun.duration), PHASES[stun.phase])
        for stun in sorted(stuns, key=lambda stun: stun.start)
    )
    tables = (
        Table("Time line", LINE, tuple(map(_mark, line[:MOST]))),
        Table("Signs within 2 min", SIGNS, tuple(map(_sign, _nearest(signs, verdict)))),
        Table("Longest stuns that were read", STUNS, rows),
    )
    return Reply(
        payload={},
        tables=tuple(table for table in tables if table.rows),
        closing=tuple(verdict.reasons),
    )


def picture_of(card: Card, verdict: Verdict) -> Reply:
    """Give the card whose time line is drawn."""
    return Reply(
        payload={}, cards=(card,), closing=(f"{verdict.cluster}, {date_time(verdict.at)}",)
    )


def _nearest(signs: list[Sign], verdict: Verdict) -> list[Sign]:
    nearest = sorted(signs, key=lambda sign: abs(sign.at - verdict.at))[:MOST]
    return sorted(nearest, key=lambda sign: sign.at)


def _mark(mark: Mark) -> tuple[str, str, str]:
    return clock_time(mark.start), _length(mark), f"{mark.kind}: {mark.label}"


def _length(mark: Mark) -> str:
    if mark.end is None:
        return ""
    length = mark.end - mark.start
    return span(length) if length >= ROUGH else seconds(length)


def _sign(sign: Sign) -> tuple[str, str, str]:
    return clock_time(sign.at), sign.node or sign.subject or "", sign.text

"""`analyze PATH...`: judge the failovers in bundles of evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from commands.incident import card, entry, gap_words
from commands.meter import Meter
from commands.reply import Column, Problem, Reply, Room, Table, Toned
from commands.wording import TONES, date_time, reason
from sources.bundle import find_bundles
from sources.errors import UserError
from sources.gather import gather
from sources.material import Material
from verdict.evidence import Evidence
from verdict.judge import judge
from verdict.verdict import Cause, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the bundle it came from."""

    bundle: str
    verdict: Verdict


def judge_bundles(paths: Sequence[Path], read_at: datetime, meter: Meter) -> Reply:
    """Judge every failover in every bundle under `paths`; `read_at` is now, in UTC.

    "Not enough evidence" is an answer. Not answered, a problem in the reply, is a path that
    cannot be used and a bundle in which there is no failover; the others are judged all the same.
    """
    problems: list[Problem] = []
    judged: list[Judged] = []
    materials = _materials(paths, problems)
    meter.expect(sum(file.size for one in materials for logs in one.vms.values() for file in logs))
    for material in materials:
        evidence = gather(material, read_at, meter.advance)
        verdicts = judge(evidence)
        if not verdicts:
            problems.append(_nothing_found(material, evidence))
        judged += [Judged(material.label, verdict) for verdict in verdicts]
    return Reply(
        payload={"incidents": [entry(one.verdict, one.bundle) for one in judged]},
        cards=tuple(card(one.verdict) for one in judged),
        tables=(_summary(judged),) if len(judged) > 1 else (),
        problems=tuple(problems),
    )


def _materials(paths: Sequence[Path], problems: list[Problem]) -> list[Material]:
    """Find the bundles; a path that is missing must not keep the others from being judged."""
    there = []
    for path in paths:
        try:
            path.stat()
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            problems.append(Problem(f"{path} cannot be read: {reason(error)}.", "Check the path."))
        else:
            there.append(path)
    try:
        return find_bundles(there) if there else []
    except UserError as error:
        problems.append(Problem(error.message, error.hint))
        return []


def _nothing_found(material: Material, evidence: Evidence) -> Problem:
    """Say what was wrong with the bundle, or else how to ask about a moment."""
    gaps = " ".join(gap_words(gap) for gap in evidence.gaps[:MOST_GAPS])
    return Problem(f"There is no failover in {material.label}.", gaps or ASK)


MOST_GAPS = 3
"""Gaps that are told where nothing was found; the first ones explain the rest."""

ASK = (
    "If it is known when it was, say so in its incident.toml: [failover] at = 2026-03-01T02:14:11Z"
)


COLUMNS = (
    Column("Cluster", room=Room.FOLDED),
    Column("Failover, UTC"),
    Column("Backup"),
    Column("Cause", room=Room.FOLDED),
    Column("Bundle", room=Room.FOLDED),
)


def _summary(judged: Sequence[Judged]) -> Table:
    """One line for each failover, below all cards."""
    names = _short_names({one.bundle for one in judged})
    return Table(
        title=f"{len(judged)} failovers",
        columns=COLUMNS,
        rows=tuple(
            (
                one.verdict.cluster,
                date_time(one.verdict.at).removesuffix(" UTC"),
                Toned(one.verdict.backup, TONES[one.verdict.backup]),
                _cause(one.verdict),
                names[one.bundle],
            )
            for one in judged
        ),
    )


def _cause(verdict: Verdict) -> str:
    if verdict.cause is Cause.UNKNOWN:
        return "unknown"
    return f"{verdict.cause.replace('_', ' ')}, {verdict.confidence}"


def _short_names(bundles: Collection[str]) -> dict[str, str]:
    """Name bundles without the folder that they share."""
    parents = {str(Path(bundle).parent) for bundle in bundles}
    return {one: Path(one).name if len(parents) == 1 else one for one in bundles}

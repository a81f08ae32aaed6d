"""The physical simulation: hundreds of failovers whose truth is known, most with a backup beside.

It shares no code with the product. Where the evidence allows two answers, both are in the truth.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.bundle import read_bundle
from sources.gather import gather
from tests.simulation.__main__ import produce
from verdict.judge import judge
from verdict.verdict import Blame, Verdict
from verdict.words import MILLISECOND, milliseconds

SEED, COUNT = 20260301, 300

WANTED = 0.95
"""The share that must be right on both axes (the product's own goal)."""


@dataclass(frozen=True)
class Paper:
    """One examined failover: the bundle's name, the truth and the answer."""

    name: str
    truth: dict[str, Any]
    verdict: Verdict

    @property
    def right(self) -> bool:
        return (
            self.verdict.backup in self.truth["backup"]
            and self.verdict.cause in self.truth["cause"]
        )


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> list[Paper]:
    folder = tmp_path_factory.mktemp("simulation")
    return [paper for bundle in produce(SEED, COUNT, folder) for paper in examine(bundle)]


def examine(bundle: Path) -> Iterator[Paper]:
    truth = json.loads((bundle / "truth.json").read_text())
    verdicts = judge(gather(read_bundle(bundle), datetime.now(UTC)))
    each = truth.get("each", [truth["expected"]])
    assert len(verdicts) == len(each), bundle.name
    for verdict, expected in zip(verdicts, each, strict=True):
        yield Paper(bundle.name, expected, verdict)


def test_nearly_all_are_right_on_both_axes(papers: list[Paper]) -> None:
    wrong = [(p.name, p.verdict.backup, p.verdict.cause) for p in papers if not p.right]
    assert len(wrong) <= (1 - WANTED) * len(papers), wrong


def test_nobody_is_accused_or_cleared_wrongly(papers: list[Paper]) -> None:
    final = [p for p in papers if p.verdict.backup in (Blame.CAUSED, Blame.CLEARED)]
    assert [
        (p.name, p.verdict.backup) for p in final if p.verdict.backup not in p.truth["backup"]
    ] == []


def test_the_lost_node_and_the_mechanism_are_right(papers: list[Paper]) -> None:
    caused = [p for p in papers if p.verdict.backup is Blame.CAUSED]
    assert [p.name for p in papers if p.verdict.lost_node not in p.truth["lost_node"]] == []
    assert [p.name for p in caused if p.verdict.mechanism not in p.truth["mechanism"]] == []


def test_stuns_are_right_to_the_millisecond(papers: list[Paper]) -> None:
    for paper in papers:
        stun = paper.truth["stun"]
        if paper.verdict.mechanism and stun and paper.verdict.stun:
            off = milliseconds(paper.verdict.stun.duration) * MILLISECOND - stun["ms"] * MILLISECOND
            assert abs(off) <= MILLISECOND, paper.name


def test_the_examination_is_worth_something(papers: list[Paper]) -> None:
    """Every answer is asked for many times, and most innocent backups ran at the time."""
    answers = Counter(p.verdict.backup for p in papers)
    assert min(answers[blame] for blame in Blame) >= 10
    cleared = [p for p in papers if p.verdict.backup is Blame.CLEARED]
    assert sum(p.verdict.job is not None for p in cleared) >= len(cleared) / 3

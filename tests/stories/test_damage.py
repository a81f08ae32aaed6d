"""Damaged bundles: no crash, no delay, and never a wrong clearance or accusation.

Bundles of the simulation whose truth is known are spoilt at random, with fixed seeds. A guilty
backup is never cleared, an innocent one never accused, whatever happened to the files; to know
less is always allowed. `TRACELESS` damage is kept out of that rule, and out of it only: see there.
"""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import pytest

from commands.incident import card, entry
from sources.bundle import find_bundles
from sources.errors import UserError
from sources.gather import gather
from tests.simulation.__main__ import produce
from tests.stories.damage import TRACED, TRACELESS, Damage, clockless, files
from verdict.judge import judge
from verdict.verdict import Blame, Verdict

SEED, KINDS = 20261126, 72
"""Every kind of story the simulation knows, once."""

LONGEST = 2.0
"""Seconds of processor time that a bundle of some 200 KB may take, however it is damaged."""

TURNS = 3
"""Damaged copies of each bundle in the test of several damages at once."""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return produce(SEED, KINDS, tmp_path_factory.mktemp("sound"))


def analyze(bundle: Path) -> list[Verdict]:
    """Judge a bundle the way `stuncheck analyze` does, and write the answer down."""
    start = process_time()
    try:
        materials = find_bundles([bundle])
    except UserError:  # nothing usable is left: an answer, too
        return []
    verdicts = [verdict for each in materials for verdict in judge(gather(each, datetime.now(UTC)))]
    for verdict in verdicts:
        assert card(verdict).headline
        assert json.dumps(entry(verdict, "bundle"))
    assert process_time() - start < LONGEST
    return verdicts


def truth_of(bundle: Path, at: datetime) -> dict[str, Any]:
    """Give the true incident nearest to a moment: damage may move it, or show it twice."""
    truth = json.loads((bundle / "truth.json").read_text())
    each: list[dict[str, Any]] = truth.get("each", [truth["expected"]])
    return min(each, key=lambda one: abs(datetime.fromisoformat(one["at"]) - at))


def wrong(bundle: Path, verdicts: list[Verdict]) -> list[tuple[str, tuple[str, ...]]]:
    """Name the verdicts that clear a guilty backup or accuse an innocent one."""
    found = []
    for verdict in verdicts:
        allowed = truth_of(bundle, verdict.at)["backup"]
        guilty = "caused" in allowed and "cleared" not in allowed
        innocent = "cleared" in allowed and "caused" not in allowed
        if (guilty and verdict.backup is Blame.CLEARED) or (
            innocent and verdict.backup is Blame.CAUSED
        ):
            found.append((f"{verdict.backup} {verdict.cause}", verdict.reasons))
    return found


def spoil(bundle: Path, copy: Path, seed: str, damages: tuple[Damage, ...], often: int = 1) -> str:
    """Copy a bundle and damage it; say what was done, so that a failure can be played again."""
    shutil.copytree(bundle, copy)
    random, done = Random(seed), []
    for _ in range(often):
        damage, left = random.choice(damages), files(copy)
        if left:
            path = random.choice(left)
            done.append(f"{damage.__name__} {path.relative_to(copy)}")
            damage(random, path)
    return f"{bundle.name}: {', '.join(done)} (seed {seed})"


@pytest.mark.parametrize("damage", TRACED, ids=lambda damage: damage.__name__)
def test_one_damage_never_clears_the_guilty_or_accuses_the_innocent(
    bundles: list[Path], tmp_path: Path, damage: Damage
) -> None:
    for number, bundle in enumerate(bundles[::3]):
        told = spoil(bundle, tmp_path / str(number), f"one-{bundle.name}", (damage,))
        assert wrong(bundle, analyze(tmp_path / str(number))) == [], told


@pytest.mark.parametrize("turn", range(TURNS))
def test_several_damages_at_once_do_not_either(
    bundles: list[Path], tmp_path: Path, turn: int
) -> None:
    for number, bundle in enumerate(bundles):
        told = spoil(bundle, tmp_path / str(number), f"{turn}-{bundle.name}", TRACED, 4)
        assert wrong(bundle, analyze(tmp_path / str(number))) == [], told


def test_without_measured_clocks_a_stun_that_must_have_shown_clears_nobody(tmp_path: Path) -> None:
    """The host ran 25 s ahead; its stun of 42 s, stamped after the removal, had to be noticed."""
    bundle = produce(20261123, 37, tmp_path / "sound")[-1]
    spoil(bundle, tmp_path / "spoilt", "", (clockless,))
    assert wrong(bundle, analyze(tmp_path / "spoilt")) == []


@pytest.mark.parametrize("damage", TRACELESS, ids=lambda damage: damage.__name__)
def test_damage_without_a_trace_crashes_nothing(
    bundles: list[Path], tmp_path: Path, damage: Damage
) -> None:
    for number, bundle in enumerate(bundles[::4]):
        spoil(bundle, tmp_path / str(number), f"none-{bundle.name}", (damage,), 3)
        analyze(tmp_path / str(number))


def test_everything_damaged_at_once_is_survived(bundles: list[Path], tmp_path: Path) -> None:
    for number, bundle in enumerate(bundles[::6]):
        copy = tmp_path / str(number)
        told = spoil(bundle, copy, f"all-{bundle.name}", TRACED, 60)
        assert wrong(bundle, analyze(copy)) == [], told


def test_sound_bundles_are_judged_rightly(bundles: list[Path]) -> None:
    """Else the tests above would prove nothing."""
    answers = [verdict for bundle in bundles for verdict in analyze(bundle)]
    assert {Blame.CAUSED, Blame.CLEARED} <= {verdict.backup for verdict in answers}
    assert [name for bundle in bundles for name in wrong(bundle, analyze(bundle))] == []
    assert all(answer.at > datetime.now(UTC) - timedelta(days=3650) for answer in answers)

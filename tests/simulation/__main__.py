"""`python -m tests.simulation --seed 1 --count 400 OUTDIR`: write bundles with their truth."""

import argparse
import json
from pathlib import Path
from random import Random

from tests.simulation import (
    asked,
    broken,
    guilty,
    innocent,
    moved,
    odd,
    partial,
    rivals,
    twice,
    unfit,
)
from tests.simulation.bundle import write
from tests.simulation.kinds import KINDS
from tests.simulation.noise import live

STORIES = (
    asked,
    broken,
    guilty,
    innocent,
    moved,
    odd,
    partial,
    rivals,
    twice,
    unfit,
)  # importing registers them


def produce(seed: int, count: int, folder: Path, only: str = "") -> list[Path]:
    """Write `count` bundles below `folder`, the same for the same seed; return their folders.

    The first bundles take every kind once, the rest are drawn by weight.
    """
    names = [name for name in sorted(KINDS) if name in only.split(",") or not only]
    weights = [KINDS[name][1] for name in names]
    draw = Random(seed)
    order = [*names, *draw.choices(names, weights, k=max(0, count - len(names)))][:count]
    return [_one(seed, number, name, folder) for number, name in enumerate(order, 1)]


def _one(seed: int, number: int, name: str, folder: Path) -> Path:
    told = KINDS[name][0](Random(f"{seed}-{number}-{name}"))
    live(told.world)
    target = folder / f"{number:04d}-{name}"
    write(told.world, target)
    if told.damage:
        told.damage(target)
    (target / "truth.json").write_text(json.dumps(told.truth.as_json(name), indent=1), "utf-8")
    return target


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--only", default="", help="kinds, separated by commas")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    produce(arguments.seed, arguments.count, arguments.folder, arguments.only)


if __name__ == "__main__":
    main()

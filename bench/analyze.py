"""Analysing 300 ordinary bundles in one process, against a bare `grep -rcE` over each of them.

A DBA without the product greps the folder for the words that matter and reads what comes. Aim: 40
bundles a second, from files to verdict.
"""

import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sources.bundle import read_bundle
from sources.gather import gather
from tests.simulation.__main__ import produce
from verdict.judge import judge

COUNT, SEED = 300, 1
AIM = 40.0
"""Bundles a second."""

WORDS = "Checkpoint_Unstun|>1135<|>1177<|RemoveSnapshot|Removing VM snapshot"


def main() -> bool:
    """Print the figures; True when the aim is met."""
    with tempfile.TemporaryDirectory() as folder:
        bundles = produce(SEED, COUNT, Path(folder))
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        start = time.perf_counter()
        verdicts = sum(len(_verdicts(bundle)) for bundle in bundles)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        for bundle in bundles:
            subprocess.run(["grep", "-rcE", WORDS, str(bundle)], check=False, capture_output=True)
        grep = time.perf_counter() - start
    rate = COUNT / ours
    print(f"{COUNT} bundles of {size / COUNT / 1024:.0f} KiB, {verdicts} verdicts")
    print(
        f"{rate:.0f} bundles a second (aim {AIM:.0f}); grep -r alone {COUNT / grep:.0f} a second:"
    )
    print(f"a verdict takes {ours / grep:.1f} times as long as finding the lines to read by hand")
    return rate >= AIM


def _verdicts(bundle: Path) -> tuple[object, ...]:
    return judge(gather(read_bundle(bundle), datetime.now(UTC)))

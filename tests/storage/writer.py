"""A process that writes for as long as it lives: `python writer.py FILE NAME BATCH [TIMES]`."""

import sys
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from storage.store import Store
from storage.stuns import add_stuns
from verdict.clock import Clock
from verdict.facts import Phase, Stun

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
CLOCK = Clock("esx07", timedelta(0))


def main(path: str, name: str, batch: str, times: str = "1000000") -> None:
    """Store batches of stuns, and say so after each."""
    size = int(batch)
    with Store.open(Path(path)) as store:
        for start in islice(count(0, size), int(times)):
            moments = (ZERO + timedelta(minutes=i) for i in range(start, start + size))
            second = timedelta(seconds=1)
            add_stuns(store, [Stun(name, m, m + second, Phase.REMOVE, CLOCK) for m in moments])
            print("stored", flush=True)  # noqa: T201 - the test waits for it


if __name__ == "__main__":
    main(*sys.argv[1:])

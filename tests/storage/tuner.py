"""A process that takes steps: `python tuner.py FILE race|stop|rounds ...`."""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from storage.proposal_rows import proposal_of
from storage.proposal_steps import LostRaceError
from storage.proposals import State
from storage.store import Store
from tests.storage.tuning import EVERY_WAY, STEPS, walk

ROUND = EVERY_WAY[State.REVERTED]


def race(store: Store, key: str) -> None:
    """Try each step that is named on standard input; say whether it was won."""
    for line in sys.stdin:
        try:
            STEPS[State(line.strip())](store, proposal_of(store, key))
        except LostRaceError:
            say("lost")
        else:
            say("won")


def stop(store: Store, key: str, state: str) -> None:
    """Take a step, and stay in the middle of its transaction."""
    with store.writing():
        STEPS[State(state)](store, proposal_of(store, key))
        say("inside")
        time.sleep(600)


def rounds(store: Store) -> None:
    """Propose, apply and revert for as long as it lives."""
    while True:
        walk(store, State.REVERTED)
        say("round")


def say(word: str) -> None:
    """Tell the test, which waits for it."""
    print(word, flush=True)  # noqa: T201


DEEDS: Mapping[str, Callable[..., None]] = {"race": race, "stop": stop, "rounds": rounds}

if __name__ == "__main__":
    with Store.open(Path(sys.argv[1])) as opened:
        say("ready")
        DEEDS[sys.argv[2]](opened, *sys.argv[3:])

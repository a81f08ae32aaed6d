"""The desk: who takes what comes from Slack, and has it done by the crew."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.clicks import Clicks
from bot.crew import Crew
from bot.deciding import Deciding
from bot.intake import Intake
from bot.log import mishap
from bot.people import People
from bot.proposing import Proposing
from commands.context import Context

BUSY = "Too much is asked at once; ask again in a minute."


@dataclass(frozen=True, slots=True)
class Desk:
    """Who takes what comes from Slack."""

    context: Context
    intake: Intake
    people: People
    clicks: Clicks
    deciding: Deciding
    proposing: Proposing
    crew: Crew
    acknowledged: Callable[[float], None]

    def submit(self, work: Callable[[], None]) -> bool:
        """Have work done by the crew; False where too much waits already."""
        return self.crew.submit(partial(_fenced, work))

    def later(self, work: Callable[[], None], refuse: Callable[..., Any]) -> None:
        """Have work done by the crew, or have somebody told that too much waits already."""
        if not self.submit(work):
            refuse(text=BUSY)


def nobody(**_: object) -> None:
    """Tell nobody that too much is asked: what was clicked is still there to be clicked again."""


def _fenced(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - the outermost fence of a thread of the crew
        mishap(error)

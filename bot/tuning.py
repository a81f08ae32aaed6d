"""Tuning: what falls due by itself, and that Slack is told of every step, also after a crash."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.health import Health
from bot.log import mishap
from bot.members import Members
from bot.rounds import IDLE, Rounds
from commands.cluster_change import Change
from commands.context import Context
from commands.due import due
from commands.suggest import suggestions
from commands.telling import remind, tell
from commands.tune import tune
from sources.errors import UserError

if TYPE_CHECKING:
    from storage.proposals import Proposal

DUE = 10.0
"""Seconds between two looks at what is due: nobody notices if a revert is so much late."""

SUGGESTING = 300.0
"""Seconds between two looks at whether a verdict suggests a change; a cluster is asked for it."""

PART = "tuning"

log = structlog.get_logger(PART)


class Tuning:
    """Runs in threads of its own from `start` to `stop`."""

    def __init__(
        self,
        context: Context,
        change: Change,
        members: Members,
        health: Health,
        wake: Callable[[], None],
        *,
        propose: bool,
    ) -> None:
        self._context = context
        self._change = change
        self._members = members
        self._health = health
        self._wake = wake
        self._propose = propose
        self._looked = self._suggested = -SUGGESTING
        self._under_way: Future[None] | None = None
        self._pool = ThreadPoolExecutor(1, "due")
        self._rounds = Rounds(PART, self._round)

    def start(self) -> None:
        """Take up what was under way when the program ended, and go on."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish what is being sent to a cluster and end."""
        self._rounds.stop()
        self._pool.shutdown(cancel_futures=True)

    def judged(self) -> None:
        """Say that there is a verdict, which may suggest a change."""
        self._looked = self._suggested = -SUGGESTING
        self._rounds.wake()

    def told(self) -> None:
        """Have Slack told of what was done."""
        if tell(self._context, self._members.called):
            self._wake()

    def _round(self) -> float:
        self.told()
        now, busy = time.monotonic(), self._under_way
        if now - self._looked >= DUE and (busy is None or busy.done()):
            self._looked = now
            self._under_way = self._pool.submit(self._look)
        return IDLE

    def _look(self) -> None:
        """Do what is due: a thread of its own, for clusters are asked."""
        try:
            for one in due(self._context, self._change):
                self._happened(one)
            remind(self._context, self._members.called)
            self._suggest()
            self._health.well(PART)
        except Exception as error:  # noqa: BLE001 - the outermost fence of this thread
            token = mishap(error, doing=PART)
            why = f"something went wrong here: {token}; the log says what"
            self._health.ill(PART, why, self._context.now())

    def _happened(self, one: "Proposal") -> None:
        log.info("done", proposal=one.id, cluster=one.cluster, state=one.state.value)
        self.told()

    def _suggest(self) -> None:
        """Propose by ourselves what would have survived a stun, if that is configured."""
        now = time.monotonic()
        if not self._propose or not self._members.called or now - self._suggested < SUGGESTING:
            return
        self._suggested = now
        rights = replace(self._members.rights(), requesters=None)  # those are for people
        for asked in suggestions(self._context):
            try:
                self._happened(tune(self._context, asked, rights, self._change))
            except UserError as error:  # tried again, as long as the verdict is recent
                log.warning("not proposed", cluster=asked.cluster, why=error.message)

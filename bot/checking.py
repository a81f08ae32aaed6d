"""Checking: every incident that is to be checked, several clusters side by side.

What is to be checked stands in storage; a check that is cut off is begun again at the next start.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock

import structlog

from bot.asking import Asking
from bot.log import mishap
from bot.rounds import IDLE, Rounds
from commands.check import card_name, check
from commands.context import Context
from commands.course import Course
from commands.kept import written
from commands.reply import Card, Reply, Tone
from commands.settle import Settled
from commands.wording import date_time
from sources.errors import UserError
from sources.names import same
from storage.checks import Check, due_checks, finish_check, next_check, postpone
from storage.posts import Kind, Wish, post_named, want
from storage.verdicts import revisions

AT_ONCE = 8
"""Clusters that are checked side by side."""

TELL = 1.0
"""Seconds between two words of progress."""

TRIES = 3
"""How often a check that failed by our own fault is begun again."""

PAUSE = timedelta(seconds=30)

log = structlog.get_logger("checking")


class Checking:
    """Runs in threads of its own from `start` to `stop`."""

    def __init__(
        self,
        context: Context,
        asking: Asking,
        told: Callable[[], None],
        judged: Callable[[Settled, float], None] = lambda _settled, _seconds: None,
    ) -> None:
        self._context = context
        self._asking = asking
        self._told = told
        self._judged = judged
        self._lock = Lock()
        self._busy: set[str] = set()
        self._failed: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, "check")
        self._rounds = Rounds("checking", self._round)
        self.wake = self._rounds.wake
        """Say that something is to be checked."""

    def start(self) -> None:
        """Begin to check."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish what is being checked and end."""
        self._rounds.stop()
        self._pool.shutdown(cancel_futures=True)

    def _round(self) -> float:
        store, now = self._context.store, self._context.now()
        for one in due_checks(store, now):
            with self._lock:
                if same(one.cluster) in self._busy or len(self._busy) >= AT_ONCE:
                    continue
                self._busy.add(same(one.cluster))
            self._pool.submit(self._one, one)
        due = next_check(store)
        return IDLE if due is None else (due - now).total_seconds()

    def _one(self, asked: Check) -> None:
        try:
            self._check(asked)
        except UserError as error:
            self._cannot(asked, error.message, error.hint or "")
        except Exception as error:  # noqa: BLE001 - one check must not keep the others waiting
            token = mishap(error, incident=asked.incident, cluster=asked.cluster)
            self._cannot(asked, f"Something went wrong here: {token}.", "The log says what.")
        finally:
            with self._lock:
                self._busy.discard(same(asked.cluster))
            self._told()
            self.wake()

    def _check(self, asked: Check) -> None:
        course = _Told(asked, self._context, self._told)
        began = time.monotonic()
        request = self._asking(asked.cluster, asked.at)
        for settled in check(self._context, request, asked, course):
            self._judged(settled, time.monotonic() - began)
            log.info("judged", incident=settled.incident.id, cluster=asked.cluster,
                     backup=settled.verdict.backup.value, kept=settled.kept)  # fmt: skip
        self._failed.pop(asked.incident, None)

    def _cannot(self, asked: Check, why: str, hint: str) -> None:
        """Say on the card that a check failed, and try again later, but not for ever."""
        store, now = self._context.store, self._context.now()
        tries = self._failed[asked.incident] = self._failed.get(asked.incident, 0) + 1
        if tries < TRIES:
            postpone(store, asked, now + PAUSE * tries)
            return
        self._failed.pop(asked.incident)
        with store.writing():
            finish_check(store, asked, None)
            if not revisions(store, asked.incident):
                context = (asked.cluster, date_time(asked.at))
                card = Card(Tone.GREY, "This failover could not be checked", context, (why, hint))
                reply = written(Reply(payload={}, cards=(card,)))
                name = card_name(asked.incident)
                offered = ("check_again",)
                want(store, Wish(name, reply, Kind.CARD, asked.incident, offered=offered), now)


class _Told(Course):
    """A course that is told to people at most once a second, as long as there is no verdict."""

    def __init__(self, asked: Check, context: Context, wake: Callable[[], None]) -> None:
        super().__init__(asked.cluster, date_time(asked.at))
        self._asked = asked
        self._context = context
        self._wake = wake
        self._last = time.monotonic()
        store = context.store
        shown = post_named(store, card_name(asked.incident))
        first = not revisions(store, asked.incident)
        self._shown = first and shown is not None and shown.below is None

    def told(self, source: str, name: str, state: str) -> None:
        """Take in what a source is at, and pass it on if it is time."""
        super().told(source, name, state)
        now = time.monotonic()
        if not self._shown or now - self._last < TELL:
            return
        self._last = now
        reply = written(self.reply())
        name = card_name(self._asked.incident)
        wish = Wish(name, reply, Kind.CARD, self._asked.incident, urgent=False)
        want(self._context.store, wish, self._context.now())
        self._wake()

"""Rounds: a thread that looks for work again and again, and at once when somebody wakes it."""

from collections.abc import Callable
from threading import Event, Thread

from bot.log import mishap

IDLE = 1.0
"""Seconds after which to look again even if nobody woke us."""

SHORTEST = 0.02
"""Seconds between two looks at least."""


class Rounds:
    """Calls `look` from `start` to `stop`; it says in how many seconds there may be more to do."""

    def __init__(self, name: str, look: Callable[[], float]) -> None:
        self._look = look
        self._woken = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self.stopping = False
        """Whether nothing new is to be begun."""

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the look that was begun and end."""
        self.stopping = True
        self.wake()
        self._thread.join()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._woken.set()

    def _run(self) -> None:
        while not self.stopping:
            self._woken.clear()
            try:
                wait = self._look()
            except Exception as error:  # noqa: BLE001 - the outermost fence of this thread
                mishap(error, doing=self._thread.name)
                wait = IDLE
            self._woken.wait(min(IDLE, max(SHORTEST, wait)))

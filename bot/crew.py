"""The crew: a bounded number of threads for what people ask, and a bounded number who wait."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

THREADS = 8
WAITING = 400
"""What may wait; more than that is refused in words rather than kept for ever."""


class Crew:
    """Runs work outside of the threads that receive, so that those acknowledge in time."""

    def __init__(self, threads: int = THREADS, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, "crew")
        self._room = BoundedSemaphore(threads + waiting)

    def submit(self, work: Callable[[], None]) -> bool:
        """Have work done soon; False where there is no room for it."""
        if not self._room.acquire(blocking=False):
            return False
        self._pool.submit(work).add_done_callback(lambda _: self._room.release())
        return True

    def stop(self) -> None:
        """Finish what was begun and end."""
        self._pool.shutdown(cancel_futures=True)

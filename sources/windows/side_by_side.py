"""Asking several hosts at once, each in a thread of its own, none longer than the deadline."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from sources.deadline import Deadline

T = TypeVar("T")

GRACE = 0.25
"""Seconds for a thread to hand over what it has when the deadline is over."""


def side_by_side(
    keys: Iterable[str], ask: Callable[[str], T], late: Callable[[str], T], deadline: Deadline
) -> list[T]:
    """Ask about every key in a thread of its own, in order; `late` stands in for who is late.

    Only a name that the system's resolver is still looking for outlasts its deadline; that
    thread ends with the resolver's own time-out.
    """
    pool = ThreadPoolExecutor(64, "winrm")
    futures: dict[str, Future[T]] = {key: pool.submit(ask, key) for key in dict.fromkeys(keys)}
    _, pending = wait(futures.values(), deadline.left + GRACE)
    pool.shutdown(wait=not pending, cancel_futures=True)
    return [late(key) if future in pending else future.result() for key, future in futures.items()]

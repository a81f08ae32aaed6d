"""Requests side by side, by a bounded crew of threads that goes home at the end."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from sources.errors import SourceError

T = TypeVar("T")


class Crew:
    """A context manager; on leaving, no thread is left. Calls must keep to a deadline."""

    def __init__(self, size: int) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="veeam")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def begin(self, calls: Iterable[Callable[[], T]]) -> list[Future[T | SourceError]]:
        """Begin all of these; each will give its result, or the SourceError it failed with."""
        return [self._threads.submit(_tried, call) for call in calls]

    def all(self, calls: Iterable[Callable[[], T]]) -> list[T | SourceError]:
        """Do all of these; give the result of each, in order, or why it failed."""
        return [future.result() for future in self.begin(calls)]


def _tried(call: Callable[[], T]) -> T | SourceError:
    try:
        return call()
    except SourceError as error:
        return error

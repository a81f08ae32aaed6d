"""Progress on standard error, once a reading takes longer than people wait unasked."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE = 1.0
"""Seconds without a word that nobody minds."""


class Watched:
    """A meter shown as a bar; silent where standard error is not a terminal."""

    def __init__(self, err: Console, patience: float = PATIENCE) -> None:
        self.shown = err.is_terminal
        self.begin_at = time.monotonic() + patience
        self.total = 0
        self.done = 0
        self.bar = Progress(
            TextColumn("Reading"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=err,
            transient=True,
        )
        self.task = self.bar.add_task("", total=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar.live.is_started:
            self.bar.stop()

    def expect(self, size: int) -> None:
        """Add `size` bytes to what is to be read."""
        self.total += size

    def advance(self, size: int) -> None:
        """Say that `size` more bytes were read."""
        self.done += size
        if not self.shown or time.monotonic() < self.begin_at:
            return
        if not self.bar.live.is_started:
            self.bar.start()
        self.bar.update(self.task, total=max(self.total, self.done), completed=self.done)

"""Progress of a pull: one line for each source, on standard error, while people watch."""

import time
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

NAMES = {"winrm": "Cluster", "vcenter": "vCenter", "veeam": "Veeam"}
STYLES = {"asked": "dim", "answered": "green", "late": "yellow"}


class Pulling:
    """Shows which source is asked, has answered or is late; silent where nobody watches."""

    def __init__(self, err: Console) -> None:
        self._lock = Lock()
        self._rows: dict[tuple[str, str], tuple[str, float]] = {}
        self._live = Live(
            console=err, refresh_per_second=8, transient=True, get_renderable=self._table
        )
        self._shown = err.is_terminal

    def __enter__(self) -> Self:
        if self._shown:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._live.stop()

    def told(self, source: str, name: str, state: str) -> None:
        """Take in what a source is at; called from any thread."""
        with self._lock:
            self._rows[source, name] = (
                state,
                time.monotonic() if state == "asked" else self._took(source, name),
            )

    def of(self, cluster: str) -> Callable[[str, str, str], None]:
        """Give who is told of the sources of one of several clusters."""
        return lambda source, name, state: self.told(source, f"{name} for {cluster}", state)

    def _took(self, source: str, name: str) -> float:
        return time.monotonic() - self._rows.get((source, name), ("", time.monotonic()))[1]

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            rows = list(self._rows.items())
        for (source, name), (state, seconds) in rows:
            spent = time.monotonic() - seconds if state == "asked" else seconds
            word = Text(state, style=STYLES.get(state, ""))
            table.add_row(NAMES.get(source, source), Text(name), word, f"{spent:.1f} s")
        return table

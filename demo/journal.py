"""The journal of the demo's clusters: what was set on them, in memory or in a file."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """What was set on a cluster, and when (UTC); `by_hand` where no proposal was behind it."""

    at: datetime
    cluster: str
    wanted: Mapping[str, int]
    by_hand: bool = False


@dataclass(slots=True)
class Journal:
    """All that was set, oldest first.

    With a `file` it outlives the process, and a process that is killed at any moment leaves the
    file as it was before an entry or after it. Many processes may read it; one writes at a time.
    """

    file: Path | None = None
    _kept: tuple[Setting, ...] = field(default=())

    def read(self) -> tuple[Setting, ...]:
        """Give every entry; a file is read anew. Raises OSError."""
        if self.file is None:
            return self._kept
        try:
            rows = json.loads(self.file.read_text("utf-8"))["log"]
        except FileNotFoundError:
            return ()
        return tuple(_setting(row) for row in rows)

    def add(self, one: Setting) -> None:
        """Write an entry behind all others. Raises OSError."""
        every = (*self.read(), one)
        if self.file is None:
            self._kept = every
            return
        whole = self.file.with_name(f"{self.file.name}.new")
        whole.write_text(json.dumps({"log": [_row(each) for each in every]}, indent=1), "utf-8")
        os.replace(whole, self.file)  # noqa: PTH105 - whole or not at all, killed here or not


def _row(one: Setting) -> dict[str, Any]:
    wanted = dict(one.wanted)
    row = {"at": one.at.isoformat(), "cluster": one.cluster, "wanted": wanted}
    return row | {"by_hand": one.by_hand}


def _setting(row: dict[str, Any]) -> Setting:
    at = datetime.fromisoformat(row["at"])
    return Setting(at, row["cluster"], row["wanted"], row["by_hand"])

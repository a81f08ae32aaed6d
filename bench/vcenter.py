"""A pull from a real vcsim with 10 and with 2,000 VMs: its round trips and its time.

Aim: as many round trips with 2,000 VMs as with 10.
"""

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from unittest.mock import patch

from pytest import skip  # noqa: PT013  the peer skips with it where Go is not there

from sources.access import Window
from sources.deadline import Deadline
from sources.vcenter import pull
from sources.vcenter.properties import read_estate
from sources.vcenter.session import Session
from sources.vcenter.wanted import Wanted
from tests.peers.vcsim import Vcsim, snapshot_and_back, vcsim

SIZES = (10, 2000)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one pull."""

    calls: int
    seconds: float


def main() -> bool:
    """Print the figures; True when the aim is met."""
    try:
        few, many = (_measured(size) for size in SIZES)
    except skip.Exception as reason:
        print(f"skipped: {reason}")
        return True
    for size, figures in zip(SIZES, (few, many), strict=True):
        print(f"{size:5} VMs: {figures.calls} round trips, {figures.seconds:.2f} s")
    print(
        f"ratio: round trips {many.calls / few.calls:.2f} (aim 1.00), "
        f"time {many.seconds / few.seconds:.1f}"
    )
    return many.calls == few.calls


def _measured(size: int) -> Figures:
    with (
        tempfile.TemporaryDirectory() as folder,
        vcsim(Path(folder), f"-vm={size}", "-host=1") as peer,
    ):
        with peer.session() as session:
            names = [vm.name for vm in read_estate(session).vms[:4]]
            for vm in read_estate(session).vms[:4]:
                snapshot_and_back(session, vm.ref)
        return min((_pulled(peer, names) for _ in range(3)), key=lambda f: f.seconds)


def _pulled(peer: Vcsim, names: list[str]) -> Figures:
    """Pull four VMs, and count what the stub of the session counted."""
    sessions: list[Session] = []

    class Counted(Session):
        def __enter__(self) -> Self:
            sessions.append(self)
            return super().__enter__()

    now = datetime.now(UTC)
    window = Window(now - timedelta(minutes=35), now)
    began = time.perf_counter()
    with patch.object(pull, "Session", Counted):
        pull.pull_vcenter(peer.access(), Wanted.vms(tuple(names)), window, Deadline.after(60))
    return Figures(sessions[0].calls, time.perf_counter() - began)

"""One night of a stand-in Veeam server: a job that backs up SQL01 and others."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sources.access import Window
from sources.findings import Findings
from sources.pulled import Pulled
from sources.veeam.answers import read_veeam
from sources.veeam.wish import WantedVm
from tests.peers.veeam_model import VeeamModel
from tests.peers.veeam_server import VeeamServer
from verdict.clock import Clock

NIGHT = (datetime.now(UTC) - timedelta(hours=6)).replace(minute=0, second=0, microsecond=0)
"""When the removal of the snapshot began; hours ago, for nobody asks about the future."""

MINUTE = timedelta(minutes=1)
WINDOW = Window(NIGHT - 30 * MINUTE, NIGHT + 5 * MINUTE)
REMOVAL = timedelta(seconds=43)
SQL01 = WantedVm("SQL01", "vm-101", "vcenter01.tech.local")


def model(revision: tuple[int, int, int] = (1, 3, 1), **clock: object) -> VeeamModel:
    """Make the night: SQL Nightly backs up SQL01 and FILE07, Archive runs by day."""
    made = VeeamModel(revision, ahead=timedelta())
    for name, value in clock.items():
        setattr(made, name, value)
    nightly = made.run("SQL Nightly", NIGHT - 10 * MINUTE, NIGHT + 10 * MINUTE)
    made.back_up(nightly, "SQL01", NIGHT - timedelta(seconds=70), REMOVAL)
    made.back_up(nightly, "FILE07", NIGHT - 5 * MINUTE, REMOVAL)
    made.run("Archive", NIGHT - 600 * MINUTE, NIGHT - 500 * MINUTE)
    made.protect("SQL01", "vm-101")
    made.protect("FILE07", "vm-207")
    return made


def server(folder: Path, revision: tuple[int, int, int] = (1, 3, 1)) -> VeeamServer:
    """Make a server that had this night; it is still to be entered."""
    return VeeamServer(folder, model(revision))


def read(pulled: Pulled) -> Findings:
    """Read what was pulled by the parser that reads a bundle."""
    clock = Clock("veeam", pulled.clocks.get("veeam"))
    veeam = pulled.veeam
    return read_veeam(veeam.sessions, veeam.task_sessions, veeam.logs, clock)


def whys(pulled: Pulled) -> str:
    """Say every gap in one text."""
    return "\n".join(f"{g.source} {g.subject}: {g.why}. {g.remedy}" for g in pulled.gaps)

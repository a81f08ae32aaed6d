"""Thirty nights of backups that cost no failover, as vmware.log, vCenter and Veeam tell of them.

Stuns are drawn log-normal, as measured ones are: most of them short, a few long.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from demo.quiet import quiet, stamp
from demo.site import Home
from sources.access import Window
from sources.material import Material, VCenterAnswers, VeeamAnswers
from sources.raw import RawFile

NIGHTS = 30
RUN = timedelta(hours=4)
"""No run of a job lasts longer, a recorded one neither."""
HURRY = timedelta(minutes=30)
"""Between two VMs of a job, so that one is done at a time."""

CREATED, REMOVED = (0.30, 0.25), (0.80, 0.40)
"""Median in seconds and spread of the stuns of a creation and of a removal."""
LONGEST = 4.0
"""Seconds; longer ones are put in on purpose."""

CONSOLIDATION = (90, 500)
"""Seconds that the removal of a snapshot takes; the stun stands near its end."""

NEAR = 3
"""Nights in which the first node comes close to the edge, where heartbeats are the edge."""
CLOSE = (5.3, 8.6)
"""Seconds of such a stun."""
EDGE = 10_000
"""Milliseconds tolerated by Windows Server 2016: more than half of it is a near miss."""

USER = "CORP\\svc-veeam"
SNAPSHOT = "VEEAM BACKUP TEMPORARY SNAPSHOT"
PROXY = "Using backup proxy VEEAMPRX01 for disk Hard disk 1 [hotadd]"


@dataclass(frozen=True, slots=True)
class Night:
    """One VM's part in one run of the job, UTC.

    The removal of its snapshot lasts `lasts`; `created` and `removed` are stuns, in seconds.
    """

    vm: str
    create: datetime
    remove: datetime
    lasts: timedelta
    created: float
    removed: float

    @property
    def steps(self) -> tuple[tuple[datetime, datetime, str], ...]:
        """Give the beginning, end and title of each of Veeam's steps."""
        taken, gone = self.create + seconds(6 + self.created), self.remove + self.lasts
        return (
            (self.create - seconds(4), self.create - seconds(1), "Getting VM info from vSphere"),
            (self.create, taken, "Creating VM snapshot"),
            (taken + seconds(1), taken + seconds(2), PROXY),
            (taken + seconds(3), self.remove - seconds(1), "Hard disk 1 (460 GB)"),
            (self.remove, gone, "Removing VM snapshot"),
        )


@dataclass(slots=True)
class Nights:
    """All nights of one cluster before `now`, UTC, but for those of its `troubles`."""

    home: Home
    now: datetime
    rng: Random
    troubles: tuple[datetime, ...] = ()
    job: str = field(init=False)
    every: list[Night] = field(init=False)

    def __post_init__(self) -> None:
        recorded = self.home.recorded()
        first = json.loads(recorded.veeam.sessions or b"")["data"][0]
        pace = recorded.cluster.properties
        self.job = first["name"]
        begun = datetime.fromisoformat(first["creationTime"]).astimezone(UTC)
        close = pace["SameSubnetDelay"] * pace["SameSubnetThreshold"] <= EDGE
        self.every = list(self._nights(begun, NEAR if close else 0))

    def material(self) -> Material:
        """Give what a pull of all those nights would have found. Raises UserError, OSError."""
        span = Window(self.now - timedelta(days=NIGHTS), self.now)
        calm = quiet(self.home, span)
        inventory = json.loads(calm.vcenter.inventory or b"[]")
        entities = {row["name"]: row["moref"] for row in inventory}
        tasks = [row for night in self.every for row in _tasks(night, entities[night.vm])]
        return replace(
            calm,
            vms={vm: (self._log(vm, calm),) for vm in calm.vms},
            vcenter=VCenterAnswers(calm.vcenter.inventory, json.dumps(tasks).encode(), b"[]"),
            veeam=self._veeam(),
        )

    def _nights(self, like: datetime, near: int) -> Iterator[Night]:
        """Draw every night; the job begins at the time of day it was recorded at."""
        last = datetime.combine(self.now.date(), like.timetz())
        begun = [last - timedelta(days=ago) for ago in range(NIGHTS - 1, -1, -1)]
        kept = [at for at in begun if at + RUN <= self.now and not self._troubled(at)]
        close = self.rng.sample(kept, near)
        for run in kept:
            begin = run
            for vm in self.home.names.vms:
                begin += HURRY + timedelta(seconds=self.rng.uniform(0, 600))
                edge = run in close and vm == self.home.names.vms[0]
                yield Night(
                    vm,
                    create=begin,
                    remove=begin + timedelta(seconds=self.rng.uniform(300, 1100)),
                    lasts=timedelta(seconds=self.rng.uniform(*CONSOLIDATION)),
                    created=self._drawn(*CREATED),
                    removed=self.rng.uniform(*CLOSE) if edge else self._drawn(*REMOVED),
                )

    def _troubled(self, run: datetime) -> bool:
        """Whether another story tells of that night already."""
        return any(run <= trouble <= run + RUN for trouble in self.troubles)

    def _drawn(self, median: float, spread: float) -> float:
        return min(self.rng.lognormvariate(math.log(median), spread), LONGEST)

    def _log(self, vm: str, calm: Material) -> RawFile:
        """Write the log between the quiet one's first and last line."""
        (file,) = calm.vms[vm]
        with file.open() as stream:
            first, last = stream.read().decode().splitlines()
        mine = (line for night in self.every if night.vm == vm for line in _lines(night))
        return RawFile.in_memory(file.name, "\n".join([first, *mine, last, ""]).encode())

    def _veeam(self) -> VeeamAnswers:
        """Write a run for each night, and a part of it for each VM."""
        sessions, parts, logs = [], [], {}
        width = len(self.home.names.vms)
        for own in (self.every[n : n + width] for n in range(0, len(self.every), width)):
            run = self._ident()
            ends = own[0].steps[0][0] - seconds(20), own[-1].steps[-1][1] + seconds(20)
            sessions.append(_row(run, ends) | {"sessionType": "BackupJob", "name": self.job})
            for night in own:
                part = self._ident()
                whole = night.steps[0][0], night.steps[-1][1] + seconds(3)
                kind = {"type": "Backup", "sessionType": "BackupJob"}
                parts.append(_row(part, whole) | kind | {"name": night.vm, "sessionId": run})
                logs[part] = json.dumps({"records": [_record(*step) for step in night.steps]})
        return VeeamAnswers(
            json.dumps({"data": sessions}).encode(),
            json.dumps({"data": parts}).encode(),
            {part: log.encode() for part, log in logs.items()},
        )

    def _ident(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))


def seconds(count: float) -> timedelta:
    """Give a duration, in whole milliseconds as logs do."""
    return timedelta(milliseconds=round(count * 1000))


def _lines(night: Night) -> Iterator[str]:
    """Write what vmware.log says of a creation and a removal, stamped at the end of each stun."""
    create = f"SnapshotVMX_TakeSnapshot start: '{SNAPSHOT}', deviceState=0, lazy=0, quiesced=1"
    done = f"SnapshotVMXTakeSnapshotComplete: Done with snapshot '{SNAPSHOT}': 57"
    yield _line(night.create, "vmx", create)
    yield from _stun(night.create + seconds(5), night.created)
    yield _line(night.create + seconds(5.5 + night.created), "vcpu-0", done)
    begun = "SnapshotVMX_Consolidate: Starting online snapshot consolidate operation."
    yield _line(night.remove, "vmx", begun)
    gone = night.remove + night.lasts - seconds(1)
    yield from _stun(gone - seconds(0.5 + night.removed), night.removed)
    yield _line(gone, "vcpu-0", "SnapshotVMXConsolidateOnlineCB: Done with consolidate")
    said = (
        "ConsolidateEnd: Snapshot consolidate complete: The operation completed successfully (0)."
    )
    yield _line(gone + seconds(1), "vcpu-0", said)


def _stun(start: datetime, length: float) -> Iterable[str]:
    took = f"Checkpoint_Unstun: vm stopped for {round(length * 1e6)} us"
    return (
        _line(start, "vcpu-0", "Closing all the disks of the VM."),
        _line(start + seconds(length), "vcpu-0", took),
    )


def _line(at: datetime, thread: str, text: str) -> str:
    return f"{stamp(at)} In(05) {thread} - {text}"


def _tasks(night: Night, entity: str) -> Iterator[dict[str, str]]:
    """Give vCenter's two tasks."""
    kinds = (
        ("VirtualMachine.createSnapshot", "CreateSnapshot_Task", night.steps[1]),
        ("vm.Snapshot.remove", "RemoveSnapshot_Task", night.steps[-1]),
    )
    for kind, name, (start, end, _) in kinds:
        yield {
            "entity": entity, "entityName": night.vm, "descriptionId": kind, "name": name,
            "userName": USER, "queueTime": stamp(start), "startTime": stamp(start),
            "completeTime": stamp(end), "state": "success",
        }  # fmt: skip


def _row(ident: str, span: tuple[datetime, datetime]) -> dict[str, object]:
    """Give what a session and a task session have in common."""
    result = {"result": "Success", "message": "Success", "isCanceled": False}
    return {
        "id": ident, "state": "Stopped", "creationTime": stamp(span[0]), "endTime": stamp(span[1]),
        "result": result,
    }  # fmt: skip


def _record(start: datetime, end: datetime, title: str) -> dict[str, str]:
    return {
        "status": "Succeeded", "title": title, "startTime": stamp(start), "updateTime": stamp(end),
    }  # fmt: skip

"""Veeam's REST answers: sessions, task sessions and task logs, in the shapes of 1.1 to 1.3."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random
from uuid import UUID

from tests.simulation.clock import Clock, seconds


def identity(rng: Random) -> str:
    """Return a UUID drawn from the seed."""
    return str(UUID(int=rng.getrandbits(128), version=4))


@dataclass(slots=True)
class Steps:
    """One VM's way through a job: true times of its snapshot's creation and removal."""

    vm: str
    transport: str
    create: tuple[datetime, datetime]
    remove: tuple[datetime, datetime]


@dataclass(slots=True)
class Veeam:
    """One backup server: its clock, its time zone and its REST revision ("1.1", "1.2", "1.3")."""

    clock: Clock
    hours: int
    revision: str
    rng: Random
    sessions: list[dict[str, object]] = field(default_factory=list)
    tasks: list[dict[str, object]] = field(default_factory=list)
    logs: dict[str, dict[str, object]] = field(default_factory=dict)

    def run(self, job: str, steps: list[Steps], end: datetime | None = None) -> None:
        """Record one run of a job over these VMs; a later `end` is the whole session's."""
        session, number = identity(self.rng), identity(self.rng)
        start = min(step.create[0] for step in steps) - seconds(self.rng.uniform(30, 60))
        stop = max([step.remove[1] for step in steps] + ([end] if end else [])) + seconds(25)
        old = self.revision == "1.1"
        self.sessions.append(
            {
                "sessionType": "Job" if old else "BackupJob",
                "state": "Stopped",
                "id": session,
                "name": job,
                "activityId" if old else "jobId": number,
                "creationTime": self.aware(start),
                "endTime": self.aware(stop),
                "progressPercent": 100,
                "result": {"result": "Success", "message": "Success", "isCanceled": False},
                "resourceId": number,
                "resourceReference": f"/api/v1/jobs/{number}",
                "parentSessionId": None,
                "usn": self.rng.randrange(1000, 99999),
            }
        )
        if not old:
            for step in steps:
                self._task(session, step)

    def _task(self, session: str, step: Steps) -> None:
        number = identity(self.rng)
        begin, stop = step.create[0] - seconds(18), step.remove[1] + seconds(4)
        self.tasks.append(
            {
                "algorithm": "Increment",
                "state": "Stopped",
                "name": step.vm,
                "restorePointId": identity(self.rng),
                "repositoryId": identity(self.rng),
                "usn": self.rng.randrange(1000, 99999),
                "result": {"result": "Success", "message": "", "isCanceled": False},
                "progress": {
                    "bottleneck": "Source",
                    "duration": str(timedelta(seconds=int((stop - begin).total_seconds()))),
                    "processingRate": "53.7 MB",
                    "processedSize": 21474836480,
                    "readSize": 823132160,
                    "transferedSize": 301203000,
                },
                "type": "Backup",
                "sessionType": "BackupJob",
                "id": number,
                "sessionId": session,
                "creationTime": self.naive(begin),
                "endTime": self.naive(stop),
            }
        )
        self.logs[number] = self._log(begin, stop, step)

    def _log(self, begin: datetime, stop: datetime, step: Steps) -> dict[str, object]:
        moved = step.create[1] + seconds(1)
        rows = [
            (begin, begin, f"Queued for processing at {self.local(begin):%m/%d/%Y %I:%M:%S %p}"),
            (
                begin,
                begin + seconds(2),
                "Required backup infrastructure resources have been assigned",
            ),
            (begin + seconds(2), begin + seconds(6), "Getting VM info from vSphere"),
            (step.create[0], step.create[1], "Creating VM snapshot"),
            (moved, moved + seconds(2), f"Saving [VSAN01] {step.vm}/{step.vm}.vmx"),
            (
                moved + seconds(1),
                moved + seconds(2),
                f"Using backup proxy VMware Backup Proxy for disk Hard disk 1 [{step.transport}]",
            ),
            (moved + seconds(3), step.remove[0] - seconds(1), "Hard disk 1 (20 GB)"),
            (step.remove[0], step.remove[1], "Removing VM snapshot"),
            (step.remove[1] + seconds(1), stop, "Finalizing"),
            (stop, stop, f"Processing finished at {self.local(stop):%m/%d/%Y %I:%M:%S %p}"),
        ]
        records: list[dict[str, object]] = []
        for order, (since, until, title) in enumerate(rows):
            row: dict[str, object] = {
                "id": 20240 + order,
                "status": "Succeeded",
                "startTime": self.aware(since),
                "updateTime": self.aware(until),
                "title": title,
                "description": "785 MB read at 107 MB/s [CBT]" if title.startswith("Hard") else "",
            }
            if self.revision == "1.3":
                row["additionalInfo"] = ""
            records.append(row)
        self.rng.shuffle(records)  # the API does not keep the order of time, facts 3.2
        return {"totalRecords": len(records), "records": records}

    def aware(self, moment: datetime) -> str:
        """Return VBR-local time with its offset, as sessions and log records carry it."""
        return self.local(moment).isoformat()

    def local(self, moment: datetime) -> datetime:
        """Return the server's clock reading in its own time zone."""
        return self.clock.stamp(moment).astimezone(timezone(timedelta(hours=self.hours)))

    def naive(self, moment: datetime) -> str:
        """Return VBR-local time without offset, as task sessions carry it."""
        return self.local(moment).replace(tzinfo=None).isoformat()

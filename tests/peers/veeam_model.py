"""What a stand-in Veeam server knows: runs of jobs, each VM's part in them, and their logs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid5

HOUSE = UUID("5bd0b3a2-70f5-4d3c-9f05-3a1c0c1f6f11")
"""Every id of the stand-in is drawn from this one and a counter, so runs are alike."""

EMPTY = "00000000-0000-0000-0000-000000000000"


@dataclass(slots=True)
class Step:
    """A line of a log. `end` is None while it runs."""

    title: str
    start: datetime
    end: datetime | None
    description: str = ""


@dataclass(slots=True)
class Task:
    """One VM's part in a run; true times in UTC. `end` is None while it runs."""

    id: str
    session: "Run"
    vm: str
    start: datetime
    end: datetime | None
    steps: list[Step]
    kind: str = "Backup"


@dataclass(slots=True)
class Run:
    """One session: a run of a job. `end` is None while it runs."""

    id: str
    job: str
    start: datetime
    end: datetime | None
    kind: str = "BackupJob"
    state: str = "Stopped"
    tasks: list[Task] = field(default_factory=list)

    @property
    def steps(self) -> list[Step]:
        """The lines of the job's own log: it names its VMs, and no snapshot."""
        vms = [Step(f"Processing {task.vm}", task.start, task.end) for task in self.tasks]
        return [Step("Job started", self.start, self.start), *vms]


@dataclass(slots=True)
class VeeamModel:
    """One server's knowledge and clock. `revision` is the newest that it speaks."""

    revision: tuple[int, int, int] = (1, 3, 1)
    hours: int = 1
    """Its time zone, as an offset from UTC."""
    ahead: timedelta = timedelta(0)
    """How far its clock runs ahead of UTC."""
    runs: list[Run] = field(default_factory=list)
    objects: list[dict[str, object]] = field(default_factory=list)
    _count: int = 0

    def run(self, job: str, start: datetime, end: datetime | None, kind: str = "BackupJob") -> Run:
        """Add a run of a job."""
        kind = "Job" if self.revision < (1, 2, 0) and kind == "BackupJob" else kind
        run = Run(self.identity(), job, start, end, kind, "Stopped" if end else "Working")
        self.runs.append(run)
        return run

    def back_up(self, run: Run, vm: str, start: datetime, removal: timedelta | None) -> Task:
        """Add a VM to a run: snapshot after 5 s, disks for a minute, removal of that length.

        Without a length the removal is still running.
        """
        created, read = start + timedelta(seconds=5), start + timedelta(seconds=70)
        removed = read + removal if removal is not None else None
        end = removed + timedelta(seconds=4) if removed else None
        proxy = "Using backup proxy VMware Backup Proxy for disk Hard disk 1 [hotadd]"
        steps = [
            Step("Removing VM snapshot", read, removed),
            Step("Creating VM snapshot", created, created + timedelta(seconds=2)),
            Step(proxy, created + timedelta(seconds=3), created + timedelta(seconds=4)),
            Step("Hard disk 1 (20 GB)", created + timedelta(seconds=5), read, "785 MB read"),
        ]
        task = Task(self.identity(), run, vm, start, end, steps)
        run.tasks.append(task)
        return task

    def protect(self, name: str, moref: str, vcenter: str = "vcenter01.tech.local") -> None:
        """Add a backup object."""
        self.objects.append(
            {
                "platformName": "VMware",
                "id": self.identity(),
                "name": name,
                "type": "VM",
                "platformId": EMPTY,
                "restorePointsCount": 7,
                "viType": "VirtualMachine",
                "objectId": moref,
                "path": f"{vcenter}\\Atlanta\\esx04.tech.local\\{name}",
            }
        )

    def identity(self) -> str:
        """Draw an id."""
        self._count += 1
        return str(uuid5(HOUSE, str(self._count)))

    @property
    def tasks(self) -> list[Task]:
        """Every VM's part in every run."""
        return [task for run in self.runs for task in run.tasks]

    def now(self) -> datetime:
        """Read the server's clock, in its own time zone."""
        return self.local(datetime.now(UTC))

    def local(self, moment: datetime) -> datetime:
        """Say what the server's clock showed at a true moment."""
        return (moment + self.ahead).astimezone(timezone(timedelta(hours=self.hours)))

    def session_row(self, run: Run) -> dict[str, object]:
        """Show a session; until 1.1 its job is an "activity"."""
        job = str(uuid5(HOUSE, run.job))
        return {
            "sessionType": run.kind,
            "state": run.state,
            "id": run.id,
            "name": run.job,
            "jobId" if self.revision >= (1, 2, 0) else "activityId": job,
            "creationTime": self.local(run.start).isoformat(),
            "endTime": self.local(run.end).isoformat() if run.end else None,
            "progressPercent": 100 if run.end else 42,
            "result": {"result": "Success", "message": "Success", "isCanceled": False},
            "resourceId": job,
            "resourceReference": f"/api/v1/jobs/{job}",
            "parentSessionId": None,
            "usn": 0,
        }

    def task_row(self, task: Task) -> dict[str, object]:
        """Show a task session: without an offset in its times, as in every example of Veeam's."""
        return {
            "algorithm": "Increment",
            "state": "Stopped" if task.end else "Working",
            "name": task.vm,
            "repositoryId": EMPTY,
            "usn": 171783,
            "result": {"result": "Success", "message": "", "isCanceled": False},
            "progress": self._progress(),
            "type": task.kind,
            "sessionType": task.session.kind,
            "id": task.id,
            "sessionId": task.session.id,
            "creationTime": self._naive(task.start),
            "endTime": self._naive(task.end) if task.end else None,
        }

    def log(self, steps: list[Step]) -> dict[str, object]:
        """Show a log, not in the order of time."""
        records = [self._record(number, step) for number, step in enumerate(steps, start=20247)]
        return {"totalRecords": len(records), "records": records}

    def _record(self, number: int, step: Step) -> dict[str, object]:
        record: dict[str, object] = {
            "id": number,
            "status": "Succeeded" if step.end else "None",
            "startTime": self.local(step.start).isoformat(),
            "updateTime": self.local(step.end or step.start).isoformat(),
            "title": step.title,
            "description": step.description,
        }
        return record | ({"additionalInfo": ""} if self.revision >= (1, 3, 1) else {})

    def _naive(self, moment: datetime) -> str:
        return self.local(moment).replace(tzinfo=None).isoformat()

    def _progress(self) -> dict[str, object]:
        """Until 1.3-rev1 the examples spell the amount with one r, the schema with two."""
        moved = {"transferredSize": 301203000}
        if self.revision < (1, 3, 2):
            moved["transferedSize"] = 301203000
        return {
            "bottleneck": "Source",
            "duration": "00:01:17",
            "processingRate": "53.7 MB",
            "processedSize": 21474836480,
            "readSize": 823132160,
            "progressPercent": 100,
            **moved,
        }

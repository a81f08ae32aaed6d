"""A virtual machine and its vmware.log, written by the ESXi host it runs on."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from tests.simulation.clock import Clock, seconds

CPT_EXTRA = 0.029  # seconds; the CPT line of 8.x ends so much later, facts/vmware-log.md section 1


@dataclass(slots=True)
class Host:
    """An ESXi host; its clock stamps the logs of its VMs."""

    name: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Stun:
    """The time in which a VM was not run, in true UTC."""

    vm: str
    start: datetime
    length: float


@dataclass(slots=True)
class Vm:
    """One VM: what its log says, where its log was rotated, which host wrote it from when on."""

    name: str
    moref: str
    host: Host
    style: str  # "bare" (5.0), "coded" (5.5 to 7), "new" (8.x)
    born: datetime
    guest: str = ""
    datastore: tuple[str, str] = ("VSAN01", "vsan")
    lines: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    moves: list[tuple[datetime, Host]] = field(default_factory=list)
    rotations: list[datetime] = field(default_factory=list)
    off: list[tuple[datetime, datetime]] = field(default_factory=list)
    stuns: list[Stun] = field(default_factory=list)

    def say(self, at: datetime, thread: str, text: str, op: str = "-") -> None:
        """Write one line at a true moment."""
        self.lines.append((at, thread, text, op))

    def stun(self, rng: Random, start: datetime, length: float) -> Stun:
        """Stop the VM and write the lines around it; return the stun as a reader measures it."""
        end = start + seconds(length)
        serial = rng.randrange(10**15, 10**16)
        self.say(
            start - seconds(0.02), "vcpu-0", f"Destroying virtual dev for scsi0:0 vscsi={serial}"
        )
        self.say(start - seconds(0.01), "vcpu-0", "Closing all the disks of the VM.")
        self.say(start - seconds(0.01), "vcpu-0", "Closing disk 'scsi0:0'")
        if self.style == "bare":
            self.say(end, "vcpu-0", "CPT current = 2, requesting 6")
        micro = round(length * 1e6)
        self.say(end, "vcpu-0", f"Checkpoint_Unstun: vm stopped for {micro} us")
        shown = length
        if self.style == "new" and rng.random() < 0.85:
            shown = length + CPT_EXTRA
            text = f"CPT: vm was stunned for {micro + round(CPT_EXTRA * 1e6)} us"
            self.say(end + seconds(CPT_EXTRA), "vcpu-0", text)
        path = f"/vmfs/volumes/5f1c-77/{self.name}/{self.name}.vmdk"
        text = f"DISK: OPEN scsi0:0 '{path}' persistent R[]"
        self.say(end + seconds(0.04), "vcpu-0", text)
        found = Stun(self.name, start, shown)
        self.stuns.append(found)
        return found

    def host_at(self, moment: datetime) -> Host:
        """Return the host that wrote the log then."""
        current = self.host
        for since, host in self.moves:
            if since <= moment:
                current = host
        return current

    def files(self, read_at: datetime) -> dict[str, str]:
        """Return file name -> text: vmware.log and the rotated ones, the highest the newest."""
        parts: list[list[str]] = [[] for _ in range(len(self.rotations) + 1)]
        for at, thread, text, op in sorted(self.lines, key=lambda line: line[0]):
            if at > read_at or any(a <= at < b for a, b in self.off) or self._stopped(at):
                continue
            parts[sum(1 for turn in self.rotations if turn <= at)].append(
                self._line(at, thread, text, op)
            )
        names = [f"vmware-{number + 3}.log" for number in range(len(self.rotations))]
        return {
            name: "\n".join(part) + "\n"
            for name, part in zip([*names, "vmware.log"], parts, strict=True)
            if part
        }

    def _stopped(self, at: datetime) -> bool:
        return any(
            s.start < at < s.start + seconds(s.length - CPT_EXTRA - 0.001) for s in self.stuns
        )

    def _line(self, at: datetime, thread: str, text: str, op: str) -> str:
        stamp = self.host_at(at).clock.stamp(at)
        when = f"{stamp:%Y-%m-%dT%H:%M:%S}.{stamp.microsecond // 1000:03d}Z"
        if self.style == "new":
            return f"{when} In(05) {thread} {op} {text}"
        code = "" if self.style == "bare" else "I120: "
        return f"{when}| {thread}| {code}{text}"

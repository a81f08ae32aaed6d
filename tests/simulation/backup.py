"""A nightly backup of VMs: snapshots created and removed, with the stuns and freezes they cost."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.simulation import sqlserver
from tests.simulation.clock import seconds
from tests.simulation.node import Node
from tests.simulation.veeam import Steps
from tests.simulation.vm import Stun, Vm
from tests.simulation.world import World

SNAPSHOT = "VEEAM BACKUP TEMPORARY SNAPSHOT"  # facts/vmware-log.md 3a


@dataclass(slots=True)
class Job:
    """One run of one job; add VMs, then close it."""

    world: World
    name: str = "SQL Nightly"
    transport: str = ""
    steps: list[Steps] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.transport = self.transport or self.world.rng.choice(["hotadd", "nbd", "san"])

    def back_up(
        self,
        vm: Vm,
        create: datetime,
        remove: tuple[datetime, datetime],
        stuns: list[tuple[datetime, float]],
        *,
        create_stun: float = 0.0,
        stun_late: float = 1.5,
    ) -> list[Stun]:
        """Put one VM through the job; `stuns` are those of the removal; return all, create first.

        The freeze of a SQL guest stands before the create stun, which begins `stun_late` s in.
        """
        length = create_stun or self.world.between(0.05, 0.6)
        node = self._node(vm)
        end = create + seconds(stun_late + length + self.world.between(0.3, 1.5))
        found = [self._create(vm, node, create, create + seconds(stun_late), length, end)]
        found += self._remove(vm, node, remove, stuns)
        wide = seconds(0.4)
        self.steps.append(
            Steps(
                vm.name,
                self.transport,
                (create - wide, end + wide),
                (remove[0] - wide, remove[1] + wide),
            )
        )
        return found

    def quick(self, vm: Vm, create: datetime, minutes: float = 4.0) -> None:
        """Put a VM through the job harmlessly: all its stuns are short."""
        begin = create + seconds(minutes * 60)
        end = begin + seconds(self.world.between(4, 25))
        late = end - seconds(self.world.between(1.5, 3))
        self.back_up(vm, create, (begin, end), [(late, self.world.between(0.05, 0.4))])

    def close(self, end: datetime | None = None) -> None:
        """Give the job to Veeam."""
        self.world.veeam.run(self.name, self.steps, end)

    def _node(self, vm: Vm) -> Node | None:
        for node in self.world.cluster.nodes:
            if self.world.vm(node) is vm:
                return node
        return None

    def _create(
        self,
        vm: Vm,
        node: Node | None,
        begin: datetime,
        stunned: datetime,
        length: float,
        end: datetime,
    ) -> Stun:
        rng = self.world.rng
        op = f"vim-cmd-{rng.randrange(16**2):02x}-{rng.randrange(16**4):04x}"
        text = (
            f"SnapshotVMX_TakeSnapshot start: '{SNAPSHOT}', deviceState=0, lazy=0, "
            "quiesced=0, forceNative=0, tryNative=0, saveAllocMaps=0"
        )
        vm.say(begin + seconds(0.1), "vmx", text, op)
        found = vm.stun(rng, stunned, length)
        done = stunned + seconds(length + 0.15)
        vm.say(
            done,
            "vcpu-0",
            (
                f"SnapshotVMXTakeSnapshotComplete: Done with snapshot '{SNAPSHOT}': "
                f"{rng.randrange(99, 999)}"
            ),
        )
        if node:
            node.freeze(stunned, length)
            lead = min(self.world.between(0.8, 1.2), (stunned - begin).total_seconds() - 0.1)
            sqlserver.freeze(self.world.cluster, node, stunned - seconds(lead), lead + length + 0.3)
        what = rng.choice(["VirtualMachine.createSnapshot", "VirtualMachine.createSnapshotEx"])
        self.world.vcenter.task(vm, what, begin, end, self.world.vcenter.backup_user)
        return found

    def _remove(
        self,
        vm: Vm,
        node: Node | None,
        span: tuple[datetime, datetime],
        stuns: list[tuple[datetime, float]],
    ) -> list[Stun]:
        rng = self.world.rng
        if self.world.chance(0.7):
            text = "SnapshotVMX_Consolidate: Starting online snapshot consolidate operation."
            vm.say(span[0] + seconds(0.1), "vmx", text)
        found = []
        for start, length in stuns:
            fid = rng.randrange(10**6, 10**7)
            text = f"DISKLIB-CBT : Shutting down change tracking for untracked fid {fid}."
            vm.say(start - seconds(0.03), "vcpu-0", text)
            found.append(vm.stun(rng, start, length))
            if node:
                node.freeze(start, length)
        text = "SnapshotVMXConsolidateOnlineCB: Done with consolidate"
        if vm.style == "new":
            text = (
                "ConsolidateEnd: Snapshot consolidate complete: The operation completed "
                "successfully (0)."
            )
        vm.say(span[1] - seconds(0.1), "vcpu-0", text)
        what = rng.choice(["vm.Snapshot.remove"] * 4 + ["VirtualMachine.removeAllSnapshots"])
        user = self.world.vcenter.backup_user
        self.world.vcenter.task(vm, what, span[0], span[1], user)
        return found

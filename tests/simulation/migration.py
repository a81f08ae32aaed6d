"""vMotion of a node: tasks, events and both hosts' vmware.log lines (facts/vmware-log.md 3c)."""

from datetime import datetime

from tests.simulation.clock import seconds
from tests.simulation.node import Node
from tests.simulation.vm import Stun
from tests.simulation.world import World


def migrate(world: World, node: Node, start: datetime, length: float, *, failed: bool) -> Stun:
    """Move the node's VM so that the switchover stuns it; `failed` leaves it on its host."""
    vm, rng = world.vm(node), world.rng
    old, new = vm.host, next(h for h in world.hosts if h is not vm.host)
    end = start + seconds(length)
    begin = start - seconds(world.between(8, 90))
    number = rng.randrange(10**18, 10**19)
    opid = f"lgfd{rng.randrange(16**3):03x}-18745-auto-egq-h5:70005734-88-01-39-6b81"
    text = (
        f"VigorTransportProcessClientPayload: opID={opid} seq=10304: Receiving "
        "Migrate.PrepareSource request."
    )
    vm.say(begin, "vmx", text)
    text = (
        f"Received migrate 'to' request for mid id {number}, src ip <192.168.1.22>, "
        "dst ip <192.168.1.23>(invalidate source config)."
    )
    vm.say(begin + seconds(0.1), "vmx", text)
    vm.say(begin + seconds(0.1), "vmx", "MigrateSetState: Transitioning from state 0 to 1.")
    text = "Migrate: VM starting stun, waiting 100 seconds for go/no-go message."
    vm.say(start - seconds(0.03), "vmx", text)
    vm.say(start - seconds(0.001), "vcpu-0", "Migrate: VM successfully stunned")
    if failed:
        _stays(world, vm.name, end, node)
    else:
        turn = start - seconds(0.0005)
        vm.rotations.append(turn)
        vm.moves.append((turn, new))
        text = f"Migrate_Open: Restoring from <10.0.0.2> with migration id {number}"
        vm.say(start, "vmx", text)
        text = (
            "MigrateSetState: Transitioning from state MIGRATE_FROM_VMX_WAIT (9) to "
            "MIGRATE_FROM_VMX_FINISHED (11)."
        )
        vm.say(end - seconds(0.0005), "vmx", text)
    found = vm.stun(rng, start, length)
    user = None if world.chance(0.5) else r"CORP\ops3"
    what = "Drm.ExecuteVMotionLRO"
    if user:
        what = rng.choice(["VirtualMachine.migrate", "VirtualMachine.relocate"])
    world.vcenter.task(vm, what, begin - seconds(1), end + seconds(0.6), user)
    if failed:
        world.vcenter.tasks[-1]["state"] = "error"
    _events(world, node, (begin, end), (old.name, new.name), failed=failed)
    return found


def _stays(world: World, name: str, end: datetime, node: Node) -> None:
    vm = world.vm(node)
    text = (
        "MigrateSetState: Transitioning from state MIGRATE_TO_VMX_WAIT_HANDSHAKE "
        "(5) to MIGRATE_TO_VMX_FINISHED (6)."
    )
    vm.say(end + seconds(0.05), "vmx", text)
    text = (
        f"[msg.migrate.resume.fail] Migration of {name} failed; the virtual machine "
        "resumed on the source host."
    )
    vm.say(end + seconds(0.06), "vmx", text)


def _events(
    world: World,
    node: Node,
    span: tuple[datetime, datetime],
    hosts: tuple[str, str],
    *,
    failed: bool,
) -> None:
    vm = world.vm(node)
    text = f"Migrating {vm.name} from {hosts[0]} to {hosts[1]}"
    world.vcenter.event(span[0] - seconds(0.5), "VmBeingHotMigratedEvent", vm.name, hosts[0], text)
    late = span[1] + seconds(0.5)
    if failed:
        text = f"Failed to migrate {vm.name} from {hosts[0]} to {hosts[1]}"
        world.vcenter.event(late, "VmFailedMigrateEvent", vm.name, hosts[0], text)
        return
    text = f"{vm.name} has been migrated from {hosts[0]} to {hosts[1]}"
    kind = world.rng.choice(["VmMigratedEvent", "DrsVmMigratedEvent"])
    world.vcenter.event(late, kind, vm.name, hosts[1], text)

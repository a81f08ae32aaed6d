"""Real stuns in bundles with damaged files: never a crash, never a wrong clearance."""

from pathlib import Path
from random import Random

from tests.simulation import reaction
from tests.simulation.clock import seconds
from tests.simulation.kinds import Damage, Told, kind
from tests.simulation.night import alerted, choose_victim, fatal_length, removal
from tests.simulation.partial import ANY_STUN
from tests.simulation.truth import Answers, Expected, Truth, guilty
from tests.simulation.vm import Stun
from tests.simulation.world import World, build

MARKS = (b"Checkpoint_Unstun: vm stopped", b"CPT: vm was stunned")


def _stunned(world: World) -> tuple[str, Stun, Expected]:
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    length = max(fatal_length(world), world.cluster.tolerance + 0.4)
    stun = removal(world, victim, start, length)
    loss = reaction.stunned_out(world, victim, stun.start, length, lag="none")
    alerted(world, loss.removed)
    world.shown.cluster_log = False
    return victim.name, stun, guilty(loss.removed, stun, victim.name)


def _open(first: Expected, backup: Answers) -> tuple[Expected, ...]:
    return (Expected(first.at, backup, ANY_STUN, first.lost_node, (None, "heartbeat")),)


def _only_logs(world: World) -> None:
    world.shown.tasks = world.shown.sessions = False
    world.shown.task_sessions = world.shown.steps = False


def _in_log(world: World, name: str, change: Damage) -> Damage:
    folder = world.vms[name].name

    def damage(bundle: Path) -> None:
        change(bundle / "vms" / folder / "vmware.log")

    return damage


def _fatal_line(data: bytes, stun: Stun) -> int:
    """Return where the fatal stun's Checkpoint_Unstun line begins."""
    low = round(stun.length * 1e6)
    for micro in (low, low - 29000):
        found = data.find(f"vm stopped for {micro} us".encode())
        if found >= 0:
            return data.rfind(b"\n", 0, found) + 1
    raise ValueError("the fatal stun is not in the log")


@kind(2)
def cut_vmware_log(rng: Random) -> Told:
    """The copy of vmware.log ends in the middle of a line before the stun."""
    world = build(rng)
    name, stun, first = _stunned(world)
    _only_logs(world)

    def cut(path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(data[: _fatal_line(data, stun) - rng.randrange(400, 1500)])

    why = "Rules 5 and 9: the log ends before the failover."
    return Told(world, Truth(why, _open(first, ("unknown",))), _in_log(world, name, cut))


@kind(2)
def holes_in_vmware_log(rng: Random) -> Told:
    """A block of NULs lies over the stun; the log goes on behind it."""
    world = build(rng)
    name, stun, first = _stunned(world)
    _only_logs(world)

    def blank(path: Path) -> None:
        data = bytearray(path.read_bytes())
        middle = _fatal_line(bytes(data), stun)
        begin, end = max(0, middle - 700), min(len(data), middle + 900)
        data[begin:end] = bytes(end - begin)
        path.write_bytes(bytes(data))

    why = "Rules 5 and 9: what stood under the NULs was not read, so nothing is cleared."
    return Told(world, Truth(why, _open(first, ("unknown",))), _in_log(world, name, blank))


@kind(2)
def cut_tasks(rng: Random) -> Told:
    """tasks.json was cut; vmware.log is not there."""
    world = build(rng)
    _, _, first = _stunned(world)
    world.shown.vmware = False
    world.shown.sessions = world.shown.task_sessions = world.shown.steps = False

    def cut(bundle: Path) -> None:
        path = bundle / "vcenter" / "tasks.json"
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * rng.uniform(0.2, 0.7))])

    why = "Section 6: damaged input is a gap; the tasks that remain may still show the removal."
    return Told(world, Truth(why, _open(first, ("unknown", "suspected"))), cut)


@kind(2)
def cut_victim_events(rng: Random) -> Told:
    """The lost node's System export was cut; the survivors and vmware.log are whole."""
    world = build(rng, sizes=(3, 4, 5))
    name, _, first = _stunned(world)

    def cut(bundle: Path) -> None:
        path = bundle / "nodes" / name / "System.xml"
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * rng.uniform(0.1, 0.6))])

    why = "Rule 2: survivors and vmware.log are enough."
    return Told(world, Truth(why, (first,)), cut)


@kind(2)
def cut_survivor_events(rng: Random) -> Told:
    """The only survivor's System export was cut somewhere."""
    world = build(rng, sizes=(2,))
    name, _, first = _stunned(world)
    world.shown.named_failover = True
    survivor = next(n.name for n in world.cluster.nodes if n.name != name)

    def cut(bundle: Path) -> None:
        path = bundle / "nodes" / survivor / "System.xml"
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * rng.uniform(0.2, 0.8))])

    why = "Never cleared: the removal may be lost from the cut file, the stun is in vmware.log."
    each = Expected(
        first.at,
        ("caused", "suspected", "unknown"),
        ANY_STUN,
        (name, None, survivor),
        (None, "heartbeat", "lease"),
    )
    return Told(world, Truth(why, (each,)), cut)


@kind(2)
def cut_veeam_answers(rng: Random) -> Told:
    """Veeam's answers were cut; vmware.log measures the stun all the same."""
    world = build(rng)
    _, _, first = _stunned(world)

    def cut(bundle: Path) -> None:
        for path in (bundle / "veeam").rglob("*.json"):
            data = path.read_bytes()
            path.write_bytes(data[: int(len(data) * rng.uniform(0.2, 0.7))])

    why = "Rule 2: vmware.log and vCenter are whole."
    return Told(world, Truth(why, (first,)), cut)


@kind(1)
def garbled_unstun_line(rng: Random) -> Told:
    """The stun lines lost their figures; the lines around them are whole."""
    world = build(rng)
    name, _, first = _stunned(world)
    _only_logs(world)

    def garble(path: Path) -> None:
        rows = path.read_bytes().split(b"\n")
        kept = [
            row[: row.find(b"stun") + 4] if any(m in row for m in MARKS) else row for row in rows
        ]
        path.write_bytes(b"\n".join(kept))

    why = "Section 6: a cut line is a gap in what was read; disks were closed and opened there."
    return Told(world, Truth(why, _open(first, ("unknown",))), _in_log(world, name, garble))

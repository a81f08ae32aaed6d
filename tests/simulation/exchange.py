"""Exchange's HighAvailability channel: database moves (facts/cluster.md 2.8)."""

from datetime import datetime

from tests.simulation.clock import seconds
from tests.simulation.event import AVAILABILITY, Event
from tests.simulation.node import Node
from tests.simulation.veeam import identity
from tests.simulation.world import World

PROVIDER = "Microsoft-Exchange-HighAvailability"


def moves(
    world: World, old: Node, new: Node, at: datetime, *, reason: str, comment: str = ""
) -> None:
    """Write 306 and 308 for every database that moves from `old` to `new`, on the new PAM."""
    admin = reason in {"Cmdlet", "Rebalance"}
    for order in range(world.rng.randint(1, 4)):
        begin = at + seconds(0.8 * order)
        fields = (
            ("UniqueId", identity(world.rng)),
            ("DatabaseName", f"DB{order + 1:02d}"),
            ("DatabaseGuid", identity(world.rng)),
            ("ActionInitiator", "Admin" if admin else "Automatic"),
            ("ActionCategory", "Move"),
            ("ActionReason", reason),
            ("ActiveServer", f"{old.name}.{old.domain}"),
            ("TargetServer", f"{new.name}.{new.domain}"),
            ("MoveComment", comment),
        )
        for late, number in ((0.0, 306), (2.5, 308)):
            event = Event(
                begin + seconds(late), number, PROVIDER, AVAILABILITY, fields, 4, 0, user_data=True
            )
            new.events.append(event)

"""What Exchange's own log of database moves means: Microsoft-Exchange-HighAvailability.

A DAG has no cluster roles; its active manager moves databases and writes down why. One move
logs 306 when it begins and 307 (failed) or 308 (done) when it ends, all with the same operation
id as the first of their data.
"""

from sources.windows.event_meaning import Meaning, host
from sources.windows.event_xml import WindowsEvent
from verdict.sign import Kind

PROVIDER = "microsoft-exchange-highavailability"
MOVES = frozenset({306, 307, 308})

ASKED = frozenset({"cmdlet", "rebalance", "systemshutdown", "activationdisabled"})
"""ActionReason of a move somebody wanted (enum AmDbActionReason)."""
ASKED_BEFORE = frozenset({"adminmove", "switchover"})
"""ActionCategory of such a move in builds that log no ActionReason."""
ILL = frozenset({"failureitem", "catalogfailureitem", "managedavailability", "timeoutfailure"})
"""ActionReason of a move away from a database or server that failed by itself."""


def wants(provider: str, event_id: int) -> bool:
    """Tell whether this module reads such an event; the provider's name in lower case."""
    return provider == PROVIDER and event_id in MOVES


def meanings(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """Read one event that `wants` accepts: one move, and the illness where that is its reason."""
    del writer  # the active manager of the DAG writes it, whichever node that is
    reason = event.named("ActionReason") or event.named("ActionCategory")
    database = event.named("DatabaseName") or None
    server = host(event.named("ActiveServer"))
    about = f" (database {database}{f', active on {server}' if server else ''})" if database else ""
    operation = event.at(1) or None
    move = Meaning(_kind(event), database, reason or None, None, about, operation)
    if reason.casefold() in ILL:
        ill = f"{operation} ill" if operation else None
        return (move, Meaning(Kind.SOFTWARE_FAILED, database, reason, None, about, ill))
    return (move,)


def _kind(event: WindowsEvent) -> Kind:
    reason = event.named("ActionReason").casefold()
    if reason in {"", "none"}:
        asked = event.named("ActionCategory").casefold() in ASKED_BEFORE
        asked = asked or event.named("ActionInitiator").casefold() == "admin"
    else:
        asked = reason in ASKED
    return Kind.MOVE_ASKED if asked else Kind.DATABASE_MOVED

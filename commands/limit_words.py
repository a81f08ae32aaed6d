"""How limits, and stuns held against them, are said to people."""

from collections.abc import Sequence
from datetime import timedelta

from commands.reply import Cell, Payload, Share, Tone, Toned
from commands.wording import iso
from verdict.facts import Phase, Stun
from verdict.margin import Limit, Margin, Room
from verdict.verdict import Mechanism
from verdict.words import clock_time, milliseconds, seconds

NAMES = {
    Mechanism.HEARTBEAT: "Tolerance",
    Mechanism.LEASE: "Half of LeaseTimeout",
    Mechanism.HEALTH_CHECK: "HealthCheckTimeout",
    Mechanism.HANG_DETECTION: "ClusSvcHangTimeout",
}

BREAKS = {
    Mechanism.HEARTBEAT: "the cluster tolerates",
    Mechanism.LEASE: "the lease lasts",
    Mechanism.HEALTH_CHECK: "the health check waits",
    Mechanism.HANG_DETECTION: "hang detection waits",
}

DURING = {
    Phase.CREATE: "while a snapshot was created",
    Phase.REMOVE: "while a snapshot was removed",
    Phase.MIGRATION: "while it was migrated",
    Phase.OTHER: "during other work on the VM",
    Phase.UNKNOWN: "and the log does not say what for",
}

TONES = {Room.PLENTY: Tone.GREEN, Room.NEAR: Tone.YELLOW, Room.NONE: Tone.RED}


def against(longest: timedelta, limit: Limit) -> str:
    """Say a stun beside a limit: "12.4 s, the cluster tolerates 10.0 s"."""
    return f"{seconds(longest)}, {BREAKS[limit.mechanism]} {seconds(limit.length)}"


def limit_name(limit: Limit) -> str:
    """Name a limit; one that was not read says so."""
    return (
        NAMES[limit.mechanism] if limit.known else f"{NAMES[limit.mechanism]} (default, not read)"
    )


def share(length: timedelta, limit: Limit, *, failed: bool = False) -> tuple[Cell, Cell]:
    """Hold a length against a limit: a bar, and a word where it matters."""
    margin = Margin(limit, length)
    bar = Share(margin.used)
    if failed:
        return bar, Toned("failover", Tone.RED)
    if margin.room is Room.PLENTY:
        return bar, ""
    near = "near miss" if limit.mechanism is Mechanism.HEARTBEAT else "close"
    return bar, Toned("over" if margin.room is Room.NONE else near, TONES[margin.room])


def start_time(stun: Stun) -> str:
    """Say when a stun began, to the tenth of a second."""
    return f"{stun.start:%Y-%m-%d} {clock_time(stun.start)}"


def stun_entry(stun: Stun) -> Payload:
    """Give a stun to machines, with the keys of an incident's stun."""
    return {
        "vm": stun.vm,
        "start": iso(stun.start),
        "end": iso(stun.end),
        "ms": milliseconds(stun.duration),
        "phase": stun.phase.value,
        "snapshot": stun.snapshot,
    }


def limits_entry(margins: Sequence[Margin]) -> list[Payload]:
    """Give margins to machines."""
    return [
        {
            "mechanism": one.limit.mechanism.value,
            "ms": milliseconds(one.limit.length),
            "known": one.limit.known,
            "used": round(one.used, 4),
        }
        for one in margins
    ]


def count(number: int, one: str, many: str | None = None) -> str:
    """Say a number of things: "1 stun", "61 stuns"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"

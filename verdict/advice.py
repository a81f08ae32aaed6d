"""Advice: what to do next, by cause."""

from datetime import timedelta
from math import ceil

from verdict.brief import Brief
from verdict.facts import Backup
from verdict.rules import Opinion
from verdict.tolerance import Tolerance
from verdict.verdict import Advice, Blame, Cause, Mechanism
from verdict.words import milliseconds, seconds

STUNS = (Cause.SNAPSHOT_REMOVE_STUN, Cause.SNAPSHOT_CREATE_STUN, Cause.SNAPSHOT_STUN,
         Cause.MIGRATION_STUN)  # fmt: skip

MARGIN = 1.2
"""How much longer than the stun a tolerance should be, so that the next one is survived too."""

MOST_BEATS = 120
"""Largest SameSubnetThreshold and CrossSubnetThreshold that Microsoft allows (MSCS reference)."""

TOO_LONG = timedelta(seconds=40)
"""Beyond Microsoft's relaxed 40 x 1 s (HADR best practices), mend the backup instead."""

NFS_STUN = timedelta(seconds=30)
"""A removal stun this long with hot-add on NFS is Veeam KB1681's (facts: vmware-log 3e)."""

BY_CAUSE: dict[Cause, Advice] = {
    Cause.QUIESCE: Advice(
        kind="quiesce",
        text="Find out why VSS held the databases so long (`vssadmin list writers`, volsnap 8 and "
        "VSS 12293 at that time), or back up a secondary replica.",
    ),
    Cause.NETWORK: Advice(
        kind="network",
        text="Look at the host's uplinks and the switch ports at that time; on VMXNET3 also at "
        "'Packets Received Discarded' (VMware KB 2039495).",
    ),
    Cause.STORAGE: Advice(
        kind="storage", text="Look at the datastore's paths and latency at that time."
    ),
    Cause.STARVATION: Advice(
        kind="starvation",
        text="Look at CPU ready, ballooning and memory limits of the VM, and at what ran in it.",
    ),
    Cause.HOST_FAILURE: Advice(
        kind="host", text="Look at the host: hardware log, vmkernel.log, PSOD, power."
    ),
    Cause.GUEST_RESTART: Advice(
        kind="guest", text="Read the crash dump, or find out who reset the VM."
    ),
    Cause.SOFTWARE: Advice(
        kind="software",
        text="Read the ERRORLOG and cluster.log of that minute; the resource failed by itself.",
    ),
    Cause.MIGRATION_STUN: Advice(
        kind="migration",
        text="Keep vMotion of cluster nodes off busy hours and on 10 Gbit/s; VMware asks for "
        "SameSubnetThreshold 10 or more (vSphere WSFC guide).",
    ),
}


def advise(brief: Brief, opinion: Opinion, cause: Cause) -> tuple[Advice, ...]:
    """Give advice for the cause, then for what would settle an open verdict."""
    given: list[Advice] = []
    if cause in STUNS and opinion.backup in (Blame.CAUSED, Blame.SUSPECTED, Blame.CLEARED):
        given += _against_stuns(brief, opinion)
    if cause in STUNS and cause is not Cause.MIGRATION_STUN:
        given += _for_the_backup(brief, opinion)
    if cause in BY_CAUSE:
        given.append(BY_CAUSE[cause])
    if brief.shift:
        text = (
            f"Measure the clock of {brief.shift.stun.clock.name} and put it into [clocks] of "
            f"incident.toml; then judge again."
        )
        given.append(Advice("clock", text))
    if opinion.backup in (Blame.UNKNOWN, Blame.SUSPECTED) and not brief.log_trusted:
        text = (
            "Get vmware.log and its rotations from the VM's folder: a measured stun settles it. "
            "`docs/bundles.md` says how."
        )
        given.append(Advice("evidence", text))
    return tuple(given)


def _against_stuns(brief: Brief, opinion: Opinion) -> list[Advice]:
    """Heartbeat or lease values that would have survived the stun, and their price."""
    if opinion.fit is None:
        return []
    if opinion.mechanism is Mechanism.LEASE:
        return [_lease(opinion.fit.silence.length, brief.case.limits.tolerance)]
    if opinion.mechanism is not Mechanism.HEARTBEAT:
        return []
    return _heartbeat(brief, opinion.fit.silence.length)


def _heartbeat(brief: Brief, silence: timedelta) -> list[Advice]:
    tolerance, lease = brief.case.limits.tolerance, brief.case.limits.lease
    beats = ceil(silence * MARGIN / tolerance.delay)
    if silence > TOO_LONG or beats > MOST_BEATS:
        text = (
            f"No heartbeat value should survive {seconds(silence)}: a real failure would go unseen "
            f"as long. Shorten the stun instead."
        )
        return [Advice("heartbeat", text)]
    relation = "CrossSubnet" if brief.case.evidence.cluster.crosses_subnets else "SameSubnet"
    price = seconds(beats * tolerance.delay - tolerance.length)
    given = [
        Advice(
            "heartbeat",
            f"{relation}Threshold {beats} at {relation}Delay {milliseconds(tolerance.delay)} would "
            f"have survived it; a real failure would be seen {price} later.",
        )
    ]
    if lease and silence >= lease:
        given.append(_lease(silence, tolerance))
    return given


def _lease(silence: timedelta, tolerance: Tolerance) -> Advice:
    """The availability group breaks at half of its LeaseTimeout whatever the heartbeats are.

    Half of LeaseTimeout must stay below the tolerance (Microsoft, AG lease and health check).
    """
    lease = timedelta(seconds=ceil(2 * silence * MARGIN / timedelta(seconds=1)))
    beats = lease // (2 * tolerance.delay) + 1
    enough = beats <= tolerance.threshold
    rest = "as it does" if enough else f"so raise the threshold to {beats} or more with it"
    text = (
        f"The availability group needs a LeaseTimeout of {milliseconds(lease)} ms or more to "
        f"survive {seconds(silence)}: its lease breaks at half of it. That half must stay below "
        f"the heartbeat tolerance, {rest}."
    )
    return Advice("lease", text)


def _for_the_backup(brief: Brief, opinion: Opinion) -> list[Advice]:
    """Ways to make the stun shorter or harmless."""
    given = []
    job = brief.job
    stun = opinion.fit.stun if opinion.fit else None
    if job and _hot_add_on_nfs(brief, job) and (stun is None or stun.duration >= NFS_STUN):
        text = (
            "Hot-add from a proxy on another host onto NFS 3 stuns for minutes: use Direct NFS, a "
            "proxy on the same host or network mode; mended in ESXi 8.0 U2b (Veeam KB1681)."
        )
        given.append(Advice("hotadd", text))
    text = (
        "Back the nodes up one at a time, on the fastest datastore, at their quietest hour "
        "(Veeam KB1744)."
    )
    given.append(Advice("schedule", text))
    if brief.case.limits.lease:
        given.append(Advice("secondary", "Back up a secondary replica instead of the primary."))
    return given


def _hot_add_on_nfs(brief: Brief, job: Backup) -> bool:
    nfs = any(kind.upper().startswith("NFS") for n in brief.case.nodes for _, kind in n.datastores)
    return nfs and (job.transport or "").casefold() == "hotadd"

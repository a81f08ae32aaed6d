"""What vCenter's event ids mean (vSphere 8.0U3, lamw/vcenter-event-mapping).

Keys are spelt as `bare_id` gives them. Left out on purpose: `esx.clear.*` and `*.recovered`,
which end a trouble; VmNoNetworkAccessEvent, which records that a migration was refused (vSphere
API reference); the consolidation events, whose work the tasks time.
"""

from verdict.sign import Kind

ABOUT_HOSTS = {
    "dashostfailedevent": Kind.HOST_FAILED,
    "hostshutdownevent": Kind.HOST_FAILED,
    "hostconnectionlostevent": Kind.HOST_LOST,
    "hostdisconnectedevent": Kind.HOST_LOST,
    "hostsyncfailedevent": Kind.HOST_LOST,
    "dashostisolatedevent": Kind.HOST_NETWORK,
    "dashostcompletenetworkfailureevent": Kind.HOST_NETWORK,
    "hostpartitionedfrommasterevent": Kind.HOST_NETWORK,
    "esx.problem.net.connectivity.lost": Kind.HOST_NETWORK,
    "esx.problem.net.dvport.connectivity.lost": Kind.HOST_NETWORK,
    "esx.problem.net.redundancy.lost": Kind.HOST_NETWORK,
    "esx.problem.net.redundancy.degraded": Kind.HOST_NETWORK,
    "esx.problem.net.dvport.redundancy.lost": Kind.HOST_NETWORK,
    "esx.problem.net.dvport.redundancy.degraded": Kind.HOST_NETWORK,
    "esx.problem.net.vmnic.linkstate.down": Kind.HOST_NETWORK,
    "esx.problem.net.vmnic.linkstate.flapping": Kind.HOST_NETWORK,
    "dashostcompletedatastorefailureevent": Kind.STORAGE_LOST,
    "esx.problem.storage.apd.start": Kind.STORAGE_LOST,
    "esx.problem.storage.apd.timeout": Kind.STORAGE_LOST,
    "esx.problem.storage.connectivity.lost": Kind.STORAGE_LOST,
    "esx.problem.scsi.device.state.permanentloss": Kind.STORAGE_LOST,
    "esx.problem.vmfs.heartbeat.timedout": Kind.STORAGE_LOST,
    "esx.problem.vmfs.heartbeat.unrecoverable": Kind.STORAGE_LOST,
    "esx.problem.vmfs.nfs.server.disconnect": Kind.STORAGE_LOST,
    "esx.problem.scsi.device.io.latency.high": Kind.SLOW_IO,
}
"""Events about a host."""

MOVED = {
    "vmmigratedevent": Kind.VM_MIGRATED,
    "drsvmmigratedevent": Kind.VM_MIGRATED,
    "vmrelocatedevent": Kind.VM_MIGRATED,
    "dstvmmigratedevent": Kind.VM_MIGRATED,
    "srcvmmigratedevent": Kind.VM_MIGRATED,
}
"""Events that say a VM has moved."""

ABOUT_VMS = {
    **MOVED,
    "vmrestartedbyhaevent": Kind.HOST_FAILED,
    "vmrestartedonalternatehostevent": Kind.HOST_FAILED,
    "vmfailoverfailed": Kind.HOST_FAILED,
    "vmpoweroffonisolationevent": Kind.HOST_NETWORK,
    "vmdisconnectedevent": Kind.HOST_LOST,
    "vmcpstoragefailuredetectedforvm": Kind.STORAGE_LOST,
    "vmcpterminatingvm": Kind.STORAGE_LOST,
    "vmguestoscrashedevent": Kind.GUEST_CRASHED,
    "vmdasbeingresetevent": Kind.VM_RESET,
    "vmdasbeingresetwithscreenshotevent": Kind.VM_RESET,
}
"""Events about a VM that nobody asked for, or where it does not matter who did."""

ASKED = {
    "vmguestrebootevent": Kind.SHUTDOWN_ASKED,
    "vmguestshutdownevent": Kind.SHUTDOWN_ASKED,
    "vmpoweredoffevent": Kind.POWERED_OFF,
    "vmsuspendingevent": Kind.POWERED_OFF,
    "vmresettingevent": Kind.VM_RESET,
}
"""Events about a VM that are a plan only where an account stands behind them."""

UNASKED = {"vmguestrebootevent": Kind.BOOTED, "vmresettingevent": Kind.VM_RESET}
"""What those mean without an account. The others then only follow from something else: a guest
that crashed or was shut down from inside powers off as well."""

MOVE_STARTS = frozenset(
    {
        "vmbeingmigratedevent",
        "vmbeinghotmigratedevent",
        "vmbeingrelocatedevent",
        "vmemigratingevent",
        "vmhotmigratingwithencryptionevent",
    }
)
"""Events at the beginning of a migration."""

MOVE_ENDS = frozenset(
    {*MOVED, "vmfailedmigrateevent", "vmrelocatefailedevent", "srcvmmigratefailedevent"}
)
"""Events at its end, whether it succeeded or not."""

ALARM = "alarmstatuschangedevent"
"""An alarm changed its colour; which alarm and which colour only its message says."""

MATTERING = {ALARM, *ABOUT_HOSTS, *ABOUT_VMS, *ASKED, *MOVE_STARTS, *MOVE_ENDS}
"""Every key that is read at all."""


def bare_id(event_type_id: str) -> str:
    """Cut the prefix from an event's id: class names come as `vim.event.X` or `X`.

    `com.vmware.vc.HA.DasHostFailedEvent` gives `dashostfailedevent`; ids of ESXi stay whole.
    """
    lower = event_type_id.lower()
    start = lower.find("esx.")
    return lower[start:] if start >= 0 else lower.rpartition(".")[2]

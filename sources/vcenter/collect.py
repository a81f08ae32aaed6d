"""vCenter's history: the tasks of a VM, the events of a VM, a host or a cluster.

A collector is a cursor that vCenter keeps; it starts at the oldest item (vSphere API,
HistoryCollector) and at most 32 may be open in a session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sources.errors import LateError, SourceError
from sources.vcenter.faults import refused
from sources.vcenter.session import Session
from sources.vcenter.vmomi import vim, vmodl

PAGE = 1000
"""Items a page holds at most (vSphere API)."""

EMPTY_PAGES = 2
"""Pages are cut first and filtered by rights afterwards (govmomi issue 3450), so that an empty
one may have more behind it; this many in a row are the end."""

MOST_ITEMS = 50_000
"""Tasks or events read of one object; nobody's VM has as many in the days that are asked for."""

BROKEN_PAGES = 3
"""After so many pages that cannot be read, the rest is not tried."""

EVENT_IDS = (
    "com.vmware.vc.VmDiskConsolidationNeeded",
    "com.vmware.vc.VmDiskConsolidatedEvent",
    "com.vmware.vc.VmDiskFailedToConsolidateEvent",
    "com.vmware.vc.VmDiskConsolidationNoLongerNeeded",
    "VmMigratedEvent",
    "DrsVmMigratedEvent",
    "VmRelocatedEvent",
    "VmBeingMigratedEvent",
    "VmBeingHotMigratedEvent",
    "VmBeingRelocatedEvent",
    "VmEmigratingEvent",
    "VmFailedMigrateEvent",
    "VmRelocateFailedEvent",
    "com.vmware.vc.vm.DstVmMigratedEvent",
    "com.vmware.vc.vm.SrcVmMigratedEvent",
    "com.vmware.vc.vm.SrcVmMigrateFailedEvent",
    "com.vmware.vc.vm.VmHotMigratingWithEncryptionEvent",
    "DasHostFailedEvent",
    "DasHostIsolatedEvent",
    "com.vmware.vc.HA.DasHostFailedEvent",
    "com.vmware.vc.HA.DasHostIsolatedEvent",
    "com.vmware.vc.HA.DasHostCompleteDatastoreFailureEvent",
    "com.vmware.vc.HA.DasHostCompleteNetworkFailureEvent",
    "com.vmware.vc.HA.HostStateChangedEvent",
    "com.vmware.vc.HA.HostPartitionedFromMasterEvent",
    "com.vmware.vc.HA.ClusterFailoverActionInitiatedEvent",
    "com.vmware.vc.HA.ClusterFailoverActionCompletedEvent",
    "com.vmware.vc.HA.ClusterFailoverInProgressEvent",
    "com.vmware.vc.HA.VmcpStorageFailureDetectedForVm",
    "com.vmware.vc.HA.VmcpTerminatingVm",
    "com.vmware.vc.ha.VmRestartedByHAEvent",
    "VmRestartedOnAlternateHostEvent",
    "VmFailoverFailed",
    "VmPowerOffOnIsolationEvent",
    "VmDasBeingResetEvent",
    "VmDasBeingResetWithScreenshotEvent",
    "VmDasResetFailedEvent",
    "HostConnectionLostEvent",
    "HostDisconnectedEvent",
    "HostConnectedEvent",
    "HostShutdownEvent",
    "HostSyncFailedEvent",
    "VmDisconnectedEvent",
    "VmOrphanedEvent",
    "VmGuestOSCrashedEvent",
    "VmGuestRebootEvent",
    "VmGuestShutdownEvent",
    "VmResettingEvent",
    "VmPoweredOffEvent",
    "VmSuspendingEvent",
    "VmSuspendedEvent",
    "VmResumingEvent",
    "com.vmware.vc.vmam.VmDasAppHeartbeatFailedEvent",
    "com.vmware.vc.vmam.VmAppHealthStateChangedEvent",
    "AlarmStatusChangedEvent",
    "esx.problem.net.connectivity.lost",
    "esx.problem.net.redundancy.lost",
    "esx.problem.net.redundancy.degraded",
    "esx.problem.net.vmnic.linkstate.down",
    "esx.problem.net.vmnic.linkstate.flapping",
    "esx.problem.net.dvport.connectivity.lost",
    "esx.problem.net.dvport.redundancy.lost",
    "esx.problem.net.dvport.redundancy.degraded",
    "esx.problem.storage.apd.start",
    "esx.problem.storage.apd.timeout",
    "esx.problem.storage.connectivity.lost",
    "esx.clear.storage.apd.exit",
    "esx.problem.scsi.device.io.latency.high",
    "esx.problem.scsi.device.state.permanentloss",
    "esx.problem.vmfs.heartbeat.timedout",
    "esx.problem.vmfs.heartbeat.recovered",
    "esx.problem.vmfs.heartbeat.unrecoverable",
    "esx.problem.vmfs.nfs.server.disconnect",
)
"""What is asked for (vSphere 8.0U3, lamw/vcenter-event-mapping)."""


@dataclass(frozen=True, slots=True)
class History:
    """Items of one object, oldest first. `missing` says what of them was not read, if anything."""

    items: tuple[Any, ...]
    missing: SourceError | None = None


def read_tasks_of(session: Session, vm: Any, begin: datetime) -> History:  # noqa: ANN401  pyvmomi's
    """Read the tasks of a VM that ended after `begin`, by vCenter's clock, or still run.

    Asked for by when they ended: a removal that takes all night began before any window. Raises
    nothing: what vCenter did not give is `missing`.
    """
    spec = vim.TaskFilterSpec
    own = spec.ByEntity(entity=vm, recursion="self")
    ended = spec.ByTime(timeType="completedTime", beginTime=begin)
    running = [vim.TaskInfo.State.running, vim.TaskInfo.State.queued]
    tasks: dict[str, Any] = {}
    missing = None
    # Those that run are asked for first: one that ends meanwhile is then among the ended ones.
    for wanted in (spec(entity=own, state=running), spec(entity=own, time=ended)):
        history = _read(session, partial(_tasks, session, wanted))
        tasks |= {task.key: task for task in history.items}
        missing = missing or history.missing
    return History(tuple(sorted(tasks.values(), key=lambda task: task.queueTime)), missing)


def read_events_of(
    session: Session,
    entity: Any,  # noqa: ANN401  pyvmomi's
    begin: datetime,
    end: datetime | None,
) -> History:
    """Read the events of EVENT_IDS about an object, created from `begin` to `end`.

    Both by vCenter's clock. Raises nothing: what vCenter did not give is `missing`.
    """
    spec = vim.event.EventFilterSpec
    wanted = spec(
        entity=spec.ByEntity(entity=entity, recursion="self"),
        time=spec.ByTime(beginTime=begin, endTime=end),
        eventTypeId=list(EVENT_IDS),
    )
    return _read(session, lambda: _events(session, wanted))


def _read(session: Session, work: Callable[[], History]) -> History:
    try:
        return session.run(work)
    except SourceError as error:
        return History((), error)


def _tasks(session: Session, wanted: Any) -> History:  # noqa: ANN401  pyvmomi's
    collector = session.content.taskManager.CreateCollectorForTasks(wanted)
    return _pages(session, collector, collector.ReadNextTasks)


def _events(session: Session, wanted: Any) -> History:  # noqa: ANN401  pyvmomi's
    collector = session.content.eventManager.CreateCollectorForEvents(wanted)
    return _pages(session, collector, collector.ReadNextEvents)


def _pages(
    session: Session,
    collector: Any,  # noqa: ANN401  pyvmomi's
    read: Callable[[int], Any],
) -> History:
    """Read page after page; one that cannot be read is a hole, not the end."""
    items: list[Any] = []
    missing: SourceError | None = None
    empty = broken = 0
    try:
        while empty < EMPTY_PAGES and broken < BROKEN_PAGES:
            try:
                page = read(PAGE) or ()
            except (vim.fault.NotAuthenticated, vmodl.fault.ManagedObjectNotFound):
                raise  # the session may be renewed, and the collector made anew
            except vmodl.MethodFault as fault:
                return History(tuple(items), refused(fault, session.access.name))
            except LateError as error:
                return History(tuple(items), error)
            except SourceError as error:  # some tasks of vCenter's own defeat pyvmomi (issue 182)
                missing, broken = error, broken + 1
                continue
            empty = 0 if page else empty + 1
            items.extend(page)
            if len(items) > MOST_ITEMS:
                name = session.access.name
                why = f"there are more than {MOST_ITEMS} of them"
                return History(
                    tuple(items), SourceError("vcenter", name, why, "Ask for less time.")
                )
    finally:
        session.quietly(collector.DestroyCollector)
    return History(tuple(items), missing)

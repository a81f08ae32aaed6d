"""What the account may do at a vCenter, what is missing for what, and how to give it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sources.access import VCenterAccess
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.vcenter.log_ways import find_folder
from sources.vcenter.mapping import Mapping, map_nodes
from sources.vcenter.properties import Estate, LiveObject, LiveVm, Ref, read_estate
from sources.vcenter.session import Session
from sources.vcenter.vmomi import vim
from sources.vcenter.wanted import Wanted
from sources.vmware.datastore import RIGHTS as LOG_RIGHTS

READ_ONLY = ("System.View", "System.Read")
"""All that history and inventory take: the built-in role Read-only (privId in the vSphere API)."""

HISTORY = "tasks, events and inventory"
LOGS = "vmware.log"


@dataclass(frozen=True, slots=True)
class Right:
    """Whether the account may do something with one object; `missing` are vCenter's own ids."""

    feature: str
    entity: str
    missing: tuple[str, ...] = ()
    remedy: str | None = None

    @property
    def granted(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Examined:
    """What a vCenter looks like from here: what it is, its clock, whose VMs are where."""

    about: str
    ahead: timedelta
    mapping: Mapping
    rights: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class _Need:
    feature: str
    entity: str
    managed: Any
    privileges: tuple[str, ...]


def examine(access: VCenterAccess, wanted: Wanted, deadline: Deadline) -> Examined:
    """Log in and look around, for people. Raises SourceError."""
    with Session(access, deadline) as session:
        ahead, estate = session.ahead(), read_estate(session)
        mapping = map_nodes(wanted, estate, access.name)
        rights = check_rights(session, estate, tuple(mapping.vms.values()))
        return Examined(session.about, ahead, mapping, rights)


def check_rights(session: Session, estate: Estate, vms: Sequence[LiveVm]) -> tuple[Right, ...]:
    """Ask vCenter what the account may do with these VMs, in one call. Raises SourceError.

    Rights for vmware.log are looked at only where it is switched on.
    """
    needs = list(
        {(need.feature, need.entity): need for need in _needs(session, estate, vms)}.values()
    )
    asked = sorted({privilege for need in needs for privilege in need.privileges})
    entities = list({need.managed._moId: need.managed for need in needs}.values())  # noqa: SLF001  its only name
    manager = session.content.authorizationManager
    answers = session.run(lambda: manager.HasPrivilegeOnEntities(entities, session.key, asked))
    granted = {
        (answer.entity._moId, having.privId)  # noqa: SLF001  its only name
        for answer in answers or ()
        for having in answer.privAvailability
        if having.isGranted
    }
    return tuple(_right(need, granted) for need in needs)


def _needs(session: Session, estate: Estate, vms: Iterable[LiveVm]) -> Iterator[_Need]:
    wire = session.wire
    yield _Need(HISTORY, "the root folder", session.content.rootFolder, READ_ONLY)
    for vm in vms:
        yield _Need(HISTORY, f"VM {vm.name}", vim.VirtualMachine(vm.ref, wire), READ_ONLY)
        host = estate.objects.get(vm.host or "")
        if host is not None:
            yield _Need(HISTORY, f"host {host.name}", vim.HostSystem(host.ref, wire), READ_ONLY)
        if session.access.read_logs:
            yield from _log_needs(session, estate, vm)


def _log_needs(session: Session, estate: Estate, vm: LiveVm) -> Iterator[_Need]:
    try:
        store = find_folder(estate, vm)[1]
    except SourceError:  # where it logs is not visible: pulling says so
        return
    above = estate.datacenter(store.ref)
    for known in (store, above[0] if above else None):
        if known is not None:
            yield _Need(
                LOGS, _what(known), getattr(vim, known.kind)(known.ref, session.wire), LOG_RIGHTS
            )


def _what(known: LiveObject) -> str:
    return f"{known.kind.lower()} {known.name}"


def _right(need: _Need, granted: set[tuple[Ref, str]]) -> Right:
    ref = need.managed._moId  # noqa: SLF001  its only name
    missing = tuple(p for p in need.privileges if (ref, p) not in granted)
    if not missing:
        return Right(need.feature, need.entity)
    if need.feature == LOGS:
        rights = " and ".join(missing)
        remedy = (
            f"Give the account a role with {rights} on {need.entity}, or set read_logs = false."
        )
    else:
        remedy = f"Give the account the role Read-only on {need.entity}, propagated."
    return Right(need.feature, need.entity, missing, remedy)

"""The inventory of a vCenter by one property collection, however many VMs it has."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import sleep
from typing import Any

from sources.errors import SourceError
from sources.vcenter.faults import READ_ONLY
from sources.vcenter.session import Session
from sources.vcenter.vmomi import vim
from verdict.facts import Gap

ESCAPED = {"%2f": "/", "%5c": "\\", "%25": "%"}
"""How vCenter writes these three characters in the names of its objects (vSphere API: name)."""

POLL = 0.05
"""Seconds between two looks at a task."""

Ref = str
"""A managed object reference without its type: vm-48."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LiveVm:
    """One VM as vCenter has it now."""

    ref: Ref
    name: str
    uuid: str | None = None
    guest: str | None = None
    host: Ref | None = None
    on: bool = False
    template: bool = False
    datastores: tuple[Ref, ...] = ()
    log_directory: str | None = None
    vm_path: str | None = None


@dataclass(frozen=True, slots=True)
class LiveObject:
    """A host, datastore, datacenter or folder; `kind` is its type's name in the API."""

    ref: Ref
    kind: str
    name: str
    parent: Ref | None = None
    type: str | None = None
    """Of a datastore: VMFS, NFS, vsan."""
    dates: Any = None
    """Of a host: its HostDateTimeSystem."""
    browser: Any = None
    """Of a datastore: its HostDatastoreBrowser."""


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything of a vCenter that matters here."""

    vms: tuple[LiveVm, ...] = ()
    objects: Mapping[Ref, LiveObject] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

    def name(self, ref: Ref | None) -> str | None:
        """Name a host, datastore, datacenter or folder."""
        known = self.objects.get(ref or "")
        return known.name if known else None

    def called(self, vm: LiveVm) -> str:
        """Name a VM so that nobody else is meant: by its reference where others share its name."""
        folded = vm.name.casefold()
        alone = sum(other.name.casefold() == folded for other in self.vms) == 1
        return vm.name if alone else vm.ref

    def datacenter(self, ref: Ref) -> tuple[LiveObject, str] | None:
        """Find the datacenter above a datastore and its inventory path, `Folder/DC0`."""
        found: LiveObject | None = None
        names: list[str] = []
        for above in self._above(ref):
            found = found or (above if above.kind == "Datacenter" else None)
            if found:
                names.append(above.name)
        return (found, "/".join(reversed(names))) if found else None

    def _above(self, ref: Ref) -> Iterator[LiveObject]:
        """Walk upwards; the root folder, which no view shows, is where it ends."""
        known = self.objects.get(ref)
        for _ in range(100):
            known = self.objects.get(known.parent or "") if known else None
            if known is None:
                return
            yield known


PATHS = {
    "VirtualMachine": (
        "name",
        "config.uuid",
        "config.template",
        "config.files.logDirectory",
        "config.files.vmPathName",
        "guest.hostName",
        "runtime.host",
        "runtime.powerState",
        "datastore",
    ),
    "HostSystem": ("name", "parent", "configManager.dateTimeSystem"),
    "Datastore": ("name", "parent", "summary.type", "browser"),
    "Datacenter": ("name", "parent"),
    "Folder": ("name", "parent"),
}
"""What is read of each kind of object, exactly; a whole `config` would be 20 times as long."""


def read_estate(session: Session) -> Estate:
    """Read the inventory. Raises SourceError."""
    found, hidden = session.run(lambda: _collect(session))
    vms, objects = [], {}
    for kind, ref, values in found:
        if "name" not in values:
            continue
        if kind == "VirtualMachine":
            vms.append(_vm(ref, values))
        else:
            objects[ref] = _object(ref, kind, values)
    return Estate(tuple(vms), objects, tuple(_gaps(session, vms, hidden)))


def finish(session: Session, task: Any) -> Any:  # noqa: ANN401  pyvmomi's
    """Wait for a task of vCenter and give its result. Raises SourceError, vmodl.MethodFault."""
    while True:
        left = session.deadline.check("vcenter", session.access.name, "a task of vCenter")
        spec = _filter([vim.PropertyCollector.ObjectSpec(obj=task)], {"Task": ("info",)})
        answer = session.content.propertyCollector.RetrievePropertiesEx([spec], _options())
        info = answer.objects[0].propSet[0].val if answer and answer.objects else None
        if info is None or info.state == "error":
            fault = getattr(info, "error", None)
            raise fault or SourceError("vcenter", session.access.name, "a task of vCenter failed")
        if info.state == "success":
            return info.result
        sleep(min(POLL, left))


def _collect(session: Session) -> tuple[list[tuple[str, Ref, Values]], int]:
    """Ask for everything in one view; more calls only for the pages vCenter makes of it."""
    collector = session.content.propertyCollector
    types = [getattr(vim, kind) for kind in PATHS]
    view = session.content.viewManager.CreateContainerView(session.content.rootFolder, types, True)  # noqa: FBT003  pyvmomi's
    try:
        through = vim.PropertyCollector.TraversalSpec(
            name="view", path="view", skip=False, type=vim.view.ContainerView
        )
        start = vim.PropertyCollector.ObjectSpec(obj=view, skip=True, selectSet=[through])
        answer = collector.RetrievePropertiesEx([_filter([start], PATHS)], _options())
        found: list[tuple[str, Ref, Values]] = []
        hidden = 0
        while answer is not None:
            for item in answer.objects or ():
                found.append(_values(item))
                hidden += bool(item.missingSet)
            answer = collector.ContinueRetrievePropertiesEx(answer.token) if answer.token else None
        return found, hidden
    finally:
        session.quietly(view.DestroyView)


def _filter(start: list[Any], paths: Mapping[str, tuple[str, ...]]) -> Any:  # noqa: ANN401  pyvmomi's
    specs = [
        vim.PropertyCollector.PropertySpec(type=getattr(vim, kind), pathSet=list(names))
        for kind, names in paths.items()
    ]
    return vim.PropertyCollector.FilterSpec(objectSet=start, propSet=specs)


def _options() -> Any:  # noqa: ANN401  pyvmomi's
    return vim.PropertyCollector.RetrieveOptions()


def _values(item: Any) -> tuple[str, Ref, Values]:  # noqa: ANN401  pyvmomi's
    kind = type(item.obj).__name__.rpartition(".")[2]
    values = {part.name: part.val for part in item.propSet or ()}
    return "Folder" if kind == "StoragePod" else kind, item.obj._moId, values  # noqa: SLF001  its only name


def _vm(ref: Ref, values: Values) -> LiveVm:
    return LiveVm(
        ref=ref,
        name=unescaped(values["name"]),
        uuid=values.get("config.uuid"),
        guest=values.get("guest.hostName") or None,
        host=_ref(values.get("runtime.host")),
        on=str(values.get("runtime.powerState")) == "poweredOn",
        template=bool(values.get("config.template")),
        datastores=tuple(filter(None, map(_ref, values.get("datastore") or ()))),
        log_directory=values.get("config.files.logDirectory") or None,
        vm_path=values.get("config.files.vmPathName") or None,
    )


def _object(ref: Ref, kind: str, values: Values) -> LiveObject:
    return LiveObject(
        ref=ref,
        kind=kind,
        name=unescaped(values["name"]),
        parent=_ref(values.get("parent")),
        type=values.get("summary.type"),
        dates=values.get("configManager.dateTimeSystem"),
        browser=values.get("browser"),
    )


def _ref(managed: Any) -> Ref | None:  # noqa: ANN401  pyvmomi's
    return getattr(managed, "_moId", None)


def unescaped(name: str) -> str:
    """Give an object's name as people write it."""
    return re.sub("%(?:2f|5c|25)", lambda m: ESCAPED[m[0].lower()], name, flags=re.IGNORECASE)


def _gaps(session: Session, vms: list[LiveVm], hidden: int) -> Iterator[Gap]:
    name = session.access.name
    if not vms:
        yield Gap("vcenter", "inventory", f"vCenter {name} shows this account no VM", READ_ONLY)
    elif hidden:
        why = f"vCenter {name} keeps properties of {hidden} objects from this account"
        yield Gap("vcenter", "inventory", why, READ_ONLY)

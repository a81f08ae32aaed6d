"""What the stand-in vCenter holds: two VMs of one cluster, their tasks, events and logs."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from sources.vcenter.properties import PATHS
from sources.vcenter.vmomi import vim

_adapter: Any = import_module("pyVmomi.SoapAdapter")
_support: Any = import_module("pyVmomi.VmomiSupport")

VERSION = "vim.version.version11"
VMS = ("SQL01", "SQL02")


def xml(value: Any, name: str = "returnval") -> str:  # noqa: ANN401  pyvmomi's
    """Write one value as SOAP does."""
    info = _support.Object(name=name, type=object, version="vim.version.version1", flags=0)
    text: bytes = _adapter.Serialize(value, info, VERSION)
    return text.decode()


def task(number: int, began: datetime, took: timedelta | None, **more: object) -> Any:  # noqa: ANN401  pyvmomi's
    """Make a snapshot removal of SQL01; `took` None: it is still running."""
    ended = began + took if took is not None else None
    given: dict[str, object] = {
        "key": f"task-{number}",
        "task": vim.Task(f"task-{number}", None),
        "descriptionId": "vm.Snapshot.remove",
        "entity": vim.VirtualMachine("vm-1", None),
        "entityName": VMS[0],
        "cancelled": False,
        "cancelable": False,
        "reason": vim.TaskReasonUser(userName="CORP\\svc-backup"),
        "state": "running" if took is None else "success",
        "queueTime": began,
        "startTime": began,
        "completeTime": ended,
        "eventChainId": number,
    }
    return vim.TaskInfo(**(given | more))


def event(number: int, kind: str, at: datetime, **more: object) -> Any:  # noqa: ANN401  pyvmomi's
    """Make an event of a class, such as DasHostFailedEvent."""
    made = getattr(vim.event, kind)
    return made(key=number, chainId=number, createdTime=at, userName="", **more)


@dataclass(slots=True)
class Model:
    """What is asked for. `log_host` is the address of the host all VMs run on."""

    log_host: str = "esx01.corp.example"
    tasks: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    logs: dict[str, bytes] = field(default_factory=dict)
    """By name, in SQL01's folder."""
    listed: dict[str, int] = field(default_factory=dict)
    """Sizes that the datastore browser tells instead of the true ones."""
    empty_pages: int = 0
    """Pages that come empty before the first that does not."""
    cursors: dict[str, list[Any]] = field(default_factory=dict)
    views: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    """Views and collectors that a log-out had to tidy away."""
    host_ahead: timedelta = timedelta()
    made: int = 0

    def forget(self) -> None:
        """End a session: what belonged to it goes too."""
        self.left += [*self.views, *self.cursors]
        self.views.clear()
        self.cursors.clear()

    def answer(self, method: str, this: str, body: str) -> str | None:
        """Answer a call; None for one, or for an object, that is not known."""
        answers: dict[str, Callable[[], str | None]] = {
            "RetrieveServiceContent": self._content,
            "CurrentTime": lambda: xml(datetime.now(UTC)),
            "QueryDateTime": lambda: xml(datetime.now(UTC) + self.host_ahead),
            "CreateContainerView": self._view,
            "DestroyView": lambda: self._destroy(this),
            "RetrievePropertiesEx": lambda: self._properties(body),
            "CreateCollectorForTasks": lambda: self._collector(self._tasks(body), "Task"),
            "CreateCollectorForEvents": lambda: self._collector(self.events, "Event"),
            "ReadNextTasks": lambda: self._page(this),
            "ReadNextEvents": lambda: self._page(this),
            "DestroyCollector": lambda: self._destroy(this),
            "SearchDatastore_Task": lambda: xml(vim.Task("search", None)),
        }
        found = answers.get(method)
        return found() if found else None

    def _content(self) -> str:
        about = vim.AboutInfo(name="stand-in", fullName="stand-in 6.5", apiType="VirtualCenter")
        content = vim.ServiceInstanceContent(
            rootFolder=vim.Folder("group-d1", None),
            about=about,
            propertyCollector=vim.PropertyCollector("propertyCollector", None),
            viewManager=vim.view.ViewManager("viewManager", None),
            eventManager=vim.event.EventManager("eventManager", None),
            setting=vim.option.OptionManager("setting", None),
            sessionManager=vim.SessionManager("sessionManager", None),
            taskManager=vim.TaskManager("taskManager", None),
        )
        return xml(content)

    def _destroy(self, this: str) -> str:
        self.views.discard(this)
        self.cursors.pop(this, None)
        return ""

    def _view(self) -> str:
        self.made += 1
        self.views.add(f"view-{self.made}")
        return xml(vim.view.ContainerView(f"view-{self.made}", None))

    def _collector(self, items: Iterable[Any], kind: str) -> str:
        self.made += 1
        key = f"collector-{self.made}"
        self.cursors[key] = [*([None] * self.empty_pages), *items]
        managed = vim.TaskHistoryCollector if kind == "Task" else vim.event.EventHistoryCollector
        return xml(managed(key, None))

    def _page(self, this: str) -> str | None:
        cursor = self.cursors.get(this)
        if cursor is None:
            return None
        if cursor and cursor[0] is None:
            del cursor[0]
            return ""
        page, self.cursors[this] = cursor[:1000], cursor[1000:]
        return "".join(map(xml, page))

    def _tasks(self, body: str) -> list[Any]:
        """Filter as vCenter does: by entity, by state, by when a task ended."""
        vm = re.search(r"<entity[^>]*><entity[^>]*>(vm-\d+)<", body)
        begin = re.search(r"<beginTime>([^<]+)<", body)
        own = [t for t in self.tasks if vm is None or t.entity._moId == vm[1]]  # noqa: SLF001
        if begin is None:
            return [t for t in own if t.state == "running"]
        since = datetime.fromisoformat(begin[1])
        return [t for t in own if t.completeTime and t.completeTime >= since]

    def _properties(self, body: str) -> str:
        if ">search</obj>" in body:
            found = [
                vim.host.DatastoreBrowser.FileInfo(path=n, fileSize=self.listed.get(n, len(data)))
                for n, data in self.logs.items()
            ]
            results = vim.host.DatastoreBrowser.SearchResults(
                datastore=vim.Datastore("ds-1", None), folderPath="", file=found
            )
            done = task(1, datetime.now(UTC), timedelta(), result=results, key="search")
            return xml(_answer([(vim.Task("search", None), {"info": done})]))
        return xml(_answer(self._objects()))

    def _objects(self) -> list[tuple[Any, dict[str, Any]]]:
        host = vim.HostSystem("host-1", None)
        cluster, folder = vim.ClusterComputeResource("domain-1", None), vim.Folder("group-s1", None)
        store, center = vim.Datastore("ds-1", None), vim.Datacenter("datacenter-1", None)
        root, dates = vim.Folder("group-d1", None), vim.host.DateTimeSystem("dates-1", None)
        browser = vim.host.DatastoreBrowser("browser-1", None)
        own = [
            (
                vim.VirtualMachine(f"vm-{number}", None),
                {
                    "name": name,
                    "config.uuid": f"42123456-789a-bcde-f012-34567890000{number}",
                    "config.files.logDirectory": f"[ds1] {name}/",
                    "guest.hostName": f"{name.lower()}.corp.example",
                    "runtime.host": host,
                    "runtime.powerState": "poweredOn",
                    "datastore": vim.Datastore.Array([store]),
                },
            )
            for number, name in enumerate(VMS, 1)
        ]
        return [
            *own,
            (host, {"name": self.log_host, "parent": cluster, PATHS["HostSystem"][2]: dates}),
            (store, {"name": "ds1", "parent": folder, "summary.type": "NFS", "browser": browser}),
            (folder, {"name": "datastore", "parent": center}),
            (center, {"name": "DC0", "parent": root}),
        ]


def _answer(objects: list[tuple[Any, dict[str, Any]]]) -> Any:  # noqa: ANN401  pyvmomi's
    collector = vim.PropertyCollector
    return collector.RetrieveResult(
        objects=[
            collector.ObjectContent(
                obj=managed,
                propSet=[vmodl_property(name, value) for name, value in values.items()],
            )
            for managed, values in objects
        ]
    )


def vmodl_property(name: str, value: object) -> Any:  # noqa: ANN401  pyvmomi's
    """Make one property of an answer."""
    made: Any = import_module("pyVmomi").vmodl.DynamicProperty
    return made(name=name, val=value)

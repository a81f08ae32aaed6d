"""Asking for the history of several objects side by side."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sources.vcenter.collect import History, read_events_of, read_tasks_of
from sources.vcenter.properties import Estate, LiveVm, Ref
from sources.vcenter.session import Session
from sources.vcenter.vmomi import vim
from verdict.facts import Gap

HOSTS_OF = ("host", "sourceHost", "destHost")
"""Where an event of a VM names the hosts it ran on (vSphere API)."""


@dataclass(frozen=True, slots=True)
class Part:
    """The history of one object: `subject` is tasks or events, `name` the object's."""

    subject: str
    name: str
    history: History

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.history.missing is None

    def gap(self) -> Gap | None:
        """Say what is missing."""
        error = self.history.missing
        if error is None:
            return None
        why = f"the {self.subject} of {self.name} were not read whole: {error.message}"
        return Gap("vcenter", self.subject, why, error.hint)


@dataclass(slots=True)
class Asking:
    """Questions to one vCenter for what happened from `begin` to `end`, by its clock."""

    pool: ThreadPoolExecutor
    session: Session
    begin: datetime
    end: datetime
    _asked: set[Ref] = field(default_factory=set)

    def tasks(self, vms: Sequence[LiveVm]) -> list[tuple[str, Future[History]]]:
        """Begin to ask for the tasks of some VMs."""
        wire = self.session.wire
        return [
            (
                vm.name,
                self.pool.submit(
                    read_tasks_of, self.session, vim.VirtualMachine(vm.ref, wire), self.begin
                ),
            )
            for vm in vms
        ]

    def events(self, estate: Estate, vms: Sequence[LiveVm]) -> list[Part]:
        """Ask for the events of some VMs, of their hosts, and of these hosts' clusters.

        A VM that was moved or restarted elsewhere names its former hosts in its events; those
        are asked about afterwards. Events about a failed host belong to its cluster.
        """
        wire = self.session.wire
        own = [(vm.name, self._events(vim.VirtualMachine(vm.ref, wire))) for vm in vms]
        now = self._hosts(estate, {vm.host for vm in vms if vm.host})
        parts = settled("events", own)
        former = {ref for part in parts for event in part.history.items for ref in _hosts(event)}
        return parts + settled("events", [*now, *self._hosts(estate, former)])

    def _hosts(self, estate: Estate, refs: Iterable[Ref]) -> list[tuple[str, Future[History]]]:
        begun = []
        wire = self.session.wire
        for ref in sorted(refs):
            known = estate.objects.get(ref)
            if known is None or ref in self._asked:
                continue
            self._asked.add(ref)
            begun.append((known.name, self._events(vim.HostSystem(ref, wire))))
            above = known.parent
            if above and above not in self._asked:
                self._asked.add(above)
                cluster = vim.ComputeResource(above, wire)
                begun.append((f"the cluster of {known.name}", self._events(cluster)))
        return begun

    def _events(self, entity: Any) -> Future[History]:  # noqa: ANN401  pyvmomi's
        return self.pool.submit(read_events_of, self.session, entity, self.begin, self.end)


def settled(subject: str, begun: Iterable[tuple[str, Future[History]]]) -> list[Part]:
    """Wait for answers."""
    return [Part(subject, name, future.result()) for name, future in begun]


def _hosts(event: Any) -> set[Ref]:  # noqa: ANN401  pyvmomi's
    named = (getattr(event, name, None) for name in HOSTS_OF)
    return {host.host._moId for host in named if host and host.host}  # noqa: SLF001  its only name

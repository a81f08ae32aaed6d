"""What a vCenter tells about the VMs of a cluster, within a deadline: the same as a bundle.

Everything is asked side by side in one session. What fails is a gap, and what was not asked for
completely is not `collected`. Importing this imports pyvmomi: do so only on use.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sources.access import VCenterAccess, Window
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.material import Configuration, VCenterAnswers
from sources.pulled import Pulled
from sources.vcenter.asking import Asking, Part, settled
from sources.vcenter.live_logs import LiveLogs, fetch_logs
from sources.vcenter.mapping import Mapping, map_nodes, unasked
from sources.vcenter.properties import Estate, LiveVm, read_estate
from sources.vcenter.retention import kept_since
from sources.vcenter.rows import events_json, inventory_json, tasks_json
from sources.vcenter.session import CONNECTIONS, Session
from sources.vcenter.wanted import Wanted
from verdict.facts import Gap

BEFORE = timedelta(hours=2)
"""How long before the window history is asked for: the simulator filters by when a task was
queued, and a migration is paired from its events."""

AFTER = timedelta(minutes=10)
"""How long after it: an event may be stamped late."""


def pull_vcenter(
    access: VCenterAccess, wanted: Wanted, window: Window, deadline: Deadline
) -> Pulled:
    """Pull inventory, tasks, events and, if switched on, the logs of the nodes' VMs.

    `cluster.nodes` of the answer names the VM of every node that was found. Raises nothing for
    what a vCenter does: that is a gap.
    """
    return _pull(access, deadline, lambda s: _Pull(s, wanted, window).everything())


def pull_history(
    access: VCenterAccess, vms: Sequence[str], window: Window, deadline: Deadline
) -> Pulled:
    """Pull the inventory and the tasks of some VMs, by name, over days. Raises nothing."""
    wanted = Wanted.vms(tuple(vms))
    return _pull(access, deadline, lambda s: _Pull(s, wanted, window).history())


def _pull(access: VCenterAccess, deadline: Deadline, work: Callable[[Session], Pulled]) -> Pulled:
    try:
        with Session(access, deadline) as session:
            return work(session)
    except SourceError as error:
        return Pulled(gaps=(Gap("vcenter", access.name, error.message, error.hint),))


@dataclass(frozen=True, slots=True)
class _Span:
    """A window in UTC and by a clock that is `ahead`, both: from the earlier to the later."""

    window: Window
    ahead: timedelta
    asked: datetime

    @property
    def begin(self) -> datetime:
        return min(self.window.start, self.window.start + self.ahead)

    @property
    def end(self) -> datetime:
        until = min(self.window.end, self.asked)
        return max(until, until + self.ahead)


class _Pull:
    """One pull. Making it asks for clock and inventory and may raise SourceError."""

    def __init__(self, session: Session, wanted: Wanted, window: Window) -> None:
        self.session = session
        self.window = window
        self.span = _Span(window, session.ahead(), datetime.now(UTC))
        self.estate = read_estate(session)
        self.mapping: Mapping = map_nodes(wanted, self.estate, session.access.name)
        self.vms = tuple({vm.ref: vm for vm in self.mapping.vms.values()}.values())

    def everything(self) -> Pulled:
        """Ask for tasks, events and logs."""
        logs: list[Future[LiveLogs]] = []
        with self._pool() as pool:
            kept = pool.submit(kept_since, self.session, self.span.asked, self.span.begin)
            asking = self._asking(pool)
            tasks = asking.tasks(self.vms)
            if self.session.access.read_logs:
                logs = [pool.submit(fetch_logs, *self._log(vm)) for vm in self.vms]
            events = asking.events(self.estate, self.vms)
        answers = {"tasks": settled("tasks", tasks), "events": events}
        return self._pulled(answers, kept.result(), [log.result() for log in logs])

    def history(self) -> Pulled:
        """Ask for tasks alone."""
        with self._pool() as pool:
            kept = pool.submit(kept_since, self.session, self.span.asked, self.span.begin)
            tasks = self._asking(pool).tasks(self.vms)
        return self._pulled({"tasks": settled("tasks", tasks)}, kept.result(), [])

    def _pool(self) -> ThreadPoolExecutor:
        """Threads end before the deadline, for so do their sockets; leaving waits for them."""
        return ThreadPoolExecutor(CONNECTIONS, f"vcenter-{self.session.access.name}")

    def _asking(self, pool: ThreadPoolExecutor) -> Asking:
        return Asking(pool, self.session, self.span.begin - BEFORE, self.span.end + AFTER)

    def _log(self, vm: LiveVm) -> tuple[Session, Estate, LiveVm, Window]:
        return self.session, self.estate, vm, self.window

    def _pulled(
        self, answers: dict[str, list[Part]], kept: datetime, logs: list[LiveLogs]
    ) -> Pulled:
        estate, parts = self.estate, [part for some in answers.values() for part in some]
        collected = {}
        if any(some and all(p.whole for p in some) for some in answers.values()):
            collected["vcenter"] = (kept, max(kept, self.span.end))
        if reads := [log.read_at for log in logs if log.read_at is not None]:
            collected["vmware"] = (self.window.start, min(reads))
        clocks = {"vcenter": self.span.ahead}
        clocks |= {log.host: log.ahead for log in logs if log.host and log.ahead is not None}
        by_vm = zip(self.vms, logs, strict=False)
        return Pulled(
            cluster=Configuration(
                nodes={node: estate.called(vm) for node, vm in self.mapping.vms.items()}
            ),
            vms={estate.called(vm): log.files for vm, log in by_vm if log.files},
            vcenter=self._answers(answers),
            clocks=clocks,
            collected=collected,
            gaps=(
                *estate.gaps,
                *self.mapping.gaps,
                *(g for n in self.mapping.unknown for g in unasked(n) if g.subject in answers),
                *(gap for part in parts if (gap := part.gap()) is not None),
                *self._thrown_away(kept),
                *(gap for log in logs for gap in log.gaps),
            ),
        )

    def _answers(self, answers: dict[str, list[Part]]) -> VCenterAnswers:
        """Write down what came, also where not all came: what is there happened."""
        items: dict[str, list[Any]] = {
            subject: [item for part in parts for item in part.history.items]
            for subject, parts in answers.items()
            if any(part.whole or part.history.items for part in parts)
        }
        known = frozenset(vm.ref for vm in self.estate.vms)
        late = self.span.end + AFTER
        tasks, events = items.get("tasks"), items.get("events")
        return VCenterAnswers(
            inventory=inventory_json(self.estate),
            tasks=None if tasks is None else tasks_json(t for t in tasks if t.queueTime <= late),
            events=None if events is None else events_json(events, known),
        )

    def _thrown_away(self, kept: datetime) -> list[Gap]:
        name = self.session.access.name
        if kept <= self.span.begin:
            return []
        why = f"vCenter {name} keeps nothing from before {kept:%Y-%m-%d %H:%M} UTC"
        return [Gap("vcenter", name, why, "Let it keep tasks and events for longer.")]

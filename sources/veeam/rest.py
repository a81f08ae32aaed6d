"""What the REST API tells of a window: by task sessions, or before VBR 12.3 by jobs' logs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sources.errors import SourceError
from sources.json_rows import Row
from sources.material import VeeamAnswers
from sources.pulled import Pulled
from sources.veeam.client import Client
from sources.veeam.crew import Crew
from sources.veeam.faults import MissingError
from sources.veeam.identity import Alias, aliases, objects_of
from sources.veeam.logs import IDENT, begin_logs
from sources.veeam.pages import Listing, answer, read_all
from sources.veeam.server_time import ServerTime, unsure
from sources.veeam.sessions import SESSIONS, begin_single, overlapping, read_single
from sources.veeam.tasks import TASKS, all_tasks, only, proof, renamed, strangers, tasks_of
from sources.veeam.wish import Span, WantedVm, Wish
from verdict.facts import Gap

NO_STEPS = Gap(
    "veeam",
    "snapshot steps",
    "before VBR 12.3 the REST API does not tell when snapshots were created and removed",
    "Update VBR to 12.3, or let it be asked over WinRM (winrm of this server).",
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one server for one wish. What fails is a gap; nothing raises SourceError."""

    client: Client
    crew: Crew
    wish: Wish

    def read(self) -> Pulled:
        """Read what the server's revision can tell."""
        span = Span.of(self.wish.window, self.client.clock)
        ticking = self.crew.begin([self.client.read_clock])
        pulled = None
        if self.client.revision.has_tasks:
            pulled = self._by_tasks(span)
        pulled = pulled or self._by_jobs(span)
        ticking[0].result()
        return with_clock(pulled, self.client.host, self.client.clock)

    def _by_tasks(self, span: Span) -> Pulled | None:
        """Read the VMs' task sessions with their steps; None where there is no such list."""
        vms = self.wish.vms
        known = [vm for vm in vms if vm.moref]
        listed = overlapping(span) if self.wish.listing else []
        queries = [all_tasks(span, sample=True), *(tasks_of(vm.name, span) for vm in vms)]
        first, *read = read_all(
            self.client, self.crew, [*queries, *map(objects_of, known), *listed]
        )
        if any(isinstance(fault, MissingError) for fault in first.faults):
            return None  # 1.2-rev0 is nowhere said to have them
        own = {vm: only(one, vm.name, span) for vm, one in zip(vms, read, strict=False)}
        objects = dict(zip(known, read[len(vms) :], strict=False))
        others, gaps = self._missed(own, objects, first, span)
        tasks = _sum([*own.values(), *others])
        sessions = _within(_sum(read[len(vms) + len(known) :]), span)
        logs = begin_logs(self.client, self.crew, TASKS, tasks.rows)
        lacking = [one for one in strangers(tasks.rows, sessions.rows) if IDENT.fullmatch(one)]
        sessions += read_single(begin_single(self.client, self.crew, lacking))
        texts, log_gaps = logs.read()
        return Pulled(
            veeam=VeeamAnswers(_answer(sessions), _answer(tasks), texts),
            collected=_collected(span, gaps, sessions, tasks),
            gaps=(*_gaps(sessions, tasks), *gaps, *log_gaps),
        )

    def _missed(
        self,
        own: dict[WantedVm, Listing],
        objects: dict[WantedVm, Listing],
        sample: Listing,
        span: Span,
    ) -> tuple[list[Listing], list[Gap]]:
        """Look closer where a VM's name found nothing: by other names, and past the filter."""
        hollow = [vm for vm, listing in own.items() if not listing.rows]
        if not hollow:
            return [], []
        asked = [objects[vm] for vm in hollow if vm in objects]
        found, gaps = _other_names(hollow, objects)
        proofs = proof(sample, span)
        queries = [*proofs, *(tasks_of(alias.name, span) for alias in found)]
        read = read_all(self.client, self.crew, queries)
        faults = [fault for one in (sample, *asked, *read[: len(proofs)]) for fault in one.faults]
        by_alias = read[len(proofs) :]
        late: list[Listing] = [Listing(faults=tuple(faults))]
        if proofs and not read[0].rows and not read[0].faults:  # names find nothing here
            (everything,) = read_all(self.client, self.crew, [all_tasks(span)])
            by_alias = [everything for _ in found]
            still = {vm: only(everything, vm.name, span) for vm in hollow}
            late += still.values()
            gaps += [_unnamed(vm) for vm, one in still.items() if vm.moref and not one.rows]
        pairs = zip(found, by_alias, strict=True)
        late += [renamed(only(one, alias.name, span), alias) for alias, one in pairs]
        return late, gaps

    def _by_jobs(self, span: Span) -> Pulled:
        """Read the jobs' sessions and logs: they name the VMs, and no steps."""
        lists = read_all(self.client, self.crew, overlapping(span))
        sessions = _within(_sum(lists), span)
        texts, gaps = begin_logs(self.client, self.crew, SESSIONS, sessions.rows).read()
        return Pulled(
            veeam=VeeamAnswers(sessions=_answer(sessions), logs=texts),
            collected=_collected(span, (), sessions),
            gaps=(*_gaps(sessions), NO_STEPS, *gaps),
        )


def _other_names(
    vms: Iterable[WantedVm], objects: Mapping[WantedVm, Listing]
) -> tuple[list[Alias], list[Gap]]:
    found: list[Alias] = []
    gaps: list[Gap] = []
    for vm in vms:
        names, doubts = aliases(vm, objects[vm].rows if vm in objects else [])
        found += names
        gaps += doubts
    return found, gaps


def _unnamed(vm: WantedVm) -> Gap:
    why = "Veeam's filter on names finds nothing, so its name for this VM could not be asked"
    return Gap("veeam", vm.name, why, "Check in VBR that it backs the VM up by this name.")


def with_clock(pulled: Pulled, host: str, clock: ServerTime | None) -> Pulled:
    """Add what is known of the server's clock; a slow answer measures nothing."""
    if clock is None:
        why = f"{host} does not tell its time with its offset"
        return replace(pulled, gaps=(*pulled.gaps, Gap("veeam", "clock", why)))
    if not clock.measured:
        return replace(pulled, gaps=(*pulled.gaps, unsure(host, clock)))
    return replace(pulled, clocks={"veeam": clock.ahead})


def gap_of(error: SourceError, subject: str = "sessions") -> Gap:
    """Make a gap of what went wrong; of the sessions, for their absence proves nothing then."""
    return Gap("veeam", subject, f"{error.subject}: {error.message}", error.hint)


def _sum(listings: Iterable[Listing]) -> Listing:
    return sum(listings, Listing())


def _within(sessions: Listing, span: Span) -> Listing:
    """Leave out sessions that do not overlap, should the server have overlooked a filter."""
    rows = [row for row in sessions.rows if not isinstance(row, dict) or span.holds(Row(row))]
    return Listing(rows, sessions.missing, sessions.faults)


def _answer(listing: Listing) -> bytes | None:
    """Write the list; None where nothing of it could be read."""
    return None if listing.faults and not listing.rows else answer(listing)


def _gaps(*listings: Listing) -> Iterable[Gap]:
    return dict.fromkeys(gap_of(fault) for listing in listings for fault in listing.faults)


def _collected(
    span: Span, gaps: Sequence[Gap], *listings: Listing
) -> dict[str, tuple[datetime, datetime]]:
    """Say for what interval absence proves something: only where every page was read."""
    whole = not gaps and not any(one.faults or one.missing for one in listings)
    return {"veeam": span.covered} if whole and span.covered else {}

"""Reading: how much of a VM's past was read, and how to get the rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commands.context import Context
from commands.wording import date_time, iso
from storage.coverage import covered, read_until
from storage.keep import LOG
from storage.vms import Vm
from verdict.facts import Coverage
from verdict.words import span

DAY = timedelta(days=1)

ENOUGH = 0.5
"""The part of a time that must have been read before "no stun" says something about it."""

WHOLE = 0.995
"""Read but for an hour or two of a month: the log that is being written, a restart of the VM."""

SWITCHED_OFF = "No vCenter may be asked for vmware.log: set read_logs = true (docs/permissions.md)."

NEVER = "never; `stuncheck survey` reads it"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a VM's vmware.log between `since` and `now`, in UTC."""

    since: datetime
    now: datetime
    until: datetime | None
    """Up to when it was read at all; None where it never was."""
    parts: tuple[Coverage, ...]

    @property
    def read(self) -> timedelta:
        """How much of the time was read."""
        return sum((part.end - part.start for part in self.parts), timedelta(0))

    @property
    def part(self) -> float:
        """The part of the time that was read."""
        return self.read / (self.now - self.since)

    @property
    def telling(self) -> bool:
        """Whether so much was read that a stun would probably have been seen."""
        return self.part >= ENOUGH

    @property
    def words(self) -> str:
        """Say up to when it was read, and how much of the time."""
        if self.until is None:
            return NEVER
        ago = span(max(self.now - self.until, timedelta(0)))
        return f"{date_time(self.until)}, {ago} ago; {self.amount}"

    @property
    def amount(self) -> str:
        """Say how much of the time was read: "29.8 of the last 30 days"."""
        days = (self.now - self.since) / DAY
        if self.part >= WHOLE:
            return f"all of the last {days:.0f} days"
        return f"{self.read / DAY:.1f} of the last {days:.0f} days"

    @property
    def doubt(self) -> str:
        """Say what it means that too little was read to be telling."""
        if self.until is None:
            return "Its log was never surveyed: there may be stuns that nobody knows of."
        return f"Its log was read for {self.amount}: of the others nothing is known."

    @property
    def entry(self) -> dict[str, str | float | None]:
        """The same for machines."""
        return {
            "until": iso(self.until) if self.until else None,
            "days_read": round(self.read / DAY, 3),
            "days": round((self.now - self.since) / DAY, 3),
        }


def log_reading(context: Context, vm: Vm, since: datetime, now: datetime) -> Reading:
    """Say how much of a VM's vmware.log is known. Raises UserError."""
    store = context.store
    parts = covered(store, vm.vcenter, LOG, vm.name, since, now)
    return Reading(since, now, read_until(store, vm.vcenter, LOG, vm.name), parts)


def switched_off(context: Context) -> bool:
    """Whether nothing is configured that could read a vmware.log."""
    return bool(context.site.vcenters) and not any(one.read_logs for one in context.site.vcenters)

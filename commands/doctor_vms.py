"""What `doctor` checks of the nodes' VMs in a vCenter: rights, vmware.log, their hosts' clocks."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from commands.doctor import Check, Finding, System
from commands.doctor_clock import clock_finding
from commands.doctor_powershell import quoted
from commands.doctor_vcenter import READ_ONLY, VCenterProbe
from sources.access import Window
from sources.deadline import Deadline
from sources.vcenter.live_logs import fetch_logs, host_ahead
from sources.vcenter.properties import Estate, LiveVm, read_estate
from sources.vcenter.rights import LOGS, Right, check_rights
from sources.vcenter.session import Session
from verdict.words import listing

LAST = timedelta(minutes=1)
"""How much of a log is read to see that it can be."""

ROLE = "stuncheck-logs"
NEW_ROLE = (
    f"New-VIRole -Name {ROLE} -Privilege "
    "(Get-VIPrivilege -Id Datastore.Browse, Datastore.FileManagement)"
)
GIVE = (
    f"New-VIPermission -Entity (Get-{{kind}} {{name}}) -Principal {{user}} -Role {ROLE} "
    "-Propagate:$false"
)
NTP = "In its shell: esxcli system ntp set --server NTPSERVER --enabled true"


class VmsProbe:
    """The VMs of one vCenter; a session of its own, closed at the end."""

    def __init__(self, probe: VCenterProbe, estate: Estate, vms: Iterable[LiveVm]) -> None:
        self.access, self.estate = probe.access, estate
        self.vms = list({vm.ref: vm for vm in vms}.values())
        self._session: Session | None = None
        self._rights: Sequence[Right] = ()

    def system(self) -> System:
        """Give everything that is to be checked."""
        checks = [Check("log-on", self.log_on, vital=True), Check("rights", self.rights)]
        if self.access.read_logs:
            checks.append(Check("rights for logs", self.log_rights))
            checks += [Check(f"log of {vm.name}", partial(self.log, vm)) for vm in self.vms]
            hosts = {vm.host: vm for vm in self.vms if self.estate.name(vm.host)}.values()
            checks += [self._host(vm) for vm in hosts]
        return System(f"{self.access.name}, VMs", tuple(checks), self.close)

    @property
    def session(self) -> Session:
        """The session that `log_on` opened."""
        if self._session is None:
            raise ValueError("nobody has logged on")
        return self._session

    def log_on(self, deadline: Deadline) -> Finding:
        """Log on once more and read the inventory anew: what is in it belongs to a session."""
        self._session = Session(self.access, deadline).__enter__()
        self.estate = read_estate(self.session)
        return Finding.ok(self.access.user)

    def rights(self, _: Deadline) -> Finding:
        """Ask vCenter what the account may see of the VMs and their hosts."""
        self._rights = check_rights(self.session, self.estate, self.vms)
        lacking = [one for one in self._rights if one.feature != LOGS and not one.granted]
        if not lacking:
            return Finding.ok("history and inventory of the VMs and their hosts")
        said = f"{', '.join(lacking[0].missing)} is missing on {_entities(lacking)}"
        return Finding.wrong(said, READ_ONLY.format(user=quoted(self.access.user)))

    def log_rights(self, _: Deadline) -> Finding:
        """See what vCenter said of the rights for vmware.log."""
        lacking = [one for one in self._rights if one.feature == LOGS and not one.granted]
        if not lacking:
            return Finding.ok("Datastore.Browse and Datastore.FileManagement")
        missing = listing(sorted({right for one in lacking for right in one.missing}))
        lines = [self._give(*one.entity.split(" ", 1)) for one in lacking]
        remedy = f"In PowerCLI: {'; '.join([NEW_ROLE, *lines])}; or write read_logs = false"
        return Finding.wrong(f"{missing} is missing on {_entities(lacking)}", remedy)

    def log(self, vm: LiveVm, _: Deadline) -> Finding:
        """Read the end of a log, wherever it has to be read from."""
        now = datetime.now(UTC)
        logs = fetch_logs(self.session, self.estate, vm, Window(now - LAST, now))
        if logs.read_at is None:
            gap = logs.gaps[0] if logs.gaps else None
            said = gap.why if gap else "vmware.log could not be read"
            return Finding.wrong(said, gap.remedy if gap else None)
        return Finding.ok(f"{listing([file.name for file in logs.files])} can be read")

    def close(self) -> None:
        """Log out and close every connection."""
        if self._session is not None:
            self._session.__exit__(None, None, None)
            self._session = None

    def _give(self, kind: str, name: str) -> str:
        return GIVE.format(kind=kind.title(), name=quoted(name), user=quoted(self.access.user))

    def _host(self, vm: LiveVm) -> Check:
        return Check(f"clock of {self.estate.name(vm.host)}", partial(self._clock, vm))

    def _clock(self, vm: LiveVm, _: Deadline) -> Finding:
        ahead = host_ahead(self.session, self.estate, vm)
        if ahead is None:
            return Finding.not_used("it does not tell its time; 2 s are allowed for it")
        return clock_finding(ahead, NTP)


def _entities(rights: Sequence[Right]) -> str:
    return listing(list(dict.fromkeys(one.entity for one in rights)))

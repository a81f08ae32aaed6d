"""What `doctor` checks of a vCenter: port, certificate, log-on, rights, clock, vmware.log."""

from commands.doctor import Check, Finding, System
from commands.doctor_clock import clock_finding
from commands.doctor_powershell import quoted
from sources.access import VCenterAccess
from sources.deadline import Deadline
from sources.errors import RefusedError
from sources.reach import CONNECTING, Endpoint, check_certificate, reach, trusting
from sources.vcenter.faults import SOURCE
from sources.vcenter.properties import Estate, read_estate
from sources.vcenter.session import Session

READ_ONLY = (
    "In PowerCLI: New-VIPermission -Entity (Get-Folder -NoRecursion) -Principal {user} "
    "-Role ReadOnly -Propagate:$true"
)
NTP = "In its shell: ntp.set --servers NTPSERVER; timesync.set --mode NTP"


class VCenterProbe:
    """One vCenter; the session stays open for the checks that follow, until `close`."""

    def __init__(self, access: VCenterAccess) -> None:
        self.access = access
        self.endpoint = Endpoint(SOURCE, access.name, access.host, access.port)
        self.estate: Estate | None = None
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The session that `log_on` opened."""
        if self._session is None:
            raise ValueError("nobody has logged on")
        return self._session

    def system(self) -> System:
        """Give everything that is to be checked."""
        checks = (
            Check("connection", self.connect, vital=True, remedy=self._open()),
            Check("certificate", self.certificate, vital=True),
            Check("log-on", self.log_on, vital=True),
            Check("rights", self.rights),
            Check("clock", self.clock),
            Check("vmware.log", self.logs),
        )
        return System(self.access.name, checks, self.close)

    def _open(self) -> str:
        return f"Open TCP {self.endpoint.port} from here to it; is it the right port?"

    def connect(self, deadline: Deadline) -> Finding:
        """Open the port."""
        reach(self.endpoint, deadline.sooner(CONNECTING))
        return Finding.ok(f"{self.endpoint.address} answers")

    def certificate(self, deadline: Deadline) -> Finding:
        """Check the certificate before any password is sent."""
        if not self.access.verify:
            return Finding.not_used("verify = false: any certificate is taken")
        context = trusting(self.endpoint, self.access.ca_file)
        check_certificate(self.endpoint, context, deadline)
        return Finding.ok(f"trusted, by {self.access.ca_file or 'the system'}")

    def log_on(self, deadline: Deadline) -> Finding:
        """Log on."""
        self._session = Session(self.access, deadline).__enter__()
        return Finding.ok(f"{self.access.user}, {self.session.about}")

    def rights(self, _: Deadline) -> Finding:
        """Read the inventory: what an account may not see, vCenter leaves out without a word."""
        remedy = READ_ONLY.format(user=quoted(self.access.user))
        try:
            self.estate = read_estate(self.session)
        except RefusedError as error:
            return Finding.wrong(error.message, remedy)
        if self.estate.gaps:
            return Finding.wrong(self.estate.gaps[0].why, remedy)
        return Finding.ok(f"{len(self.estate.vms)} VMs can be read")

    def clock(self, _: Deadline) -> Finding:
        """Ask for its time, round trip halved."""
        return clock_finding(self.session.ahead(), NTP)

    def logs(self, _: Deadline) -> Finding:
        """Say whether vmware.log is read; that it can be is seen VM by VM."""
        if self.access.read_logs:
            return Finding.ok("read_logs = true; seen below for each VM")
        said = "read_logs = false, so no stun is measured"
        return Finding.not_used(said, "docs/permissions.md tells the price")

    def close(self) -> None:
        """Log out and close every connection."""
        if self._session is not None:
            self._session.__exit__(None, None, None)
            self._session = None

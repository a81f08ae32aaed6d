"""What `doctor` checks of a Veeam server: port, certificate, revision, role, clock, old servers."""

from commands.doctor import Check, Finding, State, System
from commands.doctor_clock import clock_finding
from commands.doctor_powershell import quoted
from commands.doctor_winrm import WinRmProbe
from sources.access import VeeamAccess
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.json_rows import Row, UnreadableError, load
from sources.reach import CONNECTING, Endpoint, check_certificate, reach
from sources.veeam.client import NEW_PORT, PORT, Client
from sources.veeam.faults import SOURCE
from sources.veeam.sessions import SESSIONS
from sources.veeam.trust import trust

ROLE = "On it, in Veeam's PowerShell: Add-VBRUserRoleAssignment -Name {user} -Role BackupViewer"

SERVICE = "On it: Get-Service -DisplayName 'Veeam*REST*'; and open TCP 9419 from here to it."

OLD = "Update VBR to 12.3, or write [veeam.winrm] below this [[veeam]]."


class VeeamProbe:
    """One server; the client stays open for the checks that follow, until `close`."""

    def __init__(self, access: VeeamAccess) -> None:
        self.access = access
        self._port = access.port
        self.usable = False
        """Whether sessions could be read."""
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The client that `revision` opened."""
        if self._client is None:
            raise ValueError("nobody has asked for the revision")
        return self._client

    def system(self) -> System:
        """Give everything that is to be checked over REST."""
        checks = (
            Check("connection", self.connect, vital=True, remedy=SERVICE),
            Check("certificate", self.certificate, vital=True),
            Check("revision", self.revision, vital=True),
            Check("log-on", self.log_on, vital=True),
            Check("role", self.role),
            Check("snapshot steps", self.steps),
            Check("clock", self.clock),
        )
        return System(self.access.name, checks, self.close)

    def old(self) -> System | None:
        """Give what is to be checked over WinRM, where it is configured."""
        if self.access.winrm is None:
            return None
        probe = WinRmProbe(self.access.winrm, self.access.host)
        return System(f"{self.access.name}, WinRM", probe.checks(), probe.close)

    def connect(self, deadline: Deadline) -> Finding:
        """Open the port; 13.1 may have only the newer one."""
        ports = (PORT, NEW_PORT) if self.access.port == PORT else (self.access.port,)
        closed = []
        for self._port in ports:
            try:
                reach(self._endpoint(), deadline.sooner(CONNECTING))
            except SourceError as error:
                closed.append(error)
            else:
                return Finding.ok(f"{self._endpoint().address} answers")
        if self.access.winrm is not None:
            return Finding(State.NOT_CHECKED, "no REST answers; PowerShell is asked over WinRM")
        raise closed[0]

    def certificate(self, deadline: Deadline) -> Finding:
        """Check the certificate before any password is sent."""
        if not self.access.verify:
            return Finding.not_used("verify = false: any certificate is taken")
        check_certificate(self._endpoint(), trust(self.access), deadline)
        return Finding.ok(f"trusted, by {self.access.ca_file or 'the system'}")

    def revision(self, deadline: Deadline) -> Finding:
        """Find the revision that both sides speak."""
        self._client = Client(self.access, deadline).__enter__()
        return Finding.ok(f"REST {self.client.revision}")

    def log_on(self, deadline: Deadline) -> Finding:
        """Sign in with user and password."""
        self.client.sign_in(deadline)
        return Finding.ok(self.access.user)

    def role(self, _: Deadline) -> Finding:
        """Read one session, as every role of Veeam's may."""
        try:
            body = self.client.get(SESSIONS, "sessions", {"limit": "1"})
        except SourceError as error:
            remedy = ROLE.format(user=quoted(self.access.user))
            return Finding.wrong(error.message, remedy)
        listed(body, self.access.host, "sessions")
        self.usable = True
        return Finding.ok("sessions can be read")

    def steps(self, _: Deadline) -> Finding:
        """See whether it tells when snapshots were created and removed."""
        if self.client.revision.has_tasks:
            return Finding.ok("told by task sessions")
        if self.access.winrm is not None:
            return Finding.ok("told by PowerShell, over WinRM")
        return Finding.wrong("before 12.3 REST does not tell them", OLD)

    def clock(self, _: Deadline) -> Finding:
        """Read the server's clock once more; the first time held the TLS handshake."""
        self.client.read_clock()
        clock = self.client.clock
        if clock is None:
            return Finding.wrong("it does not tell its time with its offset", "Update VBR.")
        return clock_finding(clock.ahead, "On it: w32tm /resync /rediscover")

    def close(self) -> None:
        """Sign out and close every connection."""
        if self._client is not None:
            self._client.__exit__(None, None, None)
            self._client = None

    def _endpoint(self) -> Endpoint:
        return Endpoint(SOURCE, self.access.name, self.access.host, self._port)


def listed(body: bytes, host: str, what: str) -> list[Row]:
    """Give the rows of a list. Raises SourceError where it is none: that is not an empty one."""
    try:
        parsed = load(body)
    except UnreadableError:
        parsed = None
    data = parsed.get("data") if isinstance(parsed, dict) else None
    if not isinstance(data, list):
        raise SourceError(SOURCE, host, f"{what}: the answer cannot be read", "Ask again.")
    return [Row(one) for one in data if isinstance(one, dict)]

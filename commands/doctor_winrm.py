"""What `doctor` checks of a Windows machine's remote shell: port, certificate, log-on."""

from commands.doctor import Check, Finding
from sources.access import WinRmAccess
from sources.deadline import Deadline
from sources.errors import RefusedError
from sources.reach import CONNECTING, Endpoint, check_certificate, reach, trusting
from sources.windows.session import PORTS
from sources.windows.shell import Shell
from sources.windows.winrm_faults import SOURCE

DENIED = "access was denied"
"""What RefusedError says where the password is right and the right to a remote shell is missing."""

NEW_LISTENER = (
    r"New-Item WSMan:\localhost\Listener -Transport HTTPS -Address * "
    "-CertificateThumbPrint THUMBPRINT -Force"
)
NEW_RULE = (
    "New-NetFirewallRule -DisplayName WinRM-HTTPS -Direction Inbound -Protocol TCP "
    "-LocalPort {port} -Action Allow"
)


class WinRmProbe:
    """One machine; its shell stays open for the checks that follow, until `close`."""

    def __init__(self, access: WinRmAccess, host: str) -> None:
        self.access = access
        port = access.port or PORTS[access.tls]
        self.endpoint = Endpoint(SOURCE, host, host, port)
        self._shell: Shell | None = None

    @property
    def shell(self) -> Shell:
        """The shell that `log_on` opened."""
        if self._shell is None:
            raise ValueError("nobody has logged on")
        return self._shell

    def checks(self) -> tuple[Check, ...]:
        """Give the checks, in the order in which they build on each other."""
        return (
            Check("connection", self.connect, vital=True, remedy=self._open()),
            Check("certificate", self.certificate, vital=True),
            Check("log-on", self.log_on, vital=True),
        )

    def connect(self, deadline: Deadline) -> Finding:
        """Open the port."""
        reach(self.endpoint, deadline.sooner(CONNECTING))
        return Finding.ok(f"{self.endpoint.address} answers")

    def certificate(self, deadline: Deadline) -> Finding:
        """Check the certificate before any password is sent."""
        if not self.access.tls:
            how = self.access.transport
            return Finding.not_used(f"tls = false; {how} encrypts the messages")
        if not self.access.verify:
            return Finding.not_used("verify = false: any certificate is taken")
        context = trusting(self.endpoint, self.access.ca_file)
        check_certificate(self.endpoint, context, deadline)
        return Finding.ok(f"trusted, by {self.access.ca_file or 'the system'}")

    def log_on(self, deadline: Deadline) -> Finding:
        """Log on and open a shell, which takes the right to run a command."""
        shell = Shell(self.access, self.endpoint.host, deadline)
        try:
            self._shell = shell.__enter__()
        except RefusedError as error:
            if DENIED not in error.message:
                raise
            said = f"{self.access.user} may log on but not run commands"
            return Finding.wrong(said, RUN_COMMANDS.format(user=self.access.user))
        return Finding.ok(f"{self.access.user or 'the certificate'}, by {self.access.transport}")

    def close(self) -> None:
        """Close the shell and its connections."""
        if self._shell is not None:
            self._shell.__exit__(None, None, None)
            self._shell = None

    def _open(self) -> str:
        """Give the line that makes a node listen."""
        if not self.access.tls:
            return "On it, as administrator: Enable-PSRemoting -Force"
        rule = NEW_RULE.format(port=self.endpoint.port)
        return f"On it, as administrator: {NEW_LISTENER}; {rule}; or write tls = false"


RUN_COMMANDS = (
    "On it, as administrator: winrm configSDDL default, and there Read and Execute for {user}; "
    "without a desktop the lines in docs/permissions.md, Windows nodes"
)

"""A session with a vCenter: logged in, bound to a deadline, and always logged out."""

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar
from xml.etree.ElementTree import ParseError

import httpx
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sources.access import VCenterAccess
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.vcenter.faults import GARBLED, garbled, is_fault, refused, unreachable
from sources.vcenter.tls import TimedContext
from sources.vcenter.vmomi import VERSIONS, SoapStubAdapter, vim, vmodl

OLDEST = "6.5"
"""The API version that every vCenter from 6.5 on speaks; used where it does not tell its own."""

FAREWELL = 0.4
"""Seconds for the log-out when the deadline is used up."""

CONNECTIONS = 8
"""Connections kept open, one for each thread of a pull."""

LONGEST_LIST = 1 << 20
"""Bytes read of the list of API versions; it has some 2 KB."""

T = TypeVar("T")


class Wire:
    """The stub that pyvmomi sends its calls through. Counts them and knows every error.

    `InvokeMethod` raises vmodl.MethodFault for what vCenter refused and SourceError for all
    else. Attributes of managed objects are not read through it: each would be a round trip.
    """

    def __init__(self, access: VCenterAccess, context: TimedContext, version: str) -> None:
        self.version = VERSIONS[version]
        self.context = context
        self._name, self._host = access.name, access.host
        self._count = itertools.count(1)
        self.calls = 0
        self._soap = SoapStubAdapter(
            host=access.host,
            port=access.port,
            version=self.version,
            sslContext=context,
            poolSize=CONNECTIONS,
            httpConnectionTimeout=max(context.deadline.left, FAREWELL),
        )

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:  # noqa: ANN401, N802  pyvmomi's
        """Make one call: one round trip."""
        self.calls = next(self._count)
        try:
            self._soap.schemeArgs["timeout"] = max(self.context.deadline.left, 0.001)
            status, answer = self._soap.InvokeMethod(mo, info, args, self)
        except OSError as error:
            raise unreachable(error, self._name, self._host) from None
        except GARBLED as error:
            raise garbled(error, self._name, self._host) from None
        if status == httpx.codes.OK:
            return answer
        if is_fault(answer):
            raise answer
        raise garbled(HTTPException(f"{status} without a reason"), self._name, self._host)

    @property
    def cookie(self) -> str:
        """The session's cookie, for requests beside SOAP. A secret."""
        cookie: str = self._soap.cookie
        return cookie.partition(";")[0]

    def close(self) -> None:
        """Close every connection."""
        self._soap.DropConnections()


class Session:
    """One login at one vCenter, for `with`. Nothing global, nothing left behind.

    Entering raises SourceError; so does everything asked through `run`.
    """

    def __init__(self, access: VCenterAccess, deadline: Deadline) -> None:
        self.access = access
        self.deadline = deadline
        self.content: Any = None
        self.key = ""
        self._logins = 0
        self._renewing = threading.Lock()

    def __repr__(self) -> str:
        return f"Session({self.access.name!r})"

    def __enter__(self) -> Self:
        name, host = self.access.name, self.access.host
        self.deadline.check("vcenter", name, "logging in")
        try:
            context = TimedContext.of(self.access, self.deadline)
        except OSError as error:
            raise unreachable(error, name, f"{host} (ca_file {self.access.ca_file})") from None
        self.wire = Wire(self.access, context, self._version(context))
        try:
            self._login()
        except BaseException:
            self.wire.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wire.context.deadline = Deadline(max(self.deadline.at, monotonic() + FAREWELL))
        self.quietly(self.content.sessionManager.Logout)
        self.wire.close()

    @property
    def calls(self) -> int:
        """How many round trips there were so far."""
        return self.wire.calls

    @property
    def about(self) -> str:
        """What vCenter says it is, `VMware vCenter Server 8.0.3 build-24322831`."""
        return str(self.content.about.fullName)

    def run(self, work: Callable[[], T]) -> T:
        """Do some work; if the session has expired, log in again and do it once more.

        What belonged to the old session, views and collectors, is gone with it: `work` has to
        make its own. Raises SourceError.
        """
        logins = self._logins
        try:
            try:
                return work()
            except vim.fault.NotAuthenticated:
                self._renew(logins)
            except vmodl.fault.ManagedObjectNotFound:  # of the session before, perhaps
                if self._logins == logins:
                    raise
            return work()
        except vmodl.MethodFault as fault:
            raise refused(fault, self.access.name) from None

    def quietly(self, farewell: Callable[[], object]) -> None:
        """Tidy something away that ends with the session anyway; failing is no matter."""
        try:
            farewell()
        except (SourceError, vmodl.MethodFault):
            return

    def ahead(self) -> timedelta:
        """Measure how far vCenter's clock runs ahead of ours, round trip halved."""
        before, began = datetime.now(UTC), monotonic()
        theirs: datetime = self.run(vim.ServiceInstance("ServiceInstance", self.wire).CurrentTime)
        middle = before + timedelta(seconds=(monotonic() - began) / 2)
        return theirs.astimezone(UTC) - middle

    def _renew(self, logins: int) -> None:
        """Log in again, once in all, unless another thread just did."""
        with self._renewing:
            if self._logins > logins:
                return
            if self._logins > 1:
                raise vim.fault.NotAuthenticated
            self._login()

    def _login(self) -> None:
        """Log in. Raises SourceError."""
        access = self.access
        try:
            service = vim.ServiceInstance("ServiceInstance", self.wire)
            self.content = service.RetrieveContent()
            manager = self.content.sessionManager
            self.key = manager.Login(access.user, access.password.reveal(), None).key
            self._logins += 1
        except vmodl.MethodFault as fault:
            raise refused(fault, access.name) from None

    def _version(self, context: TimedContext) -> str:
        """Choose the newest API version that both sides speak. Raises SourceError."""
        name, host, port = self.access.name, self.access.host, self.access.port
        url = httpx.URL(scheme="https", host=host, port=port, path="/sdk/vimServiceVersions.xml")
        try:
            with httpx.Client(verify=context, trust_env=False) as client:
                answer = _short(client, url, self.deadline)
            return _newest(answer)
        except httpx.HTTPError as error:
            raise unreachable(_cause(error), name, host) from None
        except OSError as error:
            raise unreachable(error, name, host) from None
        except (HTTPException, ParseError, DefusedXmlException, ValueError) as error:
            raise garbled(error, name, host) from None


def _short(client: httpx.Client, url: httpx.URL, deadline: Deadline) -> bytes:
    """Fetch what cannot be long."""
    got = b""
    with client.stream("GET", url, timeout=max(deadline.left, 0.001)) as response:
        if response.status_code != httpx.codes.OK:
            raise HTTPException(f"{response.status_code} {response.reason_phrase}")
        for part in response.iter_bytes():
            got += part
            if len(got) > LONGEST_LIST:
                raise ValueError
    return got


def _newest(answer: bytes) -> str:
    """Read the list of API versions; raises ParseError where it is none."""
    told = {version.text for version in fromstring(answer).iter("version")}
    both = [version for version in told if version in VERSIONS]
    if not told:
        raise ValueError
    return max(both, key=_order, default=OLDEST)


def _order(version: str) -> tuple[int, ...]:
    """Compare versions as numbers; the development versions come first."""
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(p.isdigit() for p in parts) else ()


def _cause(error: BaseException) -> OSError:
    """Find the error of the socket below one of httpx."""
    if isinstance(error, httpx.TimeoutException):
        return TimeoutError()
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return OSError(str(error) or type(error).__name__)

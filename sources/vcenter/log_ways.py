"""The ways to a VM's logs: through vCenter's /folder, or from the ESXi host the VM runs on."""

from contextlib import ExitStack
from posixpath import dirname
from typing import Any

import httpx

from sources.errors import RefusedError, SourceError
from sources.vcenter.properties import Estate, LiveObject, LiveVm, finish
from sources.vcenter.session import Session
from sources.vcenter.tls import TimedContext
from sources.vcenter.vmomi import vim
from sources.vmware.datastore import (
    SOURCE,
    Listed,
    LogFolder,
    Request,
    Way,
    newest_first,
    split_path,
)


def find_folder(estate: Estate, vm: LiveVm) -> tuple[LogFolder, LiveObject]:
    """Find out where a VM logs, and the datastore itself. Raises SourceError."""
    told = split_path(vm.log_directory or dirname(vm.vm_path or ""))
    if told is None:
        why = "vCenter does not say where this VM logs"
        raise SourceError(SOURCE, vm.name, why, "See whether the VM is reachable in vCenter.")
    name, path = told
    stores = [o for o in estate.objects.values() if (o.kind, o.name) == ("Datastore", name)]
    own = [store for store in stores if store.ref in vm.datastores] or stores
    above = estate.datacenter(own[0].ref) if len(own) == 1 else None
    if above is None:
        why = f"the datastore {name}, where it logs, is not visible to this account"
        raise SourceError(SOURCE, vm.name, why, "Give the account the role Read-only there.")
    return LogFolder(vm.name, name, path, above[1], estate.name(vm.host)), own[0]


def list_logs(session: Session, folder: LogFolder, store: LiveObject) -> list[Listed]:
    """List the logs in a folder: the current one, then the highest number. Raises SourceError."""
    browser = vim.host.DatastoreBrowser
    details = browser.FileInfo.Details(
        fileType=False, fileSize=True, modification=True, fileOwner=False
    )
    spec = browser.SearchSpec(matchPattern=["vmware*.log"], details=details)
    where = f"[{folder.datastore}] {folder.path}"

    def search() -> Any:  # noqa: ANN401  pyvmomi's
        return finish(session, store.browser.SearchDatastore_Task(where, spec))

    try:
        files = session.run(search).file or ()
    except RefusedError as error:
        raise RefusedError(SOURCE, folder.vm, error.message, folder.remedy) from None
    except SourceError as error:
        raise type(error)(SOURCE, folder.vm, error.message, error.hint) from None
    listed = newest_first((file.path, file.fileSize or 0) for file in files)
    if not listed:
        why = f"there is no vmware.log in {where}"
        raise SourceError(SOURCE, folder.vm, why, "See whether logging is on for this VM.")
    return listed


class Ways:
    """All ways to one folder, and the connections they opened. For `with`."""

    def __init__(self, session: Session, folder: LogFolder) -> None:
        self.session = session
        self.folder = folder
        self._open = ExitStack()
        self._clients: dict[frozenset[str], httpx.Client] = {}

    def __enter__(self) -> tuple[Way, ...]:
        through = ThroughVCenter(self)
        if self.session.access.esxi_logs and self.folder.host:
            return through, FromHost(self, self.folder.host)
        return (through,)

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def client(self, thumbprints: frozenset[str]) -> httpx.Client:
        """Give a client that trusts these thumbprints alone, or as this vCenter is trusted."""
        if thumbprints not in self._clients:
            session = self.session
            context = TimedContext.of(session.access, session.deadline, thumbprints)
            client = httpx.Client(verify=context, trust_env=False)
            self._clients[thumbprints] = self._open.enter_context(client)
        return self._clients[thumbprints]


class ThroughVCenter:
    """Asks vCenter's /folder with the cookie of the session."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self.who = f"vCenter {ways.session.access.name}"

    def ask(self, name: str) -> Request:
        """Prepare one request for a file."""
        session, folder = self.ways.session, self.ways.folder
        url = httpx.URL(
            scheme="https",
            host=session.access.host,
            port=session.access.port,
            path=f"/folder/{folder.path}/{name}",
            params={"dcPath": folder.datacenter, "dsName": folder.datastore},
        )
        return Request(self.ways.client(frozenset()), url, session.wire.cookie)


class FromHost:
    """Asks a host itself, with a ticket of vCenter's, which is good for one request.

    The ticket carries the thumbprints of the host's certificate: vCenter vouches for it (vSphere
    API, SessionManagerGenericServiceTicket).
    """

    def __init__(self, ways: Ways, host: str) -> None:
        self.ways = ways
        self.host = host
        self.who = f"host {host}"

    def ask(self, name: str) -> Request:
        """Get a ticket for one request for a file. Raises SourceError."""
        session, folder = self.ways.session, self.ways.folder
        url = httpx.URL(
            f"https://{self.host}",
            path=f"/folder/{folder.path}/{name}",
            params={"dsName": folder.datastore},
        )
        spec = vim.SessionManager.HttpServiceRequestSpec(method="httpGet", url=str(url))
        manager = session.content.sessionManager
        try:
            ticket = session.run(lambda: manager.AcquireGenericServiceTicket(spec))
        except SourceError as error:
            raise type(error)(SOURCE, folder.vm, error.message, error.hint) from None
        listed = getattr(ticket, "certThumbprintList", None) or ()
        prints = {ticket.sslThumbprint, *(each.thumbprint for each in listed)}
        known = frozenset(print_ for print_ in prints if print_)
        return Request(self.ways.client(known), url, f"vmware_cgi_ticket={ticket.id}")

"""Veeam, live: the same answers that a bundle holds, by REST or else by PowerShell."""

from collections.abc import Collection
from dataclasses import replace

from sources.access import VeeamAccess, Window
from sources.deadline import Deadline
from sources.errors import RefusedError, SourceError
from sources.pulled import Pulled
from sources.veeam.client import SIDE_BY_SIDE, Client
from sources.veeam.crew import Crew
from sources.veeam.powershell import NO_CLOCK, pull_by_powershell
from sources.veeam.rest import Reader, gap_of, with_clock
from sources.veeam.server_time import ServerTime
from sources.veeam.wish import Span, WantedVm, Wish

REACHING = 0.3
"""The part of the time in which REST must answer at all where PowerShell could be asked instead."""

SCRIPTED = 0.6
"""The part of what is left that PowerShell gets where an older REST API could be asked after it."""


def pull_veeam(
    access: VeeamAccess, vms: Collection[WantedVm], window: Window, deadline: Deadline
) -> Pulled:
    """Pull what Veeam did in a window: every session, and the steps of these VMs.

    Never raises for a server that fails: what could not be had is a gap.
    """
    return _pull(access, Wish.of(vms, window, listing=True), deadline)


def pull_history(
    access: VeeamAccess, vms: Collection[WantedVm], window: Window, deadline: Deadline
) -> Pulled:
    """Pull what Veeam did to these VMs in a window of days, without the sessions of others."""
    return _pull(access, Wish.of(vms, window, listing=False), deadline)


def _pull(access: VeeamAccess, wish: Wish, deadline: Deadline) -> Pulled:
    if access.winrm is None:
        try:
            with Client(access, deadline) as client:
                return _read(client, wish, deadline)
        except SourceError as error:
            return Pulled(gaps=(gap_of(error),))
    try:
        with Client(access, deadline.sooner(deadline.left * REACHING)) as client:
            if client.revision.has_tasks:
                return _read(client, wish, deadline)
            return _scripted_or_old(access, client, wish, deadline)
    except SourceError as error:
        return _scripted(access, wish, deadline, error)


def _read(client: Client, wish: Wish, deadline: Deadline) -> Pulled:
    """Read by REST. Raises SourceError where it does not let us in."""
    client.sign_in(deadline)
    with Crew(SIDE_BY_SIDE) as crew:
        return Reader(client, crew, wish).read()


def _scripted_or_old(access: VeeamAccess, client: Client, wish: Wish, deadline: Deadline) -> Pulled:
    """Read a server whose REST API knows no steps: by PowerShell, or what REST has."""
    try:
        pulled = _by_script(access, wish, client.clock, deadline.sooner(deadline.left * SCRIPTED))
        return with_clock(pulled, client.host, client.clock)
    except SourceError as error:
        untold = gap_of(error, "snapshot steps")
    try:
        pulled = _read(client, wish, deadline)
    except SourceError as error:
        return Pulled(gaps=(gap_of(error), untold))
    return replace(pulled, gaps=(*pulled.gaps, untold))


def _scripted(access: VeeamAccess, wish: Wish, deadline: Deadline, closed: SourceError) -> Pulled:
    """Read a server whose REST API does not answer; `closed` says why."""
    try:
        pulled = _by_script(access, wish, None, deadline)
    except SourceError as error:
        return Pulled(gaps=(gap_of(closed), gap_of(error)))
    refused = [gap_of(closed, "REST")] if isinstance(closed, RefusedError) else []
    return replace(pulled, gaps=(*pulled.gaps, NO_CLOCK, *refused))


def _by_script(
    access: VeeamAccess, wish: Wish, clock: ServerTime | None, deadline: Deadline
) -> Pulled:
    """Read by PowerShell. Raises SourceError."""
    span = Span.of(wish.window, clock)
    if access.winrm is None:
        raise ValueError("no WinRM was configured for this server")
    return pull_by_powershell(access, access.winrm, wish, span, deadline)

"""The first node of a cluster that answers a question: one after the other, and one is enough."""

from collections.abc import Callable
from typing import TypeVar

from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError
from sources.windows.shell import Shell

T = TypeVar("T")

SHARE = 0.5
"""Part of the time left that one host may take, so that there is some for the next; the last may
take all of it."""


def first_answer(access: ClusterAccess, deadline: Deadline, ask: Callable[[Shell], T]) -> T:
    """Ask the configured hosts in their order; what `ask` does must do no harm on any of them.

    Raises RefusedError, LateError or SourceError when none answers.
    """
    troubles: list[SourceError] = []
    for host in access.hosts:
        last = host == access.hosts[-1]
        until = deadline if last else deadline.sooner(deadline.left * SHARE)
        try:
            with Shell(access.winrm, host, until) as shell:
                return ask(shell)
        except SourceError as error:
            troubles.append(error)
    raise _telling(access, troubles)


def _telling(access: ClusterAccess, troubles: list[SourceError]) -> SourceError:
    """Choose the error to tell: one that somebody can mend before one that may be chance."""
    if not troubles:
        return SourceError("winrm", access.name, "it has no node configured", "Name one in hosts.")
    refused = [error for error in troubles if isinstance(error, RefusedError)]
    certain = [error for error in troubles if not isinstance(error, LateError)]
    return (refused or certain or troubles)[0]

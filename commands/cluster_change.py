"""The way to a cluster's heartbeat values: the running cluster, or what was recorded of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from commands.context import Context
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import SourceError, UserError
from sources.windows import apply as live
from sources.windows.apply import Applied
from sources.windows.heartbeat_values import Values, read_values
from storage.clusters import take_values

READING = 20.0
"""Seconds in which the values are read, or a right is asked for; somebody waits for a card."""

SENDING = 60.0
"""Seconds in which a change is sent and read back."""


@dataclass(frozen=True, slots=True)
class Change:
    """How values are read and set; the demo gives its own."""

    read: Callable[[ClusterAccess, Deadline], Values] = read_values
    """Raises SourceError."""
    apply: Callable[[ClusterAccess, Mapping[str, int], Mapping[str, int], Deadline], Applied] = (
        live.apply
    )
    """Never raises for the cluster."""
    may_change: Callable[[ClusterAccess, Deadline], str | None] = live.may_change
    """Raises SourceError."""

    def values(self, access: ClusterAccess) -> dict[str, int]:
        """Read the four values now. Raises SourceError."""
        return dict(self.read(access, Deadline.after(READING)).properties)

    def doubt(self, access: ClusterAccess) -> str | None:
        """Say beforehand what would keep an approved change from being done; None for nothing."""
        try:
            why = self.may_change(access, Deadline.after(READING))
        except SourceError as error:
            return f"Whether the account may change the values is not known: {error.message}."
        return f"As it is, an approval would change nothing. {why}" if why else None


LIVE = Change()


def read_now(context: Context, cluster: str, change: Change) -> dict[str, int]:
    """Read the four values of a cluster now, and keep them. Raises UserError if nobody tells."""
    access = context.cluster(cluster)
    try:
        values = change.values(access)
    except SourceError as error:
        message = f"The values of {access.name} were not read: {error.subject}: {error.message}."
        raise UserError(f"{message} Nothing was done.", error.hint) from error
    take_values(context.store, access.name, values, context.now())
    return values

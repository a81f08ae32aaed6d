"""What SQL Server itself waits for, and the statements that have it wait longer.

stuncheck changes heartbeats only; these are for a person to run.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from verdict.advice import MARGIN
from verdict.cluster import AvailabilityGroup, Cluster
from verdict.tolerance import HEALTH_CHECK_TIMEOUT, MS, SESSION_TIMEOUT
from verdict.tradeoff import SECOND

SAFE_NAME = re.compile(r"[\w .-]+")
"""Names that mean nothing but themselves between quotes of PowerShell and brackets of T-SQL."""

AT_ONCE = "  -- on the primary, takes effect at once"


def lease_statement(group: AvailabilityGroup, needed: timedelta) -> str:
    """Give what to type on a node so that a lease lasts so long."""
    name = f"'{group.name}'" if SAFE_NAME.fullmatch(group.name) else "NAME-OF-THE-GROUP"
    return (
        f"Get-ClusterResource {name} | Set-ClusterParameter LeaseTimeout {round(needed / MS)}"
        "  # once the group comes online again"
    )


def sql_statements(cluster: Cluster, longest: timedelta) -> Iterator[str]:
    """Give what to run in SQL Server so that a stun breaks neither health check nor session.

    HEALTH_CHECK_TIMEOUT is in milliseconds, SESSION_TIMEOUT in seconds (Microsoft, ALTER
    AVAILABILITY GROUP). A timeout that a stun with a margin does not reach needs no statement.
    """
    needed = ceil(longest * MARGIN / SECOND) * SECOND
    for group in cluster.groups:
        name = f"[{group.name}]" if SAFE_NAME.fullmatch(group.name) else "[NAME-OF-THE-GROUP]"
        if (group.health_check_timeout or HEALTH_CHECK_TIMEOUT) < needed:
            wanted = f"SET (HEALTH_CHECK_TIMEOUT = {round(needed / MS)})"
            yield f"ALTER AVAILABILITY GROUP {name} {wanted};{AT_ONCE}"
        if needed > SESSION_TIMEOUT:
            yield from _sessions(name, cluster, needed)


def _sessions(name: str, cluster: Cluster, needed: timedelta) -> Iterator[str]:
    """Give the statement for each replica, called as its node unless it is a named instance."""
    for node in cluster.nodes:
        replica = node.name if SAFE_NAME.fullmatch(node.name) else "NAME-OF-THE-REPLICA"
        wanted = f"WITH (SESSION_TIMEOUT = {needed // SECOND})"
        yield (f"ALTER AVAILABILITY GROUP {name} MODIFY REPLICA ON N'{replica}' {wanted};{AT_ONCE}")

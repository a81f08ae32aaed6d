"""The texts in a cluster.log that mean something: the cluster service's, its DLLs', its events'.

Texts and their sources: Microsoft's "Troubleshoot availability group failover", the article on
failover cluster network thresholds of IaaS VMs, a published log of a patch gone wrong (2012 R2,
"Prevent Unexpected Failovers When Patching AGs"), zeroch/FailoverDetector, microsoft/agdiag.
"""

import re

from sources.windows.sighting import Rule
from verdict.sign import Kind


def _rule(kind: Kind, needle: str, phrase: str, pattern: str = "", **fixed: str) -> Rule:
    return Rule(kind, needle, re.compile(pattern or re.escape(needle)), phrase, fixed.get("detail"))


def _own(
    kind: Kind, needle: str, phrase: str, pattern: str = "", detail: str | None = None
) -> Rule:
    return Rule(kind, needle, re.compile(pattern or re.escape(needle)), phrase, detail, own=True)


ROUTE_LOST, MISSED, LEASE = "a lost heartbeat route", "missed heartbeats", "a lost lease"
QUORUM, STOP = "lost quorum", "a stop asked of the cluster service"
RESOURCE_FAILED, DIAGNOSTICS, HEALTH = "a resource failure", "lost diagnostics", "failed health"

RULES = (
    _rule(
        Kind.ROUTE_LOST,
        "NetftRemoteUnreachable",
        ROUTE_LOST,
        r"Unreachable event, local address (?P<local>\S+) remote address (?P<remote>\S+)",
    ),
    _rule(
        Kind.ROUTE_LOST,
        "Remote endpoint ",
        ROUTE_LOST,
        r"Remote endpoint (?P<remote>\S+|<[^>]*>) unreachable from (?P<local>\S+)",
    ),
    _rule(
        Kind.HEARTBEATS_MISSED,
        "LocalEndpoint ",
        MISSED,
        r"LocalEndpoint (?P<local>\S+) has missed two consecutive heartbeats from (?P<remote>\S+)",
    ),
    _rule(
        Kind.HEARTBEATS_MISSED,
        "NetftTwoFifthMissedHeartbeats",
        MISSED,
        r"NetftTwoFifthMissedHeartbeats(?: event, local address (?P<local>\S+)"
        r" remote address (?P<remote>\S+))?",
    ),
    _rule(
        Kind.HEARTBEATS_MISSED,
        "Missed ",
        MISSED,
        r"Missed \d+% of the heart ?beats with node '(?P<node>[^']+)'(?: \(\d+\))?"
        r" on route (?P<local>\S+?)->(?P<remote>\S+)",
    ),
    _own(
        Kind.QUORUM_LOST,
        "Lost quorum (",
        QUORUM,
        r"\[QUORUM\] Node \d+: Lost quorum \(",
    ),
    _own(Kind.QUORUM_LOST, "Quorum lost because", QUORUM),
    _own(Kind.QUORUM_LOST, "5925)", QUORUM, r"status = 5925\)"),
    _own(Kind.NODE_QUARANTINED, "5985)", "status 5985", r"status = 5985\)"),
    _own(Kind.NODE_HALTED, "Cluster service has terminated", "the end of the cluster service"),
    _own(Kind.SERVICE_STOPPED, "[CS] Service Stopping", STOP, "", "cluster"),
    _rule(
        Kind.SERVICE_STOPPED,
        "ServiceStopReason::",
        STOP,
        r"Graceful shutdown reported by node (?P<node>[^,\s]+), reason"
        r" ServiceStopReason::\w*Shutdown\b",
        detail="cluster",
    ),
    _rule(
        Kind.RESOURCE_FAILED,
        "FAILURENOTIFICATION for '",
        RESOURCE_FAILED,
        r"FAILURENOTIFICATION for '(?P<subject>[^']+)'",
    ),
    _rule(
        Kind.RESOURCE_FAILED,
        "Resource Alive result 0",
        RESOURCE_FAILED,
        r"\[RES\] (?P<detail>SQL Server(?: Availability Group)?)\b.*Resource Alive result 0",
    ),
    _rule(
        Kind.ROLE_FAILED,
        "Not failing over group",
        "the last failover allowed",
        r"Not failing over group (?P<subject>[^,]+), failoverCount",
    ),
    _rule(
        Kind.ROLE_FAILED,
        "'Failed'",
        "a failed role",
        r"[Gg]roup '(?P<subject>[^']+)' (?:has )?transitioned from (?:state )?'\w+'"
        r" to (?:state )?'Failed'",
    ),
    _rule(Kind.LEASE_EXPIRED, "Availability Group lease is no longer valid", LEASE),
    _rule(Kind.LEASE_EXPIRED, "Lease timeout detected", LEASE),
    _rule(Kind.LEASE_EXPIRED, "The lease is expired", LEASE),
    _rule(Kind.HEALTH_LOST, "Failure detected, diagnostics heartbeat is lost", DIAGNOSTICS),
    _rule(Kind.HEALTH_LOST, "HealthCheckTimeout", DIAGNOSTICS, "did not receive healthinformation"),
    _rule(
        Kind.HEALTH_FAILED,
        "Failure detected, the state of",
        HEALTH,
        r"the state of (?P<detail>\w+) component is error",
    ),
    _rule(Kind.HEALTH_FAILED, "HealthCheckTimeout", HEALTH, "is not healthy with given"),
    _rule(
        Kind.SERVICE_CRASHED,
        "SQL server service is not alive",
        "SQL Server not alive",
        detail="sql",
    ),
)
"""Lines of the cluster service and of the DLLs that watch SQL Server."""

EVENT_RULES = (
    _rule(
        Kind.NODE_REMOVED,
        "Cluster node '",
        "event 1135",
        r"Cluster node '(?P<node>[^']+)' was removed from the active",
    ),
    _own(Kind.QUORUM_LOST, "The Cluster service is shutting down because quorum", "event 1177"),
    _own(Kind.NODE_HALTED, "Cluster service was halted due to incomplete", "event 1006"),
    _own(Kind.NODE_HALTED, "The cluster service encountered an unexpected problem", "event 1556"),
    _own(
        Kind.NODE_HALTED,
        "The Cluster service on this node is shutting down",
        "event 5396",
        "there are other cluster nodes that have quorum",
    ),
    _own(Kind.NODE_JOINED, "This node has successfully joined the failover", "event 1062"),
    _own(
        Kind.SERVICE_STOPPED,
        "The Cluster service was successfully stopped",
        "event 1063",
        detail="cluster",
    ),
    _own(
        Kind.SERVICE_STOPPED,
        "The cluster service has been stopped and set as disabled",
        "event 4614",
        detail="cluster",
    ),
    _rule(
        Kind.ROUTE_LOST,
        "Cluster has lost the UDP connection",
        "event 1650",
        r"lost the UDP connection(?: from local endpoint (?P<local>\S+) connected to"
        r" remote endpoint (?P<remote>\S+))?",
    ),
    _rule(
        Kind.HEARTBEATS_MISSED,
        "NetFT) has missed more than 40 percent",
        "event 1650",
        r"missed more than 40 percent(?:.*Local endpoint: (?P<local>\S+)\s+"
        r"Remote endpoint: (?P<remote>\S+))?",
    ),
    _rule(
        Kind.HEARTBEATS_MISSED,
        "Cluster has missed two consecutive heartbeats",
        "event 1650",
        r"for the local endpoint (?P<local>\S+) connected to remote endpoint (?P<remote>\S+)",
    ),
    _rule(
        Kind.NODE_QUARANTINED,
        "Cluster node '",
        "event 1672",
        r"Cluster node '(?P<node>[^']+)' has been quarantined",
    ),
    _own(Kind.NODE_QUARANTINED, "Local cluster node has been quarantined", "event 1676"),
    _rule(
        Kind.ROLE_FAILING_OVER,
        "The Cluster service is attempting to fail over",
        "event 1153",
        r"clustered role '(?P<subject>[^']+)'",
    ),
    _rule(
        Kind.ROLE_FAILED,
        "Clustered role '",
        "event 1254",
        r"Clustered role '(?P<subject>[^']+)' has exceeded its failover threshold",
    ),
    _rule(
        Kind.RESOURCE_FAILED,
        "Cluster resource '",
        "event 1069",
        r"resource '(?P<subject>[^']+)' (?:of type '(?P<detail>[^']+)' )?in clustered"
        r" (?:role|service or application) '[^']*' failed",
    ),
    _rule(Kind.RESOURCE_HUNG, "RHS) process was terminated", "event 1146", detail="RHS"),
    _rule(
        Kind.RESOURCE_HUNG,
        "A component on the server did not respond",
        "event 1230",
        r"resource '(?P<subject>[^']+)' \(resource type '(?P<detail>[^']+)'",
    ),
)
"""Events that Get-ClusterLog prints without their ids; in English only, other languages are left
to the event logs. The rest of the events is left to them too."""

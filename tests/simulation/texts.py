"""SQL Server's sentences as ERRORLOG carries them (facts/cluster.md 2.5)."""

LEASE_EXPIRED = (
    "The lease between availability group 'AG1' and the Windows Server Failover Cluster has "
    "expired. A connectivity issue occurred between the instance of SQL Server and the Windows "
    "Server Failover Cluster. To determine whether the availability group is failing over "
    "correctly, check the corresponding availability group resource in the Windows Server "
    "Failover Cluster."
)
NO_SIGNAL_FROM_SQL = (
    "Windows Server Failover Cluster did not receive a process event signal from SQL Server "
    "hosting availability group 'AG1' within the lease timeout period."
)
NO_SIGNAL_FROM_CLUSTER = (
    "SQL Server hosting availability group 'AG1' did not receive a process event signal from the "
    "Windows Server Failover Cluster within the lease timeout period."
)
CLUSTER_GONE = (
    "Always On Availability Groups: Local Windows Server Failover Clustering service has become "
    "unavailable. This is an informational message only. No user action is required."
)
STOP_LEASE = (
    "The availability group 'AG1' is being asked to stop the lease renewal because the "
    "availability group is going offline. This is an informational message only. No user action "
    "is required."
)
STOP_REQUEST = (
    "SQL Server is terminating in response to a 'stop' request from Service Control Manager. "
    "This is an informational message only. No user action is required."
)
SYSTEM_SHUTDOWN = (
    "SQL Server is terminating because of a system shutdown. This is an informational message "
    "only. No user action is required."
)


def state_change(old: str, new: str) -> str:
    """Return 19406."""
    return (
        "The state of the local availability replica in availability group 'AG1' has changed from "
        f"'{old}' to '{new}'. The state changed because the availability group state has changed "
        "in Windows Server Failover Clustering (WSFC). For more information, see the SQL Server "
        "error log or cluster log. If this is a Windows Server Failover Clustering (WSFC) "
        "availability group, you can also see the WSFC management console."
    )


def role_change(database: str, old: str, new: str) -> str:
    """Return 1480."""
    return (
        f'The availability group database "{database}" is changing roles from "{old}" to "{new}" '
        "because the mirroring session or availability group failed over due to role "
        "synchronization. This is an informational message only. No user action is required."
    )


def partner_lost(name: str) -> str:
    """Return 35206."""
    return (
        "A connection timeout has occurred on a previously established connection to availability "
        f"replica '{name}' with id [17116239-4815-4B9B-8097-26F68DED0653]. Either a networking or "
        "a firewall issue exists or the availability replica has transitioned to the resolving "
        "role."
    )


def partner_back(own: str, name: str) -> str:
    """Return 35202."""
    return (
        f"A connection for availability group 'AG1' from availability replica '{own}' with id "
        f"[85682E51-07E1-4B9A-9D66-D7CA5E9164AD] to '{name}' with id "
        "[17116239-4815-4B9B-8097-26F68DED0653] has been successfully established. This is an "
        "informational message only. No user action is required."
    )


def frozen(database: str) -> str:
    """Return 3197."""
    return (
        f"I/O is frozen on database {database}. No user action is required. However, if I/O is "
        "not resumed promptly, you could cancel the backup."
    )


def resumed(database: str) -> str:
    """Return 3198."""
    return f"I/O was resumed on database {database}. No user action is required."


def slow(database: str, milliseconds: int) -> str:
    """Return 833 of newer builds."""
    return (
        "SQL Server has encountered 1 occurrence(s) of I/O requests taking longer than 15 seconds "
        f"to complete on file [E:\\Data\\{database}_log.ldf] in database id 12. The OS file handle "
        "is 0x0000000000001594. The offset of the latest long I/O is: 0x000030435b0000. The "
        f"duration of the long I/O is: {milliseconds} ms."
    )

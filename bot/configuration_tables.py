"""The tables of stuncheck.toml: every key with its type, its range and what is wanted in words.

The words stand in each field's description; an error message and docs/settings.md use them. A key
that is absent keeps the default written in `sources.access`, so that no default stands twice.
"""

from typing import Annotated, Literal

from pydantic import Field

from bot.configuration_bot_tables import (
    A_CHANNEL,
    Channel,
    ListenTable,
    NoticesTable,
    SlackTable,
    TuningTable,
    WatchTable,
)
from bot.configuration_fields import (
    A_HOST,
    A_NAME,
    A_PEM,
    A_PORT,
    TRUE_OR_FALSE,
    File,
    Host,
    Name,
    Table,
    WithPassword,
    wanting,
)

DAYS = {"ge": 1, "le": 3650}
SECONDS = {"ge": 1, "le": 600}
MINUTES = {"ge": 1, "le": 720}


class StorageTable(Table):
    """[storage]: what is kept, and for how long."""

    path: File = wanting("the path of the database file, in quotes", "stuncheck.db")
    keep_days: int = wanting("a whole number of days from 1 to 3650", 400, **DAYS)


class DeadlinesTable(Table):
    """[deadlines]: how long an answer may take."""

    source_seconds: float = wanting("seconds from 1 to 600", 20.0, allow_inf_nan=False, **SECONDS)
    whole_seconds: float = wanting("seconds from 1 to 600", 30.0, allow_inf_nan=False, **SECONDS)


class WindowTable(Table):
    """[window]: how much time around a failover is looked at."""

    before_minutes: float = wanting("minutes from 1 to 720", 15.0, allow_inf_nan=False, **MINUTES)
    after_minutes: float = wanting("minutes from 1 to 720", 5.0, allow_inf_nan=False, **MINUTES)


class LogTable(Table):
    """[log]: what the program writes about its own work."""

    level: Literal["debug", "info", "warning", "error"] = wanting(
        '"debug", "info", "warning" or "error"', "info"
    )


class WinRmTable(WithPassword):
    """[winrm] for all clusters; [cluster.winrm], [veeam.winrm] for one, key by key."""

    user: Name | None = wanting(r"an account in quotes, 'CORP\svc-stuncheck' or 'svc@corp.example'")
    transport: Literal["ntlm", "kerberos", "certificate"] | None = wanting(
        '"ntlm", "kerberos" or "certificate"'
    )
    tls: bool | None = wanting(TRUE_OR_FALSE)
    port: int | None = wanting(A_PORT, ge=1, le=65535)
    verify: bool | None = wanting(TRUE_OR_FALSE)
    ca_file: File | None = wanting(A_PEM)
    certificate_file: File | None = wanting(A_PEM)
    key_file: File | None = wanting(A_PEM)


class ClusterTable(Table):
    """[[cluster]]: its name and at least one node; the rest is found from there."""

    name: Name = wanting(A_NAME, ...)
    hosts: Annotated[list[Host], Field(min_length=1)] = wanting(
        'addresses of nodes in brackets, hosts = ["sql01.corp.example"]', ...
    )
    cluster_log: bool = wanting(TRUE_OR_FALSE, default=False)
    vcenters: list[Name] | None = wanting('names of vCenters in brackets, vcenters = ["vc01"]')
    veeams: list[Name] | None = wanting('names of Veeam servers in brackets, veeams = ["vbr01"]')
    vms: dict[Name, Name] | None = wanting(
        "a VM's name in quotes, SQL01 = \"sql01-prod\"; a node's name with dots takes quotes too"
    )
    channel: Channel | None = wanting(A_CHANNEL)
    winrm: WinRmTable | None = wanting("a table: write [cluster.winrm] above its keys")


class ServerTable(WithPassword):
    """What a vCenter and a Veeam server have in common."""

    name: Name | None = wanting(A_NAME)
    host: Host = wanting(A_HOST, ...)
    user: Name = wanting("an account in quotes", ...)
    port: int | None = wanting(A_PORT, ge=1, le=65535)
    verify: bool | None = wanting(TRUE_OR_FALSE)
    ca_file: File | None = wanting(A_PEM)


class VCenterTable(ServerTable):
    """[[vcenter]]: a vCenter."""

    read_logs: bool | None = wanting(TRUE_OR_FALSE)
    esxi_logs: bool | None = wanting(TRUE_OR_FALSE)


class VeeamTable(ServerTable):
    """[[veeam]]: a Veeam Backup & Replication server; with winrm where its REST is too old."""

    winrm: WinRmTable | None = wanting("a table: write [veeam.winrm] above its keys")


SINGLE: dict[str, type[Table]] = {
    "storage": StorageTable,
    "deadlines": DeadlinesTable,
    "window": WindowTable,
    "log": LogTable,
    "winrm": WinRmTable,
    "slack": SlackTable,
    "server": ListenTable,
    "watch": WatchTable,
    "notices": NoticesTable,
    "tuning": TuningTable,
}
"""Tables that are there once, [storage]."""

MANY: dict[str, type[Table]] = {
    "cluster": ClusterTable,
    "vcenter": VCenterTable,
    "veeam": VeeamTable,
}
"""Tables that are there once for each system, [[cluster]]."""

"""The tables of stuncheck.toml: every key with its type, its range and what is wanted in words.

The words stand in each field's description; an error message and docs/settings.md use them. A key
that is absent keeps the default written in `sources.access`, so that no default stands twice.
"""

import re
from ipaddress import ip_address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST_NAME = 253
"""Characters of a name: those of a DNS name."""

HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")

DAYS = {"ge": 1, "le": 3650}
SECONDS = {"ge": 1, "le": 600}
MINUTES = {"ge": 1, "le": 720}


def _printable(text: str) -> str:
    stripped = text.strip()
    if not stripped or not stripped.isprintable() or len(stripped) > LONGEST_NAME:
        raise ValueError("not a name")
    return stripped


def _host(text: str) -> str:
    stripped = _printable(text)
    if not HOST.fullmatch(stripped):
        ip_address(stripped)
    return stripped


def _path(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("not a path")
    return text


Name = Annotated[str, AfterValidator(_printable)]
Host = Annotated[str, AfterValidator(_host)]
File = Annotated[str, AfterValidator(_path)]

A_HOST = "a host name or an IP address in quotes, without https:// and without a port"
A_PORT = "a whole number from 1 to 65535, without quotes"
TRUE_OR_FALSE = "true or false, without quotes"
A_PEM = "the path of a PEM file, in quotes"
A_NAME = "a name in quotes"


def _field(wanted: str, default: Any = None, **limits: Any) -> Any:  # noqa: ANN401 - as pydantic's
    return Field(default, description=wanted, **limits)


class Table(BaseModel):
    """A table: no unknown keys, no guessing of types, and no value in an error of pydantic's."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class WithPassword(Table):
    """A table with a password, which never stands in the file itself."""

    password_file: File | None = _field("the path of a file with only the password in it")
    password_env: Name | None = _field("the name of an environment variable with the password")


class StorageTable(Table):
    """[storage]: what is kept, and for how long."""

    path: File = _field("the path of the database file, in quotes", "stuncheck.db")
    keep_days: int = _field("a whole number of days from 1 to 3650", 400, **DAYS)


class DeadlinesTable(Table):
    """[deadlines]: how long an answer may take."""

    source_seconds: float = _field("seconds from 1 to 600", 20.0, allow_inf_nan=False, **SECONDS)
    whole_seconds: float = _field("seconds from 1 to 600", 30.0, allow_inf_nan=False, **SECONDS)


class WindowTable(Table):
    """[window]: how much time around a failover is looked at."""

    before_minutes: float = _field("minutes from 1 to 720", 15.0, allow_inf_nan=False, **MINUTES)
    after_minutes: float = _field("minutes from 1 to 720", 5.0, allow_inf_nan=False, **MINUTES)


class LogTable(Table):
    """[log]: what the program writes about its own work."""

    level: Literal["debug", "info", "warning", "error"] = _field(
        '"debug", "info", "warning" or "error"', "info"
    )


class WinRmTable(WithPassword):
    """[winrm] for all clusters; [cluster.winrm], [veeam.winrm] for one, key by key."""

    user: Name | None = _field(r"an account in quotes, 'CORP\svc-stuncheck' or 'svc@corp.example'")
    transport: Literal["ntlm", "kerberos", "certificate"] | None = _field(
        '"ntlm", "kerberos" or "certificate"'
    )
    tls: bool | None = _field(TRUE_OR_FALSE)
    port: int | None = _field(A_PORT, ge=1, le=65535)
    verify: bool | None = _field(TRUE_OR_FALSE)
    ca_file: File | None = _field(A_PEM)
    certificate_file: File | None = _field(A_PEM)
    key_file: File | None = _field(A_PEM)


class ClusterTable(Table):
    """[[cluster]]: its name and at least one node; the rest is found from there."""

    name: Name = _field(A_NAME, ...)
    hosts: Annotated[list[Host], Field(min_length=1)] = _field(
        'addresses of nodes in brackets, hosts = ["sql01.corp.example"]', ...
    )
    cluster_log: bool = _field(TRUE_OR_FALSE, default=False)
    vcenters: list[Name] | None = _field('names of vCenters in brackets, vcenters = ["vc01"]')
    veeams: list[Name] | None = _field('names of Veeam servers in brackets, veeams = ["vbr01"]')
    vms: dict[Name, Name] | None = _field(
        "a VM's name in quotes, SQL01 = \"sql01-prod\"; a node's name with dots takes quotes too"
    )
    winrm: WinRmTable | None = _field("a table: write [cluster.winrm] above its keys")


class ServerTable(WithPassword):
    """What a vCenter and a Veeam server have in common."""

    name: Name | None = _field(A_NAME)
    host: Host = _field(A_HOST, ...)
    user: Name = _field("an account in quotes", ...)
    port: int | None = _field(A_PORT, ge=1, le=65535)
    verify: bool | None = _field(TRUE_OR_FALSE)
    ca_file: File | None = _field(A_PEM)


class VCenterTable(ServerTable):
    """[[vcenter]]: a vCenter."""

    read_logs: bool | None = _field(TRUE_OR_FALSE)
    esxi_logs: bool | None = _field(TRUE_OR_FALSE)


class VeeamTable(ServerTable):
    """[[veeam]]: a Veeam Backup & Replication server; with winrm where its REST is too old."""

    winrm: WinRmTable | None = _field("a table: write [veeam.winrm] above its keys")


SINGLE: dict[str, type[Table]] = {
    "storage": StorageTable,
    "deadlines": DeadlinesTable,
    "window": WindowTable,
    "log": LogTable,
    "winrm": WinRmTable,
}
"""Tables that are there once, [storage]."""

MANY: dict[str, type[Table]] = {
    "cluster": ClusterTable,
    "vcenter": VCenterTable,
    "veeam": VeeamTable,
}
"""Tables that are there once for each system, [[cluster]]."""

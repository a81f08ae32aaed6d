"""Access: which systems there are and how to reach them. Plain data; read from a configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A password or key that no log, error or repr ever shows."""

    _value: str

    def reveal(self) -> str:
        """Give the value, to hand to a library and to nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class WinRmAccess:
    """How the nodes of a cluster are reached over WinRM.

    TLS is verified unless `verify` is False, against `ca_file` or the system's store. `port` None
    means 5986 with TLS and 5985 without; NTLM and Kerberos encrypt the messages there.
    """

    user: str = ""
    password: Secret | None = None
    transport: str = "ntlm"
    """ntlm, kerberos or certificate."""
    tls: bool = True
    port: int | None = None
    verify: bool = True
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """A cluster: its name and at least one node; the rest is found from there."""

    name: str
    hosts: tuple[str, ...]
    """Addresses of nodes to begin with, tried in order."""
    winrm: WinRmAccess
    vms: Mapping[str, str] = field(default_factory=dict)
    """Node name to VM name, where it cannot be found by BIOS UUID or guest host name."""
    cluster_log: bool = False
    """Whether cluster.log of the last minutes is pulled too (slow)."""


@dataclass(frozen=True, slots=True)
class VCenterAccess:
    """A vCenter. `read_logs`: read vmware.log, which takes a strong right (docs/permissions.md)."""

    name: str
    host: str
    user: str
    password: Secret
    port: int = 443
    verify: bool = True
    ca_file: Path | None = None
    read_logs: bool = False
    esxi_logs: bool = True
    """Whether an ESXi host may be asked directly where vCenter cannot read a locked log."""


@dataclass(frozen=True, slots=True)
class VeeamAccess:
    """A Veeam Backup & Replication server: REST, or PowerShell over `winrm` for old ones."""

    name: str
    host: str
    user: str
    password: Secret
    port: int = 9419
    verify: bool = True
    ca_file: Path | None = None
    winrm: WinRmAccess | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that was configured."""

    clusters: tuple[ClusterAccess, ...] = ()
    vcenters: tuple[VCenterAccess, ...] = ()
    veeams: tuple[VeeamAccess, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when evidence is wanted, aware UTC."""

    start: datetime
    end: datetime

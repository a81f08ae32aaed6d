"""The systems that were configured, made from the tables of stuncheck.toml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.configuration_draft import Draft
from bot.configuration_faults import Fault
from bot.configuration_lines import Place
from bot.configuration_secrets import Passwords, Source, usual_variable
from bot.configuration_tables import (
    ClusterTable,
    ServerTable,
    VCenterTable,
    VeeamTable,
    WinRmTable,
)
from bot.configuration_winrm import UNVERIFIED, WinRm, file_at
from sources.access import ClusterAccess, Secret, Site, VCenterAccess, VeeamAccess
from sources.errors import UserError
from sources.names import nearest, same, short, shown


@dataclass(frozen=True, slots=True)
class Partners:
    """Which vCenters and Veeam servers a cluster names; None is all of them."""

    vcenters: frozenset[str] | None = None
    veeams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Systems:
    """All systems, and by `same` name of a cluster what it has to do with."""

    everything: Site
    partners: Mapping[str, Partners]

    def site(self, cluster: str | None) -> Site:
        """Give all, or what belongs to one cluster. Raises UserError for a stranger."""
        if cluster is None:
            return self.everything
        clusters = {same(one.name): one for one in self.everything.clusters}
        found = clusters.get(same(cluster))
        if found is None:
            raise _stranger(cluster, [one.name for one in clusters.values()])
        partners = self.partners[same(cluster)]
        return Site(
            clusters=(found,),
            vcenters=tuple(
                one for one in self.everything.vcenters if _in(one.name, partners.vcenters)
            ),
            veeams=tuple(one for one in self.everything.veeams if _in(one.name, partners.veeams)),
        )


def _in(name: str, wanted: frozenset[str] | None) -> bool:
    return wanted is None or same(name) in wanted


def _stranger(cluster: str, known: list[str]) -> UserError:
    guess = nearest(cluster, known)
    listed = f"Known: {', '.join(map(shown, known))}." if known else "None is configured."
    hint = f"Perhaps {guess} is meant." if guess else listed
    return UserError(f"No cluster {shown(cluster)} is configured.", hint)


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes the systems of a draft; what is wrong between tables goes to the faults."""

    draft: Draft
    folder: Path
    passwords: Passwords

    def systems(self) -> Systems:
        """Make everything that can be made; whoever calls looks at the faults first."""
        winrm = self._winrm()
        clusters, partners = [], {}
        for place, table in self.draft.tables("cluster", ClusterTable):
            clusters.append(self._cluster(table, place, winrm))
            partners[same(table.name)] = self._partners(table, place)
        vcenters = [self._vcenter(*one) for one in self.draft.tables("vcenter", VCenterTable)]
        veeams = [self._veeam(*one, winrm) for one in self.draft.tables("veeam", VeeamTable)]
        return Systems(Site(tuple(clusters), tuple(vcenters), tuple(veeams)), partners)

    def _winrm(self) -> WinRm:
        """Give the way to make accesses; where [winrm] is wrong, that alone is told of them."""
        wrong = any(fault.place[:1] == ("winrm",) for fault in self.draft.faults)
        passwords = Passwords(self.folder, {}) if wrong else self.passwords
        return WinRm(self.draft.table("winrm", WinRmTable), self.folder, passwords)

    def _cluster(self, table: ClusterTable, place: Place, winrm: WinRm) -> ClusterAccess:
        return ClusterAccess(
            name=table.name,
            hosts=tuple(table.hosts),
            winrm=winrm.access(table.winrm, place, "cluster", table.name),
            vms=dict(table.vms or {}),
            cluster_log=table.cluster_log,
        )

    def _partners(self, table: ClusterTable, place: Place) -> Partners:
        return Partners(
            self._named(table.vcenters, "vcenter", (*place, "vcenters")),
            self._named(table.veeams, "veeam", (*place, "veeams")),
        )

    def _named(self, names: Iterable[str] | None, kind: str, place: Place) -> frozenset[str] | None:
        """Check that every name is one of a system, right or wrong; None where none is named."""
        if names is None:
            return None
        known = {same(name): name for at, name in self.draft.names.items() if at[0] == kind}
        for name in names:
            if same(name) not in known:
                guess = nearest(name, known.values())
                right = f"perhaps {guess} is meant" if guess else f"there is no such [[{kind}]]"
                self.draft.faults.append(
                    Fault(place, f"names {shown(name)}, an unknown {kind}; {right}.")
                )
        return frozenset(map(same, names))

    def _vcenter(self, place: Place, table: VCenterTable) -> VCenterAccess:
        more = _given(table, "read_logs", "esxi_logs")
        return VCenterAccess(**self._server(place, table), **more)

    def _veeam(self, place: Place, table: VeeamTable, winrm: WinRm) -> VeeamAccess:
        said = self._server(place, table)
        if table.winrm is None:
            return VeeamAccess(**said)
        return VeeamAccess(**said, winrm=winrm.access(table.winrm, place, "veeam", said["name"]))

    def _server(self, place: Place, table: ServerTable) -> dict[str, Any]:
        """Give what both kinds of server have; their own defaults stand in sources.access."""
        name = table.name or short(table.host)
        kind = str(place[0])
        source = Source(place, table.password_file, table.password_env, usual_variable(kind, name))
        password = self.passwords.find(source) or Secret("")
        said = {"name": name, "host": table.host, "user": table.user, "password": password}
        if table.ca_file is not None:
            at = (*place, "ca_file")
            said["ca_file"] = file_at(self.folder, table.ca_file, at, self.passwords.faults)
        if table.verify is False:
            self.passwords.warnings.append(UNVERIFIED.format(where=f"{kind} {shown(name)}"))
        return {**said, **_given(table, "port", "verify")}


def _given(table: ServerTable, *keys: str) -> dict[str, Any]:
    """Give what was written of these keys; the rest keeps its default."""
    return {key: getattr(table, key) for key in keys if getattr(table, key) is not None}

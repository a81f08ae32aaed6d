"""What `doctor` checks of a node: its remote shell, event logs, cluster, clock and cluster.log."""

from datetime import timedelta

from commands.doctor import Check, Finding, System
from commands.doctor_clock import clock_finding
from commands.doctor_powershell import quoted
from commands.doctor_winrm import WinRmProbe
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import RefusedError
from sources.names import same
from sources.windows import identity
from sources.windows.cluster_exe import NODES, PROPERTIES, read_cluster_exe
from sources.windows.cluster_state import ClusterState, Identity, read_cluster
from sources.windows.queries import CHANNELS, CLUSTERING, DENIED, NOT_THERE, Channel, latest
from sources.windows.script import NoModuleError
from sources.windows.shell import Output, Shell
from verdict.words import listing

LITTLE = 1024
"""Bytes of cluster.log that are taken; only that it can be made is of interest."""

READERS = 'Add-LocalGroupMember -Group "Event Log Readers" -Member {user}'
ACCESS = "wevtutil gl {channel}, then wevtutil sl with read for S-1-5-32-573: docs/permissions.md"


class NodeProbe:
    """One node, by the address `host`. What it said of itself is kept for the mapping."""

    def __init__(self, cluster: ClusterAccess, host: str) -> None:
        self.cluster, self.host = cluster, host
        self.winrm = WinRmProbe(cluster.winrm, host)
        self.identity: Identity | None = None
        self.state: ClusterState | None = None

    def system(self) -> System:
        """Give everything that is to be checked."""
        checks = (
            *self.winrm.checks(),
            Check("event logs", self.logs),
            Check("cluster", self.read_cluster),
            Check("clock", self.clock),
            Check("cluster.log", self.cluster_log),
        )
        return System(f"{self.cluster.name}, {self.host}", checks, self.winrm.close)

    def logs(self, _: Deadline) -> Finding:
        """Read the newest event of every log that is used."""
        shell = self.winrm.shell
        asked = [(channel, shell.start(*latest(channel))) for channel in CHANNELS]
        answers = [(channel, shell.collect(running)) for channel, running in asked]
        for _channel, output in answers:
            if output.fault:
                raise output.fault
        denied = _those(answers, DENIED)
        if denied:
            said = f"the account may not read {_names(denied)}"
            return Finding.wrong(said, self._let_read(denied))
        broken = [one for one, output in answers if output.code not in {0, NOT_THERE, DENIED}]
        broken += [one for one in _those(answers, NOT_THERE) if one.needed]
        if broken:
            return Finding.wrong(f"{_names(broken)}: not to be had", "Is it a node of a cluster?")
        return Finding.ok(f"{_names(_those(answers, 0))} can be read")

    def read_cluster(self, _: Deadline) -> Finding:
        """Read the cluster as the node knows it."""
        user = self.cluster.winrm.user
        grant = f"Grant-ClusterAccess -User {quoted(user)} -ReadOnly"
        try:
            self.state = read_cluster(self.winrm.shell.script("cluster"))
        except NoModuleError:
            self.state = _by_cluster_exe(self.winrm.shell)
        except RefusedError:
            said = f"{user} may not read the cluster"
            return Finding.wrong(said, f"On one of its nodes, as administrator: {grant}")
        if not self.state.name:
            return Finding.wrong("the cluster did not tell its name", "Get-Service ClusSvc")
        if same(self.state.name) != same(self.cluster.name):
            said = f"it is a node of {self.state.name}, not of {self.cluster.name}"
            return Finding.wrong(said, f'Write name = "{self.state.name}", or another host.')
        nodes = [node.name for node in self.state.nodes]
        return Finding.ok(f"{self.state.name}: {listing(nodes) if nodes else 'no node'}")

    def clock(self, _: Deadline) -> Finding:
        """Ask the node who it is and what time it is."""
        shell = self.winrm.shell
        running = identity.begin(shell)
        tick = shell.run(*identity.TIME)
        told = identity.finish(shell, running, tick)
        self.identity = told.identity
        if told.gap:
            return Finding.wrong(told.gap.why, told.gap.remedy)
        ahead = told.identity.ahead or timedelta()
        return clock_finding(ahead, "On it: w32tm /resync /rediscover")

    def cluster_log(self, _: Deadline) -> Finding:
        """Have the last minute of cluster.log made, which takes an administrator."""
        if not self.cluster.cluster_log:
            return Finding.not_used("cluster_log = false")
        try:
            self.winrm.shell.script("clusterlog", Minutes=1, MostBytes=LITTLE)
        except RefusedError:
            member = quoted(self.cluster.winrm.user)
            line = f'Add-LocalGroupMember -Group "Administrators" -Member {member}'
            said = "cluster.log takes an administrator of the node, and the account is none"
            return Finding.wrong(said, f"On it: {line}; or write cluster_log = false")
        return Finding.ok("can be made")

    def _let_read(self, denied: list[Channel]) -> str:
        """Give the line for logs in general, or for one that has a list of its own."""
        own = [channel for channel in denied if channel.name.startswith(CLUSTERING)]
        if own == denied:
            return f"On it, as administrator: {ACCESS.format(channel=own[0].name)}"
        user = quoted(self.cluster.winrm.user)
        return f"On it, as administrator: {READERS.format(user=user)}"


def _by_cluster_exe(shell: Shell) -> ClusterState:
    """Ask as on Windows Server 2008 R2. Raises SourceError."""
    outputs = [shell.run(*line) for line in (PROPERTIES, NODES)]
    for output in outputs:
        if output.fault:
            raise output.fault
    return read_cluster_exe(*(output.stdout.decode("utf-8", "replace") for output in outputs))


def _those(answers: list[tuple[Channel, Output]], code: int) -> list[Channel]:
    return [channel for channel, output in answers if output.code == code]


def _names(channels: list[Channel]) -> str:
    short = [one.name.removeprefix("Microsoft-Windows-") for one in channels]
    return listing(short) if short else "nothing"

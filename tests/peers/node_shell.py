"""What a node of the stand-in does with a command line: cmd.exe, wevtutil, cluster.exe, scripts.

PowerShell itself does not run here. A script of ours is recognised by its text, which must have
come whole through the command line, and answered from the model in the shape that its last lines
write: so a slip in a script's own logic is not found by these tests, only one in its syntax.
"""

import base64
import gzip
import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sources.windows import script
from tests.peers.cluster_model import ClusterModel, NodeModel
from tests.peers.event_query import Logged, select
from tests.peers.heartbeat_scripts import HEARTBEAT, cluster_exe
from tests.peers.script_answer import Answer, Ended, ScriptError, allow

__all__ = ["Answer", "Ended", "NodeShell", "ScriptError"]

LONGEST = 8191
NO_CHANNEL, NO_ACCESS, BAD_QUERY = 15007, 5, 15001
PARAMETER = re.compile(r"(\w+)=\(D '([A-Za-z0-9+/=]*)'\)")


@dataclass(slots=True)
class NodeShell:
    """Runs command lines on a node; `scripts` can be added to, by the name given to the shell."""

    cluster: ClusterModel
    scripts: dict[str, Answer] = field(default_factory=lambda: dict(SCRIPTS))
    seen: list[str] = field(default_factory=list)
    """Every command line, in the order it came."""
    afterwards: Callable[[str], object] = len
    """What happens after every line that was run, before anybody hears of it."""

    def run(self, node: NodeModel, line: str) -> Ended:
        """Run one line."""
        self.seen.append(line)
        ended = self._run(node, line)
        self.afterwards(line)
        return ended

    def _run(self, node: NodeModel, line: str) -> Ended:
        if len(line) > LONGEST:
            return Ended(stderr=b"The command line is too long.\r\n", code=1)
        program, _, rest = line.partition(" ")
        if program == "echo":
            return Ended(_expanded(node, rest).encode() + b"\r\n")
        if program == "wevtutil":
            return _wevtutil(node, rest)
        if program == "cluster.exe":
            return cluster_exe(self.cluster, node, rest)
        if program == "powershell.exe":
            return self._powershell(node, rest)
        return Ended(stderr=f"'{program}' is not recognized\r\n".encode(), code=1)

    def _powershell(self, node: NodeModel, rest: str) -> Ended:
        text = base64.b64decode(rest.rsplit(maxsplit=1)[-1]).decode("utf-16-le")
        found = [name for name in self.scripts if script.text(name) in text]
        if not found or "-NonInteractive" not in rest or "-NoProfile" not in rest:
            return Ended(stderr=b"#< CLIXML\r\n<Objs>no such script</Objs>", code=1)
        given = {name: base64.b64decode(value).decode() for name, value in PARAMETER.findall(text)}
        try:
            said = {"ok": True, "data": self.scripts[found[0]](self.cluster, node, given)}
        except ScriptError as error:
            said = {"ok": False, "data": error.data}
        return Ended(b"\xef\xbb\xbf" + json.dumps(said).encode() + b"\r\n")


def _expanded(node: NodeModel, text: str) -> str:
    now = node.now() + node.utc_offset
    time = f"{now.hour:2d}:{now:%M:%S}{node.separator}{now.microsecond // 10000:02d}"
    return text.replace("%TIME%", time).replace("%COMPUTERNAME%", node.name[:15].upper())


def _wevtutil(node: NodeModel, rest: str) -> Ended:
    """Print the events of one channel as `wevtutil qe` does, oldest first."""
    verb, channel, *switches = shlex.split(rest)
    given = dict(switch.lstrip("/").split(":", 1) for switch in switches)
    if verb != "qe" or given.get("f") != "xml":
        return Ended(stderr=b"Invalid option.\r\n", code=87)
    if channel in node.missing:
        return Ended(stderr=b"Failed to read events.\r\n", code=NO_CHANNEL)
    if channel in node.closed:
        return Ended(stderr=b"Access is denied.\r\n", code=NO_ACCESS)
    try:
        wanted = select(given.get("q", "*[System[EventRecordID>0]]"))
    except ValueError:
        return Ended(stderr=b"The specified query is invalid.\r\n", code=BAD_QUERY)
    logged = [Logged.of(xml) for xml in node.events]
    found = [event for event in logged if event.channel == channel and wanted(event)]
    found.sort(key=lambda event: (event.time, event.record), reverse=given.get("rd") == "true")
    most = int(given.get("c", len(found)))
    return Ended("".join(event.xml + "\r\n" for event in found[:most]).encode())


def _node(_: ClusterModel, node: NodeModel, __: Mapping[str, str]) -> object:
    return {
        "name": node.name[:15].upper(),
        "domain": node.domain,
        "uuid": node.uuid,
        "os": node.os,
        "version": f"{node.version}.0",
        "offset_minutes": int(node.utc_offset.total_seconds() // 60),
        "utc": f"{node.now():%Y-%m-%dT%H:%M:%S.%f}0Z",
    }


def _cluster(cluster: ClusterModel, node: NodeModel, _: Mapping[str, str]) -> object:
    allow(node)
    return {
        "name": cluster.name,
        "self": node.name,
        "os": node.os,
        "properties": dict(cluster.properties),
        "nodes": [
            {
                "name": other.name,
                "state": other.state,
                "drain": "NotInitiated",
                "version": other.version,
                "addresses": [other.address],
            }
            for other in cluster.nodes
        ],
    }


def _roles(cluster: ClusterModel, node: NodeModel, _: Mapping[str, str]) -> object:
    allow(node)
    return {
        "networks": [
            {
                "name": "Cluster Network 1",
                "state": "Up",
                "role": "ClusterAndClient",
                "address": "127.0.0.0",
                "mask": "255.0.0.0",
            }
        ],
        "groups": [
            {"name": g.name, "owner": g.owner, "state": g.state, "type": g.type}
            for g in cluster.groups
        ],
        "resources": [
            {
                "name": r.name,
                "type": r.type,
                "group": r.group,
                "state": "Online",
                "parameters": dict(r.parameters),
            }
            for r in cluster.resources
        ],
    }


def _cluster_log(_: ClusterModel, node: NodeModel, given: Mapping[str, str]) -> object:
    allow(node)
    assert int(given["Minutes"]) > 0
    most = int(given["MostBytes"])
    cut = max(0, len(node.cluster_log) - most)
    packed = gzip.compress(node.cluster_log[cut:])
    return {"cut": cut, "gzip": base64.b64encode(packed).decode()}


SCRIPTS: dict[str, Answer] = {
    "node": _node,
    "cluster": _cluster,
    "roles": _roles,
    "clusterlog": _cluster_log,
    **HEARTBEAT,
}

"""What a node of the stand-in does when its cluster's heartbeat values are read or changed."""

import re
from collections.abc import Mapping

from tests.peers.cluster_model import ClusterModel, NodeModel
from tests.peers.script_answer import DENIED_TEXT, Answer, Ended, allow

NAMES = ("SameSubnetDelay", "SameSubnetThreshold", "CrossSubnetDelay", "CrossSubnetThreshold")
MOST = {"SameSubnetDelay": 2000, "SameSubnetThreshold": 120} | {
    "CrossSubnetDelay": 4000,
    "CrossSubnetThreshold": 120,
}
OLD_MOST = MOST | {"SameSubnetThreshold": 10, "CrossSubnetThreshold": 20}
VALUE = re.compile(r"(?:Same|Cross)Subnet(?:Delay|Threshold)=[0-9]{1,4}")
SETTING = re.compile(r"(\w+)=(\d{1,4}):DWORD")
ACCESS_DENIED, BAD_PARAMETER = 5, 87


def cluster_exe(cluster: ClusterModel, node: NodeModel, rest: str) -> Ended:
    """Do what cluster.exe of Windows Server 2008 R2 does."""
    if not node.cluster_access:
        return Ended(stderr=b"System error 5 has occurred (0x00000005).\r\n", code=ACCESS_DENIED)
    if rest == "/prop":
        return _listing(cluster)
    if rest.startswith("/prop "):
        return _set_by_line(cluster, node, rest.split()[1:])
    rows = [f"{node.name:<14} {n:>7} {node.state}" for n, node in enumerate(cluster.nodes, 1)]
    head = ["Listing status for all available nodes:", "", "Node           Node ID Status"]
    rule = f"{'-' * 14} {'-' * 7} {'-' * 21}"
    return Ended("\r\n".join([*head, rule, *rows, ""]).encode())


def _listing(cluster: ClusterModel) -> Ended:
    rows = [
        f"D  {cluster.name:<20} {name:<30} {value} ({value:#x})"
        for name, value in cluster.properties.items()
    ]
    head = [f"Listing properties for '{cluster.name}':", "", "T  Cluster Name Value"]
    rule = f"-- {'-' * 20} {'-' * 30} {'-' * 23}"
    return Ended("\r\n".join([*head, rule, *rows, ""]).encode())


def _set_by_line(cluster: ClusterModel, node: NodeModel, words: list[str]) -> Ended:
    """Set all that are named, or none: it is one call of the cluster service."""
    if not node.full_access:
        return Ended(stderr=b"System error 5 has occurred (0x00000005).\r\n", code=ACCESS_DENIED)
    pairs = [found.groups() for word in words if (found := SETTING.fullmatch(word))]
    allowed = all(3 <= int(value) <= OLD_MOST.get(name, -1) for name, value in pairs)
    if len(pairs) < len(words) or not allowed or cluster.stubborn & {n for n, _ in pairs}:
        return Ended(stderr=b"System error 87 has occurred (0x00000057).\r\n", code=BAD_PARAMETER)
    for name, value in pairs:
        cluster.properties[name] = int(value)
    cluster.history.append(dict(cluster.properties))
    return Ended()


def _heartbeat(cluster: ClusterModel, node: NodeModel, _: Mapping[str, str]) -> object:
    allow(node)
    return {
        "node": node.name[:15].upper(),
        "version": f"{node.version}.0",
        "values": _four(cluster),
    }


def _set_heartbeat(cluster: ClusterModel, node: NodeModel, given: Mapping[str, str]) -> object:
    """Do what set_heartbeat.ps1 says, line by line."""
    allow(node)
    answer: dict[str, object] = {"began": False, "drifted": False}
    most = OLD_MOST if node.version.startswith("6.1") else MOST
    sets = given["Set"].split(" ")
    for one in sets:
        name, _, value = one.partition("=")
        least = 250 if name.endswith("Delay") else 3
        if not VALUE.fullmatch(one) or not least <= int(value) <= most[name]:
            return answer | {"trouble": {"text": "out of range", "kind": "", "code": None}}
    expected = dict(one.split("=") for one in given["Expected"].split(" "))
    answer["before"] = _four(cluster)
    if answer["before"] != {name: int(value) for name, value in expected.items()}:
        return answer | {"drifted": True}
    for one in sets:
        name, _, value = one.partition("=")
        answer["began"] = True
        if not node.full_access:
            answer["trouble"] = {"text": DENIED_TEXT, "kind": "", "code": ACCESS_DENIED}
            break
        if name in cluster.stubborn:
            answer["trouble"] = {"text": "The parameter is incorrect", "code": BAD_PARAMETER}
            break
        cluster.put(name, int(value))
    return answer | {"after": _four(cluster)}


def _may_change(_: ClusterModel, node: NodeModel, __: Mapping[str, str]) -> object:
    may = node.cluster_access and node.full_access
    return {"node": node.name[:15].upper(), "code": 0 if may else ACCESS_DENIED}


def _four(cluster: ClusterModel) -> dict[str, int]:
    return {name: cluster.properties.get(name, 0) for name in NAMES}


HEARTBEAT: dict[str, Answer] = {
    "heartbeat": _heartbeat,
    "set_heartbeat": _set_heartbeat,
    "may_change": _may_change,
}

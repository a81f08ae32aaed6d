"""cluster.exe, where PowerShell has no module for clusters: Windows Server 2008 R2 and older.

Its headings come in the language of the server, its columns do not.
"""

import re
from collections.abc import Mapping

from sources.windows.cluster_state import ClusterState, NodeState

PROPERTIES = ("cluster.exe", ["/prop"])
NODES = ("cluster.exe", ["node"])

VALUE = re.compile(r"^[A-Z]{1,2} +(\S+) +(\w+) +(\d{1,10}) \(0x[0-9a-f]+\)\s*$", re.MULTILINE)
"""Type (D is a DWORD), cluster, property, value in decimal and hexadecimal."""
DENIED = 5
"""How it ends where the account lacks a right: with the system's own error number."""
RULE = re.compile(r"^-+ +-+ +-+\s*$", re.MULTILINE)
NODE = re.compile(r"^(\S+) +\d+ +(\S.*?)\s*$", re.MULTILINE)
"""Name, number, status."""


def setting(values: Mapping[str, int]) -> tuple[str, list[str]]:
    """Give the line that sets cluster common properties, all of them or none; ours by name."""
    return "cluster.exe", ["/prop", *(f"{name}={value:d}:DWORD" for name, value in values.items())]


def read_cluster_exe(properties: str, nodes: str) -> ClusterState:
    """Read the output of both commands; a state without a name where there was nothing."""
    values = VALUE.findall(properties)
    heading = RULE.search(nodes)
    rows = NODE.findall(nodes, heading.end()) if heading else []
    return ClusterState(
        name=values[0][0] if values else "",
        nodes=tuple(NodeState(name, name, state) for name, state in rows),
        properties={name: int(number) for _, name, number in values},
    )

"""Who is who in a cluster.log: names of nodes beside their ids and addresses."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sources.names import short
from sources.windows.sighting import address

ROUTE = "New real route: local "
OWNER = re.compile(r"Current node: (?:name \(([^()\s]+)\)(?: id \((\d+)\))?|([\w.-]+)(?: \(|$))")
TELLING = (
    re.compile(re.escape(ROUTE) + r"\(\S+\) to remote (?P<name>\S+) \((?P<address>\S+)\)"),
    re.compile(r"with node '(?P<name>[^']+)' \((?P<number>\d+)\) on route \S+->(?P<address>\S+)"),
    re.compile(r" from (?P<name>[^\s(]+)\((?P<number>\d+)\) to \S+ of type MoveType::"),
    re.compile(r" to (?P<name>[^\s(]+)\((?P<number>\d+)\) of type MoveType::"),
)
"""Lines that put a node's name beside its id or the address of its heartbeats."""

MOST = 2000
"""Ids and addresses that are kept; a cluster has at most 64 nodes."""


@dataclass(slots=True)
class Names:
    """Collects names while a log is read. `owner` is whose log its header says it is."""

    owner: str | None = None
    heard: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def header(self, line: str) -> None:
        """Take in a line without a time."""
        if self.owner is None and (match := OWNER.search(line)):
            self.owner = short(match[1] or match[3])
            if match[2]:
                self.heard[match[2]].add(self.owner)

    def learn(self, text: str) -> None:
        """Take in the text of a line."""
        for pattern in TELLING:
            if (match := pattern.search(text)) and len(self.heard) < MOST:
                found = match.groupdict()
                for key in filter(None, (found.get("number"), found.get("address"))):
                    self.heard[address(key)].add(short(found["name"]))

    def known(self) -> Mapping[str, str]:
        """Give the name for every id and address that was never given two."""
        return {key: next(iter(found)) for key, found in self.heard.items() if len(found) == 1}

"""Whose clock stamped what: the measured offsets of incident.toml, by name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sources.names import nearest, same, short
from verdict.clock import Clock
from verdict.cluster import Node
from verdict.facts import Gap

DIGITS = "0123456789"
ESXI = "esxi"
"""Stands for every ESXi host that has no offset of its own."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of one incident; one that nobody measured has no offset."""

    measured: Mapping[str, timedelta]

    def of(self, name: str) -> Clock:
        """Give the clock of a node, of `vcenter` or of `veeam`."""
        ahead = {same(key): value for key, value in self.measured.items()}
        return Clock(name, ahead.get(same(name)))

    def of_host(self, host: str | None) -> Clock:
        """Give the clock of an ESXi host: by its full name, its short name, else of all hosts."""
        folded = {key.casefold(): value for key, value in self.measured.items()}
        shortened = {short(key): value for key, value in folded.items()}
        name = (host or ESXI).casefold()
        for key, ahead in ((name, folded), (short(name), shortened), (ESXI, folded)):
            if key in ahead:
                return Clock(host or ESXI, ahead[key])
        return Clock(host or ESXI)

    def strangers(self, nodes: Iterable[Node]) -> Iterator[Gap]:
        """Name the offsets that are nobody's but look like a typing mistake."""
        known = {"vcenter", "veeam", ESXI}
        for node in nodes:
            known |= {same(node.name), same(node.host or ESXI)}
        for key in self.measured:
            guess = "" if same(key) in known else nearest(short(key), known)
            if guess and not _siblings(same(key), guess):
                why = "no clock here has this name, so it is not used"
                yield Gap("incident.toml", f"[clocks] {key}", why, f"perhaps {guess} is meant")


def _siblings(one: str, other: str) -> bool:
    """Whether two names are those of two machines, esx07 and esx08, and neither is a slip."""
    stems = one.rstrip(DIGITS), other.rstrip(DIGITS)
    return stems[0] == stems[1] or (stems[0] == one) != (stems[1] == other)

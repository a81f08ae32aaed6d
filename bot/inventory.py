"""The names we know, found in what others write: clusters, nodes, roles, VMs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sources.names import NETBIOS, plain, short

WORD = re.compile(r"[^\W_]+(?:[_-]+[^\W_]+)*")
"""A word in which a name begins: sql-01_a is one, the marks around *_sql01_* are none of it."""

SHORTEST = 2
"""A name of one letter would be found in every sentence."""


@dataclass(frozen=True, slots=True)
class Names:
    """What belongs to one cluster, as its owners call it."""

    cluster: str
    nodes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    """Roles, availability groups, network names."""
    vms: tuple[str, ...] = ()

    def all(self) -> Iterator[str]:
        """Give every name; of a node and a cluster also the one without its domain."""
        yield from (self.cluster, short(self.cluster), *self.roles, *self.vms)
        for node in self.nodes:
            yield from (node, short(node))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A known name in a text, as its owner writes it, and the clusters in which it is known."""

    name: str
    clusters: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """A name in the form in which it is compared; `offset` is where its first word begins."""

    folded: str
    offset: int
    spelt: str


@dataclass(frozen=True, slots=True, init=False)
class Inventory:
    """All names, ready to be looked for in any text and in any case."""

    _by_word: dict[str, list[_Known]] = field(repr=False)
    _clusters: dict[str, frozenset[str]] = field(repr=False)

    def __init__(self, clusters: Iterable[Names]) -> None:
        owners: dict[str, set[str]] = {}
        known: dict[str, _Known] = {}
        by_word: dict[str, list[_Known]] = {}
        for names in clusters:
            for name in names.all():
                folded = _folded(name).strip()
                first = WORD.search(folded)
                if first is None or len(folded) < SHORTEST:
                    continue
                owners.setdefault(folded, set()).add(names.cluster)
                if folded not in known:
                    known[folded] = _Known(folded, first.start(), plain(name).strip())
                    by_word.setdefault(first.group(), []).append(known[folded])
        for starting in by_word.values():
            starting.sort(key=lambda one: -len(one.folded))
        object.__setattr__(self, "_by_word", by_word)
        object.__setattr__(self, "_clusters", {k: frozenset(v) for k, v in owners.items()})

    def find(self, text: str) -> tuple[Sighting, ...]:
        """Give the names in a text, each once, in the order in which they come.

        A name is found only where a word ends with it: sql01 is in "SQL01.corp.example" and in
        "sql01:9182", but not in "sql010" nor in "sql01-dr".
        """
        folded = _folded(text)
        found: dict[str, Sighting] = {}
        upto = 0
        for word in WORD.finditer(folded):
            here = self._here(folded, word)
            if here is None or word.start() < upto:
                continue
            upto = word.start() - here.offset + len(here.folded)
            found.setdefault(here.folded, Sighting(here.spelt, self._clusters[here.folded]))
        return tuple(found.values())

    def _here(self, text: str, word: re.Match[str]) -> _Known | None:
        """Find the longest name whose first word stands here; None where none does."""
        for one in self._by_word.get(word.group(), ()):
            begin = word.start() - one.offset
            if begin >= 0 and text.startswith(one.folded, begin) and _ends(text, begin, one):
                return one
        if len(word.group()) <= NETBIOS:
            return None
        cut = word.group()[:NETBIOS]  # a cluster knows its nodes by their NetBIOS names
        whole = (one for one in self._by_word.get(cut, ()) if one.folded == cut)
        return next(whole, None)


def _folded(text: str) -> str:
    """Make two spellings equal: no case, one blank for several."""
    return " ".join(plain(text).casefold().split())


def _ends(text: str, begin: int, one: _Known) -> bool:
    rest = text[begin + len(one.folded) :][:2]
    return not (rest[:1].isalnum() or (rest[:1] in {"-", "_"} and rest[1:].isalnum()))

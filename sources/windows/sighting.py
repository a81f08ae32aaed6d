"""What a line of a cluster.log may say, and how a rule finds it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sources.names import short
from verdict.sign import Kind


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a line says, before names are put to ids and addresses. `phrase` goes before the log.

    `number` is a node's id in the cluster, `address` the other node's end of a heartbeat route;
    either stands for a subject whose name the log may tell elsewhere. `own` says that it is
    about the node whose log this is.
    """

    kind: Kind
    phrase: str
    subject: str | None = None
    detail: str | None = None
    value: timedelta | None = None
    number: str | None = None
    address: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A text to look for. `needle` is a plain part of it that little else contains.

    A needle begins with a capital, a digit or a sign: those are rare in the lines, and one
    search for all needles is several times as fast as with small letters.

    Named groups of `pattern`: `subject`, `node` (a node's name), `detail`, `number`, `remote`
    and `local` (the ends of a route). `detail` and `own` are fixed values.
    """

    kind: Kind
    needle: str
    pattern: re.Pattern[str]
    phrase: str
    detail: str | None = None
    own: bool = False

    def read(self, text: str) -> Iterator[Sighting]:
        """Give what the text says, if it is this rule's."""
        if (match := self.pattern.search(text)) is None:
            return
        found = match.groupdict()
        node, remote, local = found.get("node"), found.get("remote"), found.get("local")
        yield Sighting(
            self.kind,
            self.phrase,
            subject=short(node) if node else found.get("subject") or resource(text),
            detail=f"{address(remote)}|{address(local)}"
            if remote and local
            else found.get("detail") or self.detail,
            number=found.get("number"),
            address=address(remote) if remote else None,
            own=self.own,
        )


RESOURCE = re.compile(r"<([^<>]+)>\s*: ?\[(?:hadrag|sqsrvres)\]")
PORT = re.compile(r":(?:~\d{1,5}~|3343)$")
"""3343 is the cluster's port; newer builds write a port between tildes."""


def resource(text: str) -> str | None:
    """Name the resource whose DLL, hadrag or sqsrvres, wrote the text."""
    match = RESOURCE.search(text)
    return match[1] if match else None


def address(endpoint: str) -> str:
    """Take the port off one end of a heartbeat route."""
    return PORT.sub("", endpoint.rstrip(".,")).strip("[]")


def named(sighting: Sighting, names: Mapping[str, str], owner: str) -> Sighting:
    """Put a name to what the sighting is about, as far as `names` (by id and address) knows it."""
    if sighting.subject:
        return sighting
    known = names.get(sighting.number or "") or names.get(sighting.address or "")
    return replace(sighting, subject=owner if sighting.own else known)

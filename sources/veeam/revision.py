"""Revisions of Veeam's REST API, and which of them a server and we both speak."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """One revision, as `x-api-version` names it: 1.3-rev2."""

    major: int
    minor: int
    rev: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}-rev{self.rev}"

    @property
    def has_tasks(self) -> bool:
        """Whether it has task sessions, and with them the snapshot steps: VBR 12.3 and later."""
        return (self.major, self.minor) >= (1, 2)


KNOWN = (
    Revision(1, 3, 2),
    Revision(1, 3, 1),
    Revision(1, 3, 0),
    Revision(1, 2, 1),
    Revision(1, 2, 0),
    Revision(1, 1, 2),
    Revision(1, 1, 1),
    Revision(1, 1, 0),
    Revision(1, 0, 2),
    Revision(1, 0, 1),
)
"""From VBR 13.1 down to 11.0, newest first (Veeam's REST reference, "REST API Revisions")."""

NEWEST = KNOWN[0]

_NAMED = re.compile(r"(\d{1,3})\.(\d{1,3})-rev(\d{1,3})", re.ASCII)


def offered(refusal: str) -> list[Revision]:
    """Give the revisions that a server names when it does not know the one it was asked in.

    `Unsupported RESTAPI version. The following versions are supported: v1.0-rev1.` is what a
    real VBR 11 said (https://github.com/VeeamHub/grafana/issues/27).
    """
    return [Revision(*map(int, groups)) for groups in _NAMED.findall(refusal)]


def common(revisions: list[Revision]) -> Revision | None:
    """Give the newest of these that is known here."""
    return max((revision for revision in revisions if revision in KNOWN), default=None)

"""What one parser found in one piece of raw material."""

from dataclasses import dataclass, fields

from verdict.facts import Backup, Coverage, Freeze, Gap, Operation, Pause, Stun
from verdict.sign import Sign


@dataclass(frozen=True, slots=True)
class Findings:
    """Facts of any kind. Parsers fill what their format can tell and leave the rest empty."""

    stuns: tuple[Stun, ...] = ()
    operations: tuple[Operation, ...] = ()
    backups: tuple[Backup, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    pauses: tuple[Pause, ...] = ()
    signs: tuple[Sign, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def __add__(self, other: "Findings") -> "Findings":
        """Put two lots of findings together."""
        return Findings(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Findings)}
        )

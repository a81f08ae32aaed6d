"""What a stun was for, where its vmware.log does not say: by the work that was going on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from verdict.facts import Operation, Phase, Stun

OPEN_END = datetime(9000, 1, 1, tzinfo=UTC)
"""The end of work that was still running."""


def refine(stuns: Iterable[Stun], operations: Iterable[Operation]) -> tuple[Stun, ...]:
    """Give an unexplained stun the phase of the snapshot work of its VM that it lies in.

    Both clocks may be off, so the work is widened by what both may be wrong. A stun that lies
    in none, or in work of two kinds, stays unexplained; a migration counts as a kind.
    """
    work: dict[str, list[Operation]] = {}
    for operation in operations:
        work.setdefault(operation.vm, []).append(operation)
    return tuple(
        _explained(stun, work.get(stun.vm, ())) if stun.phase is Phase.UNKNOWN else stun
        for stun in stuns
    )


def _explained(stun: Stun, work: Sequence[Operation]) -> Stun:
    phases = {operation.phase for operation in work if _within(stun, operation)}
    phases.discard(Phase.OTHER)
    if phases in ({Phase.CREATE}, {Phase.REMOVE}):
        return replace(stun, phase=phases.pop())
    return stun


def _within(stun: Stun, operation: Operation) -> bool:
    doubt = stun.clock.uncertainty + operation.clock.uncertainty
    end = operation.end or OPEN_END
    return operation.start - doubt <= stun.start and stun.end <= end + doubt

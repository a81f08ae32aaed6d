"""Drift: whether somebody else's hand is in the values that a proposal changed."""

from collections.abc import Mapping

from storage.proposals import Proposal


def by_hand(proposal: Proposal, values: Mapping[str, int] | None) -> bool:
    """Whether a value to be put back is neither the wanted one nor that of before.

    A change of another property is no reason: another proposal may have made it.
    """
    return values is not None and any(
        values.get(name) not in {wanted, proposal.before[name]}
        for name, wanted in proposal.wanted.items()
    )

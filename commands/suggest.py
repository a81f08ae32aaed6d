"""Suggesting: after a verdict against a stun, the values that would have survived it."""

from collections.abc import Iterator
from datetime import timedelta

from commands.context import Context
from commands.heartbeat_facts import heartbeat_facts
from commands.heartbeat_words import changes
from commands.known import known_cluster
from commands.tune import Asked
from commands.tuning_effect import DAYS
from commands.wording import date_time
from sources.errors import UserError
from storage.people import PROGRAM
from storage.proposal_rows import open_for, proposals_of
from storage.verdicts import Judgement, history
from verdict.verdict import Blame, Mechanism

RECENT = timedelta(days=1)
"""A verdict that is older suggests nothing any more."""

MOST = 50
"""Verdicts that are looked at; a day has fewer."""


def suggestions(context: Context) -> Iterator[Asked]:
    """Give what to propose: one change for a failover, and none where one is open already."""
    for one in history(context.store, None, MOST):
        if context.now() - one.judged <= RECENT and _by_heartbeat(one) and _is_new(context, one):
            wanted = _advised(context, one.cluster)
            if wanted:
                yield Asked(one.cluster, wanted, _why(one), PROGRAM, incident=one.incident)


def _by_heartbeat(one: Judgement) -> bool:
    """Whether a stun did it, and heartbeats were what broke first."""
    return one.backup is Blame.CAUSED and one.mechanism is Mechanism.HEARTBEAT


def _is_new(context: Context, one: Judgement) -> bool:
    """Whether nobody has proposed anything for this failover, and nothing else is open."""
    made = proposals_of(context.store, one.cluster)
    return not open_for(context.store, one.cluster) and all(
        each.incident != one.incident for each in made
    )


def _advised(context: Context, cluster: str) -> dict[str, int]:
    """Give the changes that `heartbeat` advises; none where heartbeats are not the lever."""
    try:
        facts = heartbeat_facts(context, known_cluster(context, cluster), context.now(), DAYS)
    except UserError:  # no longer configured: nothing to propose to
        return {}
    wanted = facts.tradeoff.recommended
    return dict(changes(facts, wanted)) if wanted else {}


def _why(one: Judgement) -> str:
    stun = one.entry.get("stun") or {}
    length = f"A stun of {stun['ms'] / 1000:.1f} s" if stun.get("ms") else "A stun"
    node = f" of {one.lost_node}" if one.lost_node else ""
    return f"{length}{node} cost the failover of {date_time(one.at)}."

"""The form in which values are chosen: those of now, the usual others, and what the choice does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from commands.context import Context
from commands.heartbeat import label, tradeoff_table
from commands.heartbeat_facts import HeartbeatFacts, heartbeat_facts
from commands.heartbeat_words import sentences
from commands.known import known_cluster
from commands.lint_words import lint_words
from commands.reply import Table
from commands.tuning_effect import DAYS, effect_of, effect_words
from commands.wanted import UNITS
from verdict.heartbeat import RANGES
from verdict.tradeoff import Candidate
from verdict.words import milliseconds, seconds

LASTING: tuple[timedelta | None, ...] = (
    None, *(hours * UNITS["h"] for hours in (1, 4, 8, 24)), *(days * UNITS["d"] for days in (3, 7)),
)  # fmt: skip
"""For how long a change is usually wanted; None: for good."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property by Microsoft's name: its value as last read, the chosen one, what Windows takes.

    Delays are in milliseconds, thresholds in heartbeats.
    """

    name: str
    now: int
    value: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Usual:
    """Values that can be chosen by one word; `key` is the same whenever they are offered."""

    key: str
    label: str
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows. `effect` and `rules` are of the `changes`; `blocked`: forbidden."""

    cluster: str
    changes: Mapping[str, int]
    """Those of the chosen values that are others than now."""
    fields: tuple[Field, ...]
    usual: tuple[Usual, ...]
    measured: tuple[str, ...]
    table: Table
    effect: tuple[str, ...]
    rules: tuple[str, ...]
    blocked: bool


def tune_form(
    context: Context, name: str, chosen: Mapping[str, int] | None = None, usual: str = ""
) -> Form:
    """Give the form of a cluster with what was chosen; at first with what is advised, if anything.

    `usual` is the key of usual values, which count instead. It shows the values as they were last
    read: nobody waits for a cluster to see a form, and what is proposed is read anew. Raises
    UserError for a stranger.
    """
    facts = heartbeat_facts(context, known_cluster(context, name), context.now(), DAYS)
    now = facts.tradeoff.current.heartbeats.properties
    offered = tuple(_usual(facts))
    chosen = next((one.values for one in offered if one.key == usual), chosen)
    values = {**now, **(_advised(facts) if chosen is None else chosen)}
    fields = tuple(Field(one, now[one], values[one], *RANGES[one]) for one in RANGES)
    changes = {field.name: field.value for field in fields if field.value != field.now}
    found = effect_of(context, facts.cluster.name, now, changes)
    return Form(
        facts.cluster.name,
        changes,
        fields,
        offered,
        tuple(sentences(facts)),
        tradeoff_table(facts),
        tuple(effect_words(found)) if changes else ("These are the values of now.",),
        tuple(lint_words(one) for one in found.lints),
        blocked=bool(found.blocks),
    )


def _advised(facts: HeartbeatFacts) -> Mapping[str, int]:
    wanted = facts.tradeoff.recommended
    return wanted.heartbeats.properties if wanted else {}


def _usual(facts: HeartbeatFacts) -> Iterator[Usual]:
    for one in facts.tradeoff.candidates:
        yield Usual(one.kinds[0].value, _words(one, facts), one.heartbeats.properties)


def _words(one: Candidate, facts: HeartbeatFacts) -> str:
    pace = one.heartbeats.applies
    beats = f"{pace.threshold} x {milliseconds(pace.delay)} ms"
    advised = " (advised)" if one == facts.tradeoff.recommended else ""
    return f"{label(one, facts)}: {beats}, tolerates {seconds(one.tolerance)}{advised}"

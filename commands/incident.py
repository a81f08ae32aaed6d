"""One verdict as an answer: a card for people, an entry for machines."""

from dataclasses import replace

from commands.reply import Card, Payload, Section
from commands.timeline import lay_out
from commands.wording import (
    CAUSES,
    HEADLINES,
    MECHANISMS,
    PHASES,
    TONES,
    cause_sentence,
    date_time,
    iso,
    job_phrase,
)
from verdict.facts import Backup, Gap, Stun
from verdict.verdict import Blame, Cause, Mark, Rival, Verdict
from verdict.words import clock_time, milliseconds, seconds

PROOF = 2
"""Reasons that stand under the headline; a person just woken up reads no more."""


def card(verdict: Verdict) -> Card:
    """Say a verdict to people."""
    return Card(
        tone=TONES[verdict.backup],
        headline=HEADLINES[verdict.backup],
        context=(verdict.cluster, date_time(verdict.at)),
        paragraphs=_paragraphs(verdict),
        figures=_figures(verdict),
        timeline=lay_out([_in_words(mark) for mark in verdict.timeline], verdict.at, verdict.limit),
        sections=tuple(section for section in _sections(verdict) if section.items),
    )


def _in_words(mark: Mark) -> Mark:
    """Say a rival's cause as people do."""
    label = {cause.value: said for cause, said in CAUSES.items()}.get(mark.label, mark.label)
    return replace(mark, label=label)


def _paragraphs(verdict: Verdict) -> tuple[str, ...]:
    proof = " ".join(verdict.reasons[:PROOF])
    found = [proof, _other_cause(verdict), verdict.odds]
    return tuple(paragraph for paragraph in found if paragraph)


def _other_cause(verdict: Verdict) -> str:
    """Name what did it where the headline does not."""
    if verdict.backup is Blame.CAUSED or verdict.cause is Cause.UNKNOWN:
        return ""
    return cause_sentence(verdict.cause, verdict.confidence)


def _figures(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    found = []
    if verdict.backup is Blame.CAUSED:  # else a paragraph names it
        found.append(("Cause", f"{CAUSES[verdict.cause]}, {verdict.confidence}"))
    if verdict.mechanism:
        found.append(("Cluster saw", MECHANISMS[verdict.mechanism]))
    if verdict.lost_node:
        found.append(("Node lost", verdict.lost_node))
    if verdict.stun:
        name = "Stun" if verdict.mechanism else "Longest stun"
        found.append((name, _stun_words(verdict.stun)))
    known = "" if verdict.tolerance_known else ", by default; the value itself is not known"
    found.append(("Tolerance", f"{seconds(verdict.tolerance)}{known}"))
    if verdict.job:
        found.append(("Job", job_phrase(verdict.job)))
    return tuple(found)


def _stun_words(stun: Stun) -> str:
    span = f"{clock_time(stun.start)} to {clock_time(stun.end)}"
    return f"{seconds(stun.duration)} of {stun.vm}, {span}, {PHASES[stun.phase]}"


def _sections(verdict: Verdict) -> tuple[Section, ...]:
    return (
        Section("Why", verdict.reasons[PROOF:]),
        Section("Other causes considered", tuple(map(_rival_words, verdict.rivals))),
        Section("Missing", tuple(map(gap_words, verdict.missing))),
        Section("What to do", tuple(advice.text for advice in verdict.advice)),
    )


def _rival_words(rival: Rival) -> str:
    return f"{CAUSES[rival.cause]}, {rival.confidence}: {' '.join(rival.reasons)}"


def gap_words(gap: Gap) -> str:
    """Say what could not be had and how to get it."""
    what = gap.source if gap.source == gap.subject else f"{gap.source}, {gap.subject}"
    return f"{what}: {_sentence(gap.why, capital=False)} {_sentence(gap.remedy or '')}".strip()


def _sentence(words: str, *, capital: bool = True) -> str:
    """Make a sentence of a phrase; sources write either."""
    begun = words[:1].upper() + words[1:] if capital else words
    return begun if not begun or begun.endswith((".", "?")) else f"{begun}."


def entry(verdict: Verdict, bundle: str) -> Payload:
    """Give a verdict to machines: the keys of DESIGN 6, in its order."""
    return {
        "bundle": bundle,
        "cluster": verdict.cluster,
        "at": iso(verdict.at),
        "lost_node": verdict.lost_node,
        "backup": verdict.backup.value,
        "cause": verdict.cause.value,
        "confidence": verdict.confidence.value,
        "mechanism": verdict.mechanism.value if verdict.mechanism else None,
        "stun": _stun_entry(verdict.stun) if verdict.stun else None,
        "tolerance_ms": milliseconds(verdict.tolerance),
        "job": _job_entry(verdict.job) if verdict.job else None,
        "reasons": list(verdict.reasons),
        "rivals": [_rival_entry(rival) for rival in verdict.rivals],
        "missing": [
            {"source": gap.source, "subject": gap.subject, "why": gap.why}
            for gap in verdict.missing
        ],
        "advice": [{"kind": advice.kind, "text": advice.text} for advice in verdict.advice],
    }


def _stun_entry(stun: Stun) -> Payload:
    return {
        "vm": stun.vm,
        "start": iso(stun.start),
        "end": iso(stun.end),
        "ms": milliseconds(stun.duration),
        "phase": stun.phase.value,
    }


def _job_entry(job: Backup) -> Payload:
    return {"product": job.product, "name": job.job, "vm": job.vm, "transport": job.transport}


def _rival_entry(rival: Rival) -> Payload:
    return {
        "cause": rival.cause.value,
        "confidence": rival.confidence.value,
        "reasons": list(rival.reasons),
    }

"""How a verdict's words are said to people: headlines, causes, confidence, phases."""

from datetime import UTC, datetime, timedelta

from commands.reply import Tone
from commands.timeline import Lane
from verdict.facts import Backup, Phase
from verdict.verdict import Blame, Cause, Confidence, Mechanism
from verdict.words import clock_time, seconds, span

HEADLINES = {
    Blame.CAUSED: "Backup caused this failover",
    Blame.CLEARED: "Not the backup",
    Blame.SUSPECTED: "The backup is suspected",
    Blame.UNKNOWN: "Not enough evidence",
}

TONES = {
    Blame.CAUSED: Tone.RED,
    Blame.CLEARED: Tone.GREEN,
    Blame.SUSPECTED: Tone.YELLOW,
    Blame.UNKNOWN: Tone.GREY,
}

CAUSES = {
    Cause.SNAPSHOT_REMOVE_STUN: "stun while a snapshot was removed",
    Cause.SNAPSHOT_CREATE_STUN: "stun while a snapshot was created",
    Cause.SNAPSHOT_STUN: "stun by a snapshot",
    Cause.MIGRATION_STUN: "stun by a migration",
    Cause.QUIESCE: "databases frozen for the backup",
    Cause.PLANNED: "planned",
    Cause.GUEST_RESTART: "restart of the guest",
    Cause.HOST_FAILURE: "host failure",
    Cause.NETWORK: "network",
    Cause.STORAGE: "storage",
    Cause.STARVATION: "starved of CPU or memory",
    Cause.SOFTWARE: "software",
    Cause.UNKNOWN: "not known",
}

MECHANISMS = {
    Mechanism.HEARTBEAT: "heartbeats missed",
    Mechanism.LEASE: "lease of the availability group lost",
    Mechanism.HEALTH_CHECK: "health check timed out",
    Mechanism.HANG_DETECTION: "hang detected, then bugcheck 0x9E",
}

PHASES = {
    Phase.CREATE: "snapshot created",
    Phase.REMOVE: "snapshot removed",
    Phase.MIGRATION: "migration",
    Phase.OTHER: "other work on the VM",
    Phase.UNKNOWN: "not known",
}

ROUGH = timedelta(minutes=5)
"""A length from which tenths of a second say nothing: "112 min", not "6720.4 s"."""

_SURENESS = {
    Confidence.CONFIRMED: "Cause",
    Confidence.LIKELY: "Likely cause",
    Confidence.POSSIBLE: "Possible cause",
}


def cause_sentence(cause: Cause, confidence: Confidence) -> str:
    """Name the cause as surely as it is known: "Likely cause: network."."""
    if cause is Cause.UNKNOWN or confidence is Confidence.UNKNOWN:
        return "Cause not known."
    return f"{_SURENESS[confidence]}: {CAUSES[cause]}."


def job_phrase(job: Backup) -> str:
    """Name a job as its owner does: 'Veeam "SQL Nightly" of SQL01, transport hotadd'."""
    by = [f"{word} {name}" for word, name in _through(job) if name]
    return ", ".join((f'{job.product} "{job.job}" of {job.vm}', *by))


def _through(job: Backup) -> tuple[tuple[str, str | None], ...]:
    return ("proxy", job.proxy), ("transport", job.transport)


def date_time(moment: datetime) -> str:
    """Say date and time of day, rounded to the second: "2026-03-01 02:14:11 UTC"."""
    return f"{moment.astimezone(UTC) + timedelta(milliseconds=500):%Y-%m-%d %H:%M:%S} UTC"


def iso(moment: datetime) -> str:
    """Write a time for machines: ISO 8601 in UTC, rounded to the millisecond."""
    rounded = moment.astimezone(UTC) + timedelta(microseconds=500)
    return f"{rounded:%Y-%m-%dT%H:%M:%S}.{rounded.microsecond // 1000:03d}Z"


def lane_figure(lane: Lane) -> str:
    """Say what a lane of the time line measures: a length, the longest of several, a moment."""
    lengths = [mark.end - mark.start for mark in lane.marks if mark.end is not None]
    if not lengths:
        return clock_time(lane.marks[0].start)
    longest = max(lengths)
    words = span(longest) if longest >= ROUGH else seconds(longest)
    return words if len(lengths) == 1 else f"{len(lengths)} times, longest {words}"


def reason(error: OSError | ValueError) -> str:
    """Say why a file could not be read, without the path and the number."""
    words = error.strerror if isinstance(error, OSError) else None
    return (words or str(error)).lower()

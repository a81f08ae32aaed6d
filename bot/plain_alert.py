"""An alert as any script can send it: {"text": ..., "cluster": ..., "at": ..., "id": ...}."""

import hashlib
from datetime import datetime

from bot.told import Told, moment, optional, table, text

TOOL = "webhook"


def read(body: object, now: datetime) -> list[Told]:
    """Give the one alert of a body; only its text is needed. `now` is UTC. Raises BodyError."""
    fields = table(body, "The body")
    words = text(fields.get("text"), "text")
    cluster = optional(fields, "cluster")
    mark = optional(fields, "id")
    given = fields.get("at")
    at = now if given is None else moment(given, "at")
    key = mark or _minute(words, cluster, at)
    return [Told(f"{TOOL} {key}", words, min(at, now), cluster, TOOL)]


def _minute(words: str, cluster: str | None, at: datetime) -> str:
    """Make a key of what was said and in which minute: a script that tries again says the same."""
    parts = (words, cluster or "", at.isoformat(timespec="minutes"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

"""Health: whether every part of the bot does its work, in words."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Probe = Callable[[], str | None]
"""Says at once, without asking any other machine, why a part is ill; None: it is well."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ill:
    """A part that does not work: why, in a sentence without secrets, and since when if known."""

    why: str
    since: datetime | None = None


class Health:
    """Knows of each part whether it is well; parts tell it, or are asked. Any thread may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[str, Ill | None] = {}
        self._probes: dict[str, Probe] = {}

    def well(self, part: str) -> None:
        """Say that a part works."""
        with self._lock:
            self._parts[part] = None

    def ill(self, part: str, why: str, since: datetime) -> None:
        """Say that a part does not work; `since` is UTC. The first `since` of an illness stays."""
        with self._lock:
            before = self._parts.get(part)
            begun = before.since if before and before.since else since
            self._parts[part] = Ill(why, min(begun, since))

    def probe(self, part: str, ask: Probe) -> None:
        """Ask a part whenever somebody asks for the health."""
        with self._lock:
            self._probes[part] = ask

    def report(self) -> dict[str, Any]:
        """Give the health as it is answered: status "ok" or "ill", and each part's word."""
        with self._lock:
            parts = dict(self._parts)
            probes = dict(self._probes)
        for part, ask in probes.items():
            parts[part] = _asked(part, ask) or parts.get(part)
        ill = any(parts.values())
        return {
            "status": "ill" if ill else "ok",
            "parts": {part: _words(state) for part, state in sorted(parts.items())},
        }


def _asked(part: str, ask: Probe) -> Ill | None:
    """Ask a part; one that cannot even answer is ill."""
    try:
        why = ask()
    except Exception:
        logger.exception("%s cannot say how it is", part)
        why = "cannot say how it is; the log has the reason"
    return Ill(why) if why else None


def _words(state: Ill | None) -> str:
    if state is None:
        return "ok"
    since = state.since
    return f"{state.why} (since {since.isoformat(timespec='seconds')})" if since else state.why

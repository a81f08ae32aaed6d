"""Trigger ids: what lets an app open a view for a person, for three seconds and once."""

import secrets
from dataclasses import dataclass, field

from demo.slack.refused import RefusedError


@dataclass(slots=True)
class Triggers:
    """The trigger ids given out."""

    seconds: float
    given: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Who may be shown a view, and since when (seconds since 1970)."""
    spent: set[str] = field(default_factory=set)

    def new(self, user: str, now: float) -> str:
        """Give one out to an act of a person."""
        ident = f"{int(now * 1000)}.{secrets.token_hex(8)}"
        self.given[ident] = (user, now)
        return ident

    def take(self, ident: object, now: float) -> str:
        """Use one up and say whose it is.

        RefusedError: it is made up, used or older than three seconds.
        """
        if not isinstance(ident, str) or ident not in self.given:
            raise RefusedError("invalid_trigger_id")
        if ident in self.spent:
            raise RefusedError("exchanged_trigger_id")
        user, since = self.given[ident]
        if now - since > self.seconds:
            raise RefusedError("expired_trigger_id")
        self.spent.add(ident)
        return user

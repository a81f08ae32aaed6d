"""Signing in: an access token that is renewed in time, by one thread at a time."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sources.access import Secret, VeeamAccess
from sources.errors import RefusedError, SourceError
from sources.json_rows import Row, UnreadableError, load
from sources.veeam import refusals

MARGIN = 30.0
"""Seconds before its end at which a token is renewed: one slow answer."""

SHORT = 0.1
"""The margin of a token that lives only for seconds, as a part of its life."""

Ask = Callable[[Mapping[str, str]], bytes]
"""Posts a form to `/api/oauth2/token`. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class _Grant:
    """What one answer gave. `stale` is a moment of the monotonic clock."""

    access: Secret
    refresh: Secret | None
    stale: float


class Tokens:
    """The tokens of one session.

    A refresh token works once (Veeam's REST reference), so whoever holds the lock renews and
    the others take what it got. A password that was refused is not tried again: that would lock
    the account.
    """

    def __init__(self, access: VeeamAccess, ask: Ask) -> None:
        self._account = access
        self._ask = ask
        self._lock = threading.Lock()
        self._grant: _Grant | None = None

    def bearer(self) -> str:
        """Give an access token that is still good. Raises SourceError."""
        with self._lock:
            if self._grant is None or time.monotonic() >= self._grant.stale:
                self._grant = self._renewed(self._grant)
            return self._grant.access.reveal()

    def renew(self, stale: str) -> str:
        """Give another access token than this one, which the server refused. Raises SourceError."""
        with self._lock:
            if self._grant is None or self._grant.access.reveal() == stale:
                self._grant = self._renewed(self._grant)
            return self._grant.access.reveal()

    def held(self) -> str | None:
        """Give the access token, good or not, or None where nobody has signed in."""
        return self._grant.access.reveal() if self._grant else None

    def _renewed(self, grant: _Grant | None) -> _Grant:
        if grant and grant.refresh:
            form = {"grant_type": "refresh_token", "refresh_token": grant.refresh.reveal()}
            try:
                return self._granted(form)
            except RefusedError:
                pass  # used up or forgotten by the server: the password still stands
        refusals.check(self._account)
        password = self._account.password.reveal()
        form = {"grant_type": "password", "username": self._account.user, "password": password}
        try:
            return self._granted(form)
        except RefusedError:
            refusals.note(self._account)
            raise

    def _granted(self, form: Mapping[str, str]) -> _Grant:
        asked = time.monotonic()
        try:
            return _read(self._ask(form), asked)
        except UnreadableError as error:
            why = f"it did not sign us in: {error}"
            raise SourceError("veeam", self._account.host, why, "Ask again.") from error


def _read(data: bytes, asked: float) -> _Grant:
    parsed = load(data)
    fields = parsed if isinstance(parsed, dict) else {}
    access, refresh = fields.get("access_token"), fields.get("refresh_token")
    if not isinstance(access, str) or not access.isascii() or not access.isprintable():
        raise UnreadableError("no access_token")
    life = Row(fields).number("expires_in") or 0
    return _Grant(
        Secret(access),
        Secret(refresh) if isinstance(refresh, str) and refresh else None,
        asked + life - min(MARGIN, life * SHORT) if life > 0 else float("inf"),
    )

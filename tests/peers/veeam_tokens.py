"""The tokens of a stand-in Veeam server: they end, and a refresh token works once."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from tests.peers.veeam_rows import Row, error

PASSWORD = "marker-8d1f0c-password"  # noqa: S105 - no account anywhere has it


@dataclass(slots=True, kw_only=True)
class VeeamTokens:
    """Who is signed in."""

    expires_in: int = 900
    tokens: dict[str, float] = field(default_factory=dict)
    """Access tokens that are still signed in, and when they end."""
    refresh: dict[str, str] = field(default_factory=dict)
    """Refresh tokens that were not used yet, and their access tokens."""
    grants: list[str] = field(default_factory=list)
    """The kinds of grant that tokens were asked by, in order."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def grant(self, form: dict[str, str], now: datetime) -> tuple[int, Row]:
        """Answer a request for a token."""
        with self.lock:
            kind = form.get("grant_type", "")
            self.grants.append(kind)
            if kind == "refresh_token":
                old = self.refresh.pop(form.get("refresh_token", ""), None)
                if old is None:
                    return 401, error("ExpiredToken")
                self.tokens.pop(old, None)
            elif form.get("password") != PASSWORD:
                return 401, error("AccessDenied")
            access, refresh = f"access-{uuid4()}", f"refresh-{uuid4()}"
            self.tokens[access] = time.monotonic() + self.expires_in
            self.refresh[refresh] = access
        return 200, {
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
            "expires_in": self.expires_in,
            ".issued": now.isoformat(),
            ".expires": now.isoformat(),
        }

    def knows(self, token: str) -> bool:
        """Whether this access token is still good."""
        with self.lock:
            return self.tokens.get(token, 0.0) > time.monotonic()

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self.lock:
            self.tokens.pop(token, None)

    def expire(self) -> None:
        """Let every access token run out."""
        self.tokens = dict.fromkeys(self.tokens, 0.0)

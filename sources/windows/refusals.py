"""Passwords that were refused: not tried again for a while, so that no account gets locked."""

import hashlib
import time
from threading import Lock

from sources.access import WinRmAccess
from sources.errors import RefusedError

PENANCE = 30 * 60.0
"""Seconds until a refused password may be tried again: the usual time after which a domain
forgets bad attempts."""
MOST_HOSTS = 2
"""One host may have reasons of its own to refuse an account; two of them mean the account."""

_lock = Lock()
_refused: dict[tuple[str, str], dict[str, float]] = {}


def note(access: WinRmAccess, host: str, error: RefusedError) -> None:
    """Remember that this host refused the password, if it was about the password."""
    if access.password is not None and "password" in error.message:
        with _lock:
            _refused.setdefault(_key(access), {})[host.casefold()] = time.monotonic()


def check(access: WinRmAccess, host: str) -> None:
    """Raise RefusedError where this password was refused lately, by this host or by two."""
    if access.password is None:
        return
    now = time.monotonic()
    with _lock:
        hosts = [h for h, at in _refused.get(_key(access), {}).items() if now - at < PENANCE]
    local = "\\" not in access.user and "@" not in access.user
    if host.casefold() in hosts or (len(hosts) >= MOST_HOSTS and not local):
        message = "the user or the password was refused lately, and is not tried again for now"
        hint = "Correct the password; trying again and again would lock the account."
        raise RefusedError("winrm", host, message, hint)


def forget() -> None:
    """Forget every refusal, when somebody says that it is mended."""
    with _lock:
        _refused.clear()


def _key(access: WinRmAccess) -> tuple[str, str]:
    """Tell passwords apart without keeping one."""
    secret = access.password.reveal() if access.password else ""
    return access.user.casefold(), hashlib.sha256(secret.encode()).hexdigest()

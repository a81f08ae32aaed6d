"""Passwords that were refused: not tried again for a while, so that no account gets locked."""

import hashlib
import time
from threading import Lock

from sources.access import VeeamAccess
from sources.errors import RefusedError

PENANCE = 30 * 60.0
"""Seconds until a refused password may be tried again: the usual time after which a domain
forgets bad attempts."""

_lock = Lock()
_refused: dict[tuple[str, int, str, str], float] = {}


def note(access: VeeamAccess) -> None:
    """Remember that this server refused this password."""
    with _lock:
        _refused[_key(access)] = time.monotonic()


def check(access: VeeamAccess) -> None:
    """Raise RefusedError where this server refused this password lately."""
    with _lock:
        at = _refused.get(_key(access))
    if at is not None and time.monotonic() - at < PENANCE:
        message = "the account was refused lately, and is not tried again for now"
        hint = "Correct user and password; trying again and again would lock the account."
        raise RefusedError("veeam", access.host, message, hint)


def forget() -> None:
    """Forget every refusal, when somebody says that it is mended."""
    with _lock:
        _refused.clear()


def _key(access: VeeamAccess) -> tuple[str, int, str, str]:
    """Tell passwords apart without keeping one."""
    secret = hashlib.sha256(access.password.reveal().encode()).hexdigest()
    return access.host.casefold(), access.port, access.user.casefold(), secret

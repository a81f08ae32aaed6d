"""What must not be read in a log, found by how it looks: tokens, passwords, secret addresses.

Libraries put such things into their messages, at the level debug above all; nobody can know every
place. So whatever looks like one is masked, and rather too much than too little. What is known by
its value, because it was configured, is masked wherever it stands (`bot.log`).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from reprlib import Repr
from urllib.parse import quote

from sources.access import Secret

MASKED = "***"

LONGEST = 20_000
"""Characters of one value; of what is longer the middle is left out, after it was masked."""

SHORTEST = 6
"""Characters of a configured secret that is masked by its value; less would mask half of a log."""

DEEPEST = 8
"""Tables within tables; what lies deeper is looked through as one text."""

_SO_NAMED = (
    r"(?:password|passwd|passphrase|(?<![a-z])pass|pwd|secret|token|api[_-]?key|cookie"
    r"|credentials?|authorization|ticket|response_url|soap[_-]session|api-session-id)"
)
_QUOTED = r"""\\*"(?:\\.|[^"\\])*"?|\\*'(?:\\.|[^'\\])*'?"""

SECRET_NAME = re.compile(_SO_NAMED + r"s?\Z", re.IGNORECASE)
"""How the name of a value ends that nobody may read."""

RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # a private key, also one that was cut
    (
        re.compile(r"(-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----).*?(?:-----END|\Z)", re.DOTALL),
        r"\g<1>",
    ),
    # headers: whatever the scheme; a cookie to the end of its line
    (re.compile(r"(?i)(authorization[\"'\\]*\s*[:=]\s*[\"'\\]*[a-z]+\s+)[^\s\"',]+"), r"\g<1>"),
    (re.compile(r"(?i)(cookie\s*:\s*)[^\r\n\"']+"), r"\g<1>"),
    (re.compile(r"(?i)(\bbearer\s+)[^\s\"',]+"), r"\g<1>"),
    (re.compile(r"(?i)(\b(?:basic|negotiate|ntlm)\s+)(?=\S*[0-9=+/])[a-z0-9+/=]{8,}"), r"\g<1>"),
    # password=..., "token": "...", -Password ...
    (re.compile(rf"(?i)({_SO_NAMED}[\\\"']*\s*[:=]\s*)(?:{_QUOTED}|\S+)"), r"\g<1>"),
    (re.compile(rf"(?i)((?<![\w-])--?{_SO_NAMED}\s+)(?:{_QUOTED}|\S+)"), r"\g<1>"),
    # https://docs.slack.dev/authentication/tokens
    (re.compile(r"(?i)((?:xoxe\.)?(?:xox[a-z]|xapp|xwfp)-)[\w.%+/=-]+"), r"\g<1>"),
    # webhooks and response_urls: whoever has one may post; an upload's may write
    (re.compile(r"(?i)(hooks\.slack(?:-gov)?\.com)[^\s\"'<>]+"), r"\g<1>/"),
    (re.compile(r"(?i)(files\.slack(?:-gov)?\.com/upload)[^\s\"'<>]+"), r"\g<1>/"),
    # https://user:password@host
    (re.compile(r"(://)[^\s/?#]*(?=@)"), r"\g<1>"),
    # a JSON Web Token
    (re.compile(r"((?<![\w-])eyJ)[\w-]{8,}\.[\w-]+\.[\w-]*"), r"\g<1>"),
)
"""What looks like a secret, and what of it may stay before the mask."""


_REPR = Repr()
_REPR.maxother = 1_000_000


def mask(text: str) -> str:
    """Mask in a text what looks like a secret."""
    for pattern, kept in RULES:
        text = pattern.sub(kept + MASKED, text)
    return text


class Mask:
    """Masks values of any kind: what was configured, and what looks like a secret."""

    def __init__(self, known: Iterable[Secret] = ()) -> None:
        self._known = _spellings(one.reveal() for one in known)

    def text(self, text: str) -> str:
        """Mask a text, then leave out the middle of a very long one."""
        for value in self._known:
            text = text.replace(value, MASKED)
        masked = mask(text)
        over = len(masked) - LONGEST
        if over <= 0:
            return masked
        half = LONGEST // 2
        return f"{masked[:half]} ... {over} characters ... {masked[-half:]}"

    def value(self, value: object, depth: int = 0) -> object:
        """Give a value as plain data with nothing secret in it; objects become their repr."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(str(value))
        if isinstance(value, bytes | bytearray):
            return self.text(value.decode("utf-8", "backslashreplace"))
        if depth < DEEPEST and isinstance(value, Mapping):
            rows = ((str(key), one) for key, one in value.items())
            return {self.text(key): self.named(key, one, depth + 1) for key, one in rows}
        if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return self._rows(list(value), depth + 1)
        return self.text(_REPR.repr_instance(value, 0))  # never raises

    def named(self, name: str, value: object, depth: int = 0) -> object:
        """Mask a value whole if its name says that it is secret."""
        secret = SECRET_NAME.search(name) and value is not None
        return MASKED if secret else self.value(value, depth)

    def _rows(self, rows: Sequence[object], depth: int) -> list[object]:
        """Mask a list; a pair may be a name and its value, as headers are."""
        match rows:
            case [str(name), value]:
                return [self.text(name), self.named(name, value, depth)]
        return [self.value(one, depth) for one in rows]


def _spellings(values: Iterable[str]) -> tuple[str, ...]:
    """Give the forms in which secrets may stand in a text, the longest first."""
    long = [value for value in values if len(value) >= SHORTEST]
    forms = {form for value in long for form in _forms(value)}
    return tuple(sorted(forms, key=len, reverse=True))


def _forms(value: str) -> tuple[str, ...]:
    """Write a secret as it is, as Python, JSON, XML and a URL write it."""
    written = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    urls = quote(value), quote(value, safe="")
    return (value, repr(value)[1:-1], *written, escape(value, quote=False), *urls)

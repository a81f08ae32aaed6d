"""SQL Server's messages turned back into their number and what they were filled with.

ERRORLOG prints a number only before errors; informational messages, severity 10, are known by
their English text alone. Texts: sql-docs, database engine events and errors, 833 to 41399.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

QUOTED = re.compile(
    r"['\u2018\u2019\u201c\u201d\u201e\xab\u300c]([^'\u2018-\u201e\xab\xbb\u300c\u300d]{1,128})"
    r"['\u2018\u2019\u201c\u201d\xbb\u300d]"
)
"""A name in quotes, as any language sets them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its number and data, the n-th being the n-th in the message, from 1."""

    number: int
    data: tuple[str, ...] = ()
    length: timedelta | None = None
    """How long an I/O took, where 833 says so."""


_GROUP = r"availability group '(.+?)'"
_REPLICA = r"availability replica '(.+?)'"
_TEXTS = (
    (833, "requests taking longer than",
     (r"(\d+) occurrence\(s\) of I/O requests taking longer than (\d+) seconds to complete on file "
      r"\[(.*?)\] in database (?:\[(.*?)\]|id)")),
    (1480, "is changing roles from",
     r'The (.+?) database "(.+?)" is changing roles from "(.+?)" to "(.+?)"'),
    (3197, "I/O is frozen on database", r"frozen on database (.+?)\. No user"),
    (3198, "I/O was resumed on database", r"resumed on database (.+?)\. No user"),
    (17147, "because of a system shutdown", "SQL Server is terminating"),
    (17148, "response to a 'stop' request", "SQL Server is terminating"),
    (17310, "generated a fatal exception", ""),
    (17311, "terminating because of fatal exception", ""),
    (17883, "appears to be non-yielding on", ""),
    (17884, "have not been picked up by a worker", ""),
    (17888, "appear deadlocked", "All schedulers on Node"),
    (17890, "process memory has been paged out", ""),
    (19406, "local availability replica in availability group",
     rf"{_GROUP} has changed from '(.+?)' to '(.+?)'"),
    (19407, "Windows Server Failover Cluster has expired", _GROUP),
    (19419, "signal from SQL Server hosting", _GROUP),
    (19420, "being asked to stop the lease renewal", _GROUP),
    (19421, "signal from the Windows Server Failover", _GROUP),
    (35201, "attempting to establish a connection to availability replica", _REPLICA),
    (35206, "previously established connection to availability replica", _REPLICA),
    (35267, "terminated for primary database",
     rf"(secondary) database (terminated) for primary database '(.+?)' on the {_REPLICA}"),
    (41048, "Clustering service has become unavailable", ""),
    (41049, "Clustering node is no longer online", ""),
    (41091, "either the lease expired or lease renewal failed", _GROUP),
    (41143, "replica is in a failed state", _GROUP),
)  # fmt: skip
"""Number, a plain part that nothing else contains, and the pattern that finds the data."""

NEEDLES = tuple(needle for _, needle, _ in _TEXTS)
_PATTERNS = {number: re.compile(pattern) for number, _, pattern in _TEXTS}
_DURATION = re.compile(r"duration of the long I/O is: (\d{1,9}) ms")


def by_text(text: str) -> Message | None:
    """Know a message by its English text; None for any that tells nothing here."""
    for number, needle, _ in _TEXTS:
        if needle in text and (match := _PATTERNS[number].search(text)):
            return Message(number, tuple(part or "" for part in match.groups()), _length(text))
    return None


def by_number(number: int, text: str) -> Message:
    """Fill a message whose number was printed; in another language its quotes hold the names."""
    match = _PATTERNS[number].search(text) if number in _PATTERNS else None
    data = match.groups() if match else QUOTED.findall(text)
    return Message(number, tuple(part or "" for part in data), _length(text))


def _length(text: str) -> timedelta | None:
    match = _DURATION.search(text)
    return timedelta(milliseconds=int(match[1])) if match else None

"""What a command on a Windows host printed."""

from dataclasses import dataclass
from datetime import datetime

from sources.errors import SourceError


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed. `fault`: what broke it off in the middle, None if it came to an end.

    The command ran at some moment between `sent` and `heard`, its first output, by our clock.
    """

    stdout: bytes
    stderr: bytes
    code: int
    sent: datetime
    heard: datetime
    fault: SourceError | None = None

"""How far a long reading has come, for whoever watches."""

from typing import Protocol


class Meter(Protocol):
    """Told how many bytes are to be read, and how many were."""

    def expect(self, size: int) -> None:
        """Add `size` bytes to what is to be read."""

    def advance(self, size: int) -> None:
        """Say that `size` more bytes were read."""


class Unwatched:
    """A meter that nobody looks at."""

    def expect(self, size: int) -> None:
        """Do nothing."""

    def advance(self, size: int) -> None:
        """Do nothing."""

"""People: who did something, by Slack user id, and the name they had when they did it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A person. The id says who it is; the name is what was shown then, for those who read."""

    id: str
    name: str

    def same(self, other: "Person") -> bool:
        """Whether it is the same person, however the id is written."""
        return self.id.strip().casefold() == other.id.strip().casefold()


PROGRAM = Person("stuncheck", "stuncheck")
"""Who did what nobody clicked for. No Slack user id is written in small letters."""

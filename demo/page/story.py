"""A story: something that happens in the workspace when a person asks to see it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """One entry of the list of stories to play."""

    key: str
    """Its name in addresses: letters, digits, dashes."""
    title: str
    told: str
    """What will be seen, in one sentence."""
    play: Callable[[], None]
    """Run in a thread of its own; may take as long as the story takes."""

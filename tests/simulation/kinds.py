"""The list of kinds: each a function from a seed to a world and its truth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.simulation.truth import Truth
from tests.simulation.world import World

Damage = Callable[[Path], None]
Story = Callable[[Random], "Told"]


@dataclass(frozen=True, slots=True)
class Told:
    """A story told: the world after it, the truth, and what is broken in the bundle afterwards."""

    world: World
    truth: Truth
    damage: Damage | None = None


KINDS: dict[str, tuple[Story, float]] = {}


def kind(weight: float = 1.0) -> Callable[[Story], Story]:
    """Register a story under its function's name with its weight."""

    def register(story: Story) -> Story:
        name = getattr(story, "__name__", "").replace("_", "-")
        KINDS[name] = (story, weight)
        return story

    return register

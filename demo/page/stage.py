"""The stage: which stories there are, and which are being played."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from demo.page.story import Story
from demo.slack.refused import ImpossibleError, Row

LOG = logging.getLogger(__name__)
IDLE, PLAYING, FAILED = "idle", "playing", "failed"


@dataclass(slots=True)
class Stage:
    """Plays each story in a thread of its own, never the same twice at a time."""

    stories: Sequence[Story]
    changed: threading.Condition
    """Held to look at the states; told whenever one changes."""
    states: dict[str, str] = field(default_factory=dict)

    def play(self, key: str) -> None:
        """Begin a story. ImpossibleError: it is being played. KeyError: there is none."""
        story = {story.key: story for story in self.stories}[key]
        with self.changed:
            if self.states.get(key) == PLAYING:
                raise ImpossibleError(f"{story.title} is already playing")
            self._state(key, PLAYING)
        threading.Thread(
            target=self._run, args=(story,), name=f"story {story.key}", daemon=True
        ).start()

    def rows(self) -> list[Row]:
        """Give what the list shows; the caller holds `changed`."""
        return [
            {
                "key": story.key,
                "title": story.title,
                "told": story.told,
                "state": self.states.get(story.key, IDLE),
            }
            for story in self.stories
        ]

    def _run(self, story: Story) -> None:
        ended = FAILED
        try:
            story.play()
            ended = IDLE
        except Exception:  # the outermost fence of this thread
            LOG.exception("the story %s ended early", story.key)
        finally:
            with self.changed:
                self._state(story.key, ended)

    def _state(self, key: str, state: str) -> None:
        self.states[key] = state
        self.changed.notify_all()

"""The context of a live command: what was configured, what is stored, what time it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from sources.access import ClusterAccess, Site
from sources.errors import UserError
from sources.material import Material
from sources.names import same
from sources.pull import Request, Told
from sources.pull import pull as pull_live
from storage.applying import FOLLOW_UP
from storage.store import Store


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """What every live command is given. It knows neither Slack nor the terminal."""

    site: Site
    store: Store
    now: Callable[[], datetime] = _now
    pull: Callable[[Request, Told], Material] = pull_live
    """Where evidence comes from: the running systems, or what was recorded of some."""
    running: Callable[[], Mapping[str, str]] = dict
    """How each part of the running bot is; nothing where none runs, in the terminal."""
    follow_up: timedelta = FOLLOW_UP
    """When an applied change is reported on, unasked."""

    def cluster(self, name: str) -> ClusterAccess:
        """Find a configured cluster in any case. Raises UserError with the nearest known name."""
        for access in self.site.clusters:
            if same(access.name) == same(name):
                return access
        raise unknown("cluster", name, [access.name for access in self.site.clusters])


def unknown(what: str, name: str, known: Iterable[str]) -> UserError:
    """Say that a name is not known, and which may have been meant."""
    names = sorted(known)
    near = get_close_matches(name.casefold(), [n.casefold() for n in names], n=3)
    meant = [n for n in names if n.casefold() in near]
    hint = f"Perhaps {' or '.join(meant)} is meant." if meant else f"Known: {', '.join(names)}."
    return UserError(f"There is no {what} {name}.", hint if names else f"No {what} is configured.")

"""The past of the demo's clusters: thirty nights of backups, and a few failovers on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from commands.context import Context
from commands.failover import investigate
from demo.nights import Nights
from demo.recorded import Recorded
from demo.site import HOMES, INCIDENTS, Home, site
from sources.errors import UserError
from sources.gather import gather
from sources.pull import Request, Told
from storage.clusters import cluster_names
from storage.keep import keep
from storage.store import Store

SEED = 1135
"""The past is always the same; the number is that of the event every story begins with."""

LATER = timedelta(seconds=90)
"""How long after a failover it was judged."""

SURVEYED = timedelta(hours=1)
"""How much of the time after it is known today: hourly surveys went on."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A recorded incident that happened to a cluster so many nights ago, at a time of day (UTC)."""

    cluster: str
    bundle: str
    nights: int
    clock: timedelta

    def at(self, now: datetime) -> datetime:
        """Say when that was."""
        midnight = datetime.combine((now - timedelta(days=self.nights)).date(), datetime.min.time())
        return midnight.replace(tzinfo=UTC) + self.clock


EARLIER = (
    Earlier("SQLAG07", "lease-lost", 24, timedelta(hours=1, minutes=20, seconds=56)),
    Earlier("SQLAG01", "removal-stun", 17, timedelta(hours=2, minutes=14, seconds=11)),
    Earlier("SQLAG03", "patch-reboot", 12, timedelta(hours=3, minutes=10, seconds=7)),
    Earlier("SQLAG01", "innocent-network", 9, timedelta(hours=2, minutes=14, seconds=11)),
    Earlier("SQLAG06", "vmotion-stun", 5, timedelta(hours=14, minutes=20, seconds=54)),
)


def seed(store: Store, now: datetime) -> None:
    """Fill an empty store with a past that ends at `now` (UTC); one that has a past keeps it.

    All goes through the parsers and rules that live evidence goes through. Raises UserError.
    """
    if cluster_names(store):
        return
    for earlier in EARLIER:
        _failover(store, earlier, now)
    for cluster, home in HOMES.items():
        troubles = tuple(one.at(now) for one in EARLIER if one.cluster == cluster)
        _nights(store, home, now, troubles)


def _failover(store: Store, earlier: Earlier, now: datetime) -> None:
    """Have an earlier failover judged as it was then."""
    at = earlier.at(now)
    recorded = Recorded(pace=0, now=_always(at + SURVEYED))
    recorded.happen(earlier.cluster, INCIDENTS / earlier.bundle, at)
    there = site()
    context = Context(there, store, _always(at + LATER), recorded)
    investigate(context, Request(context.cluster(earlier.cluster), there, at), _silent())


def _nights(store: Store, home: Home, now: datetime, troubles: tuple[datetime, ...]) -> None:
    rng = Random(f"{SEED} {home.names.cluster}")  # noqa: S311 - backups, not secrets
    try:
        material = Nights(home, now, rng, troubles).material()
    except OSError as error:
        raise UserError(
            f"The demo's files cannot be read: {error}.", "Fetch them again."
        ) from error
    keep(store, gather(material, now), now)


def _always(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _silent() -> Told:
    return lambda _source, _name, _state: None

"""Watching: our own look at the clusters' event logs, so that no monitoring tool is needed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog

from bot.bot_settings import WatchSettings
from bot.health import Health
from bot.intake import Intake
from bot.log import mishap
from commands.context import Context
from commands.disturbance import Disturbance
from commands.watch import Watched, watch
from sources.access import ClusterAccess
from storage.alerts import StoredAlert, Way
from storage.bookmarks import bookmarks, set_bookmarks

if TYPE_CHECKING:
    from sources.windows.watch import Roster

AT_ONCE = 8
"""Clusters that are looked at side by side."""

SILENT = 3
"""Looks in a row that brought nothing but gaps, after which a cluster is said to be unwatched."""

log = structlog.get_logger("watch")


class Watching:
    """Looks at every cluster again and again, from `start` to `stop`."""

    def __init__(
        self,
        context: Context,
        settings: WatchSettings,
        intake: Intake,
        health: Health,
        watched: Callable[[str], None],
    ) -> None:
        self._context = context
        self._settings = settings
        self._intake = intake
        self._health = health
        self._watched = watched
        self._rosters: dict[str, Roster] = {}
        self._blind: dict[str, int] = {}
        self._stopped = Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, "watch")
        self._thread = Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begin to look, unless that is switched off."""
        if self._settings.enabled:
            self._thread.start()

    def stop(self) -> None:
        """Finish the looks that were begun and end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(cancel_futures=True)

    def _run(self) -> None:
        every = self._settings.every.total_seconds()
        while not self._stopped.is_set():
            wait([self._pool.submit(self._look, one) for one in self._context.site.clusters])
            self._stopped.wait(every)

    def _look(self, access: ClusterAccess) -> None:
        if self._stopped.is_set():
            return
        try:
            self._take(access)
        except Exception as error:  # noqa: BLE001 - one cluster must not keep the others unwatched
            mishap(error, doing="watching", cluster=access.name)

    def _take(self, access: ClusterAccess) -> None:
        """Look once; what is new and how far was read are stored together."""
        store, now = self._context.store, self._context.now()
        prefix = f"watch {access.name} "
        marks = bookmarks(store, prefix)
        found = watch(self._context, access, marks, roster=self._rosters.get(access.name))
        self._rosters[access.name] = found.roster
        with store.writing():
            for one in found.disturbances:
                self._intake.take(self._alert(access.name, one))
            changed = {k: v for k, v in found.marks.items() if marks.get(k) != v}
            set_bookmarks(store, {f"{prefix}{name}": mark for name, mark in changed.items()}, now)
        self._tell(access.name, found)

    def _alert(self, cluster: str, one: Disturbance) -> StoredAlert:
        failover = one.failover
        said = failover.core[0].text if failover.core else failover.loss.value
        loud = " loud" if one.loud else ""
        return StoredAlert(
            key=f"watch {one.key}{loud}", way=Way.WATCH, cluster=cluster, at=failover.at,
            received=self._context.now(), tool="", said=said, quiet=not one.loud,
        )  # fmt: skip

    def _tell(self, cluster: str, found: Watched) -> None:
        """Say of a cluster that cannot be seen that nobody watches it."""
        read = bool(found.roster.hosts) and not found.gaps
        self._blind[cluster] = 0 if read else self._blind.get(cluster, 0) + 1
        if self._blind[cluster] == 0:
            self._watched(cluster)
            self._health.well(f"watch {cluster}")
        elif self._blind[cluster] == SILENT:
            gap = found.gaps[0] if found.gaps else None
            why = f"{gap.subject}: {gap.why}" if gap else "no node was found"
            log.warning("a cluster is not watched", cluster=cluster, why=why)

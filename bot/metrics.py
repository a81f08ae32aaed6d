"""Metrics: what the bot counts about itself, for Prometheus.

Each process has its own; no label has values from outside, so that nobody can fill the memory.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from storage.alerts import Way
from verdict.verdict import Blame

CHECKS = (0.5, 1, 2, 5, 10, 15, 20, 25, 30, 45, 60, 120)
"""Seconds; deadlines are 20 s for a source and 30 s for the whole unless set otherwise."""

ACKNOWLEDGED = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
"""Seconds; after 3 s Slack shows an error."""


class Metrics:
    """All counters of one process; `clusters` are the names in the configuration."""

    def __init__(self, clusters: Iterable[str] = ()) -> None:
        self._registry = CollectorRegistry()
        self._count()
        self._time()
        self._clusters = frozenset(clusters)
        self._watched = self._gauge(
            "last_watch_timestamp_seconds",
            "When the nodes of a cluster were last asked for new events, in seconds since 1970; "
            "0 if not since the start.",
            ["cluster"],
        )
        for cluster in self._clusters:
            self._watched.labels(cluster)

    def watched(self, cluster: str, at: datetime) -> None:
        """Say when a cluster was last watched. KeyError: it is not configured."""
        if cluster not in self._clusters:
            raise KeyError(cluster)
        self._watched.labels(cluster).set(at.timestamp())

    def text(self) -> bytes:
        """Give all of them in Prometheus' text format."""
        return generate_latest(self._registry)

    def _count(self) -> None:
        self.alerts = self._counter("alerts", "Alerts of failovers taken in, by way.", ["way"])
        for way in Way:
            self.alerts.labels(way.value)
        self.unmatched_messages = self._counter(
            "unmatched_messages", "Messages that look like alerts and fit no pattern or no name."
        )
        self.verdicts = self._counter(
            "verdicts", "Verdicts given, by what they say of the backup.", ["backup"]
        )
        for blame in Blame:
            self.verdicts.labels(blame.value)
        self.slack_calls = self._counter(
            "slack_calls", "Calls of Slack's Web API, by how they ended.", ["method", "outcome"]
        )
        self.mishaps = self._counter(
            "mishaps", "Errors that nobody foresaw; each is in the log with a token."
        )
        self.ignored_duplicates = self._counter(
            "ignored_duplicates", "Deliveries of an event or click that had been taken already."
        )

    def _time(self) -> None:
        self.check_seconds = self._histogram(
            "check_seconds", "Seconds from an alert to its verdict.", CHECKS
        )
        self.acknowledge_seconds = self._histogram(
            "acknowledge_seconds", "Seconds in which Slack was answered.", ACKNOWLEDGED
        )
        self.outbox_waiting = self._gauge("outbox_waiting", "Posts not yet in Slack.")
        self.checks_waiting = self._gauge("checks_waiting", "Checks that have not begun.")
        self.proposals_waiting = self._gauge(
            "proposals_waiting", "Proposals that nobody has decided yet."
        )
        self.changes_in_doubt = self._gauge(
            "changes_in_doubt", "Changes not known to stand or to be put back."
        )
        self.sockets = self._gauge("sockets", "Sockets to Slack that are connected.")
        self.oldest_waiting_seconds = self._gauge(
            "oldest_waiting_seconds", "Age in seconds of the oldest check or post that waits."
        )

    def _counter(self, name: str, told: str, labels: Sequence[str] = ()) -> Counter:
        return Counter(f"stuncheck_{name}", told, labels, registry=self._registry)

    def _gauge(self, name: str, told: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(f"stuncheck_{name}", told, labels, registry=self._registry)

    def _histogram(self, name: str, told: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"stuncheck_{name}", told, buckets=buckets, registry=self._registry)

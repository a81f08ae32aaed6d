"""The running bot: all its parts, started in order and stopped in the reverse one."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.app import made, wire
from bot.asking import request
from bot.catch_up import CatchUp
from bot.channels import Channels
from bot.checking import Checking
from bot.clicks import Clicks
from bot.crew import Crew
from bot.deciding import Deciding
from bot.desk import Desk
from bot.health import Health
from bot.intake import Intake
from bot.members import Members
from bot.metrics import Metrics
from bot.modals import Modals
from bot.names import KnownNames
from bot.notices import Notices
from bot.pace import Pace
from bot.people import People
from bot.places import Places
from bot.proposing import Proposing
from bot.sender import Sender
from bot.server import Server
from bot.slack_http import routes
from bot.sockets import Sockets
from bot.told import Told
from bot.tuning import Tuning
from bot.watching import Watching
from bot.who import who_we_are
from bot.wire import Wire
from commands.cluster_change import LIVE, Change
from commands.context import Context
from commands.settle import Settled
from sources.errors import UserError
from storage.alerts import StoredAlert, Way
from storage.checks import checks_waiting
from storage.posts import backlog
from storage.proposal_rows import in_doubt, undecided

if TYPE_CHECKING:
    from bot.configuration import Settings

CALL = 20
"""Seconds that one call of the Web API may take."""

RETRIES = 3
"""How often a call that is not a message is repeated after a 429."""

LATE = 120.0
"""Seconds after which an alert that waits to be checked makes the bot ill."""

log = structlog.get_logger("stuncheck")


class Bot:
    """Everything that runs between `start` and `stop`. Raises UserError where it cannot begin."""

    def __init__(
        self,
        settings: "Settings",
        context: Context,
        pace: Pace | None = None,
        change: Change = LIVE,
    ) -> None:
        slack, follow_up = settings.running(), settings.tuning.follow_up
        context = replace(context, running=self._parts, follow_up=follow_up)
        self._context = context
        self.metrics = Metrics(access.name for access in context.site.clusters)
        self.health = Health()
        token = slack.bot_token.reveal()
        # a message that is posted twice after a broken connection has no key that would tell it:
        # the sender repeats nothing that it cannot look up first
        plain = WebClient(token, base_url=slack.api_url, timeout=CALL, retry_handlers=[])
        client = WebClient(token, base_url=slack.api_url, timeout=CALL)
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=RETRIES))
        ourselves = who_we_are(client)
        self._channels = Channels(client)
        wired = Wire(plain)
        places = Places(context.store, slack, self._channels, context.now)
        self.sender = Sender(context.store, wired, places, context.now, pace or Pace())
        asking = partial(request, settings)
        self.checking = Checking(context, asking, self.sender.wake, self._judged)
        names = KnownNames(context.site, context.store)
        self.intake = Intake(
            context.store, slack, names, self._channels, ourselves, context.now, self.wake,
            self._counted,
        )  # fmt: skip
        members, modals = Members(client, settings.tuning, ourselves.homes), Modals(client)
        wake, propose = self.sender.wake, settings.tuning.propose
        self.tuning = Tuning(context, change, members, self.health, wake, propose=propose)
        told = self.tuning.told
        proposing = Proposing(context, change, members, modals, self._channels, slack, told)
        deciding = Deciding(context, change, members, modals, told)
        people = People(context, self.intake, self._channels, asking, proposing, self.wake)
        self.watching = Watching(context, settings.watch, self.intake, self.health, self._seen)
        self.notices = Notices(context, settings, self._channels, self.sender.wake, self.health)
        self._crew = Crew()
        clicks = Clicks(context, modals, self.wake)
        secret = slack.signing_secret
        self.app = made(client, secret.reveal() if secret else None)
        observe = self.metrics.acknowledge_seconds.observe
        wire(
            self.app,
            Desk(
                context, self.intake, people, clicks, deciding, proposing, self._crew, observe
            ),
        )  # fmt: skip
        self._catch_up = CatchUp(slack, self._channels, Wire(client), self.intake)
        more = routes(self.app, secret) if secret and slack.mode == "http" else []
        self.server = Server(settings.server, self.health, self.metrics, self._webhook, more)
        self.sockets = None if slack.mode == "http" else Sockets(self.app, slack, self._opened)
        self._stack = ExitStack()

    def start(self) -> None:
        """Start everything. Raises UserError; what was started by then is stopped."""
        self._probes()
        with ExitStack() as stack:
            stack.callback(self._crew.stop)
            parts: Sequence[Any] = (
                self.sender,
                self.checking,
                self.server,
                self.watching,
                self.notices,
                self.tuning,
            )
            for part in parts:
                part.start()
                stack.callback(part.stop)
            if self.sockets:
                self.sockets.start()
                stack.callback(self.sockets.stop)
            else:
                self._opened()
            self._stack = stack.pop_all()
        log.info("started", clusters=len(self._context.site.clusters), port=self.server.port)

    def stop(self) -> None:
        """Stop everything: no more is taken in, what was begun is finished, the rest is stored."""
        self._stack.close()
        log.info("stopped")

    def wake(self) -> None:
        """Say that there is something to check or to send."""
        self.sender.wake()
        self.checking.wake()

    def _opened(self) -> None:
        """Catch up whenever Slack can be heard again."""
        self._crew.submit(self._caught_up)

    def _caught_up(self) -> None:
        try:
            self._catch_up.run()
            self.health.well("catch-up")
        except (SlackClientError, SlackApiError, OSError, UserError) as error:
            self.health.ill("catch-up", f"missed messages: {_reason(error)}", self._context.now())
            log.warning("missed messages could not be read", why=str(error))

    def _webhook(self, told: Sequence[Told]) -> None:
        """Store what a tool sent; it is answered only afterwards."""
        with self._context.store.writing():
            for one in told:
                for cluster in self._meant(one):
                    self.intake.take(
                        StoredAlert(
                            key=f"webhook {one.key} {cluster}", way=Way.WEBHOOK, cluster=cluster,
                            at=one.at, received=self._context.now(), tool=one.tool, said=one.text,
                        )
                    )  # fmt: skip
        self.wake()

    def _meant(self, told: Told) -> list[str]:
        """Find the clusters that an alert means: those named, else those whose names are in it."""
        sightings = self.intake.names.inventory().find(f"{told.cluster or ''} {told.text}")
        if not sightings:
            self.metrics.unmatched_messages.inc()
            return []
        common = frozenset.intersection(*(one.clusters for one in sightings))
        return sorted(common or sightings[0].clusters)

    def _judged(self, settled: Settled, seconds: float) -> None:
        self.metrics.check_seconds.observe(seconds)
        self.tuning.judged()
        if settled.kept:
            self.metrics.verdicts.labels(settled.verdict.backup.value).inc()

    def _seen(self, cluster: str) -> None:
        self.metrics.watched(cluster, self._context.now())

    def _counted(self, what: str) -> None:
        if what == "unmatched":
            self.metrics.unmatched_messages.inc()
        elif what == "duplicate":
            self.metrics.ignored_duplicates.inc()
        else:
            self.metrics.alerts.labels(what).inc()

    def _parts(self) -> dict[str, str]:
        """Say how each part is, and how many sockets this app holds in all."""
        parts: dict[str, str] = dict(self.health.report()["parts"])
        if self.sockets and parts.get("sockets") == "ok":
            held = self.sockets.connections
            more = "; another process gets part of the events" if held > 1 else ""
            parts["sockets"] = f"ok, {held} of this app{more}"
        return parts

    def _probes(self) -> None:
        store, metrics = self._context.store, self.metrics
        metrics.outbox_waiting.set_function(lambda: backlog(store)[0])
        metrics.checks_waiting.set_function(lambda: checks_waiting(store)[0])
        metrics.oldest_waiting_seconds.set_function(self._oldest)
        metrics.proposals_waiting.set_function(lambda: len(undecided(store)))
        metrics.changes_in_doubt.set_function(lambda: in_doubt(store))
        self.health.probe("checks", self._waiting)
        self.health.probe("messages", self._unsent)
        if self.sockets:
            sockets = self.sockets
            metrics.sockets.set_function(lambda: sockets.connections)
            self.health.probe("sockets", sockets.trouble)

    def _oldest(self) -> float:
        """Seconds for which the oldest alert waits to be checked."""
        _, since = checks_waiting(self._context.store)
        return (self._context.now() - since).total_seconds() if since else 0.0

    def _waiting(self) -> str | None:
        age = self._oldest()
        return f"an alert has waited {age:.0f} s to be checked" if age > LATE else None

    def _unsent(self) -> str | None:
        _, failed = backlog(self._context.store)
        return f"{failed} messages could not be sent to Slack; the log says why" if failed else None


def _reason(error: Exception) -> str:
    """Say on a page that anybody may read why Slack was not heard."""
    if isinstance(error, SlackApiError):
        return f"Slack says {error.response.get('error')}"
    return type(error).__name__

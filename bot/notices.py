"""Notices: what is said unasked. An hourly survey first, then near misses and the weekly digest.

All of it can wait: a survey gives way to alerts that are being checked, and a notice is sent after
every verdict. A notice has a name, so that it is posted once, whoever wants it how often.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.log import mishap
from commands.context import Context
from commands.digest import digest
from commands.kept import written
from commands.near_miss import evening, near_miss, near_misses
from commands.survey import survey
from sources.errors import UserError
from storage.bookmarks import bookmark, set_bookmarks
from storage.checks import checks_waiting
from storage.posts import Place, Wish, post_named, want
from storage.retention import keeping, prune
from storage.times import micros, moment
from storage.vm_story import NOON

if TYPE_CHECKING:
    from bot.channels import Channels
    from bot.configuration import Settings
    from bot.health import Health
    from commands.reply import Reply
    from sources.material import Material
    from sources.pull import Request, Told

FIRST = 60.0
"""Seconds after the start before the first look: what was missed meanwhile is checked first."""

TICK = 60.0
"""Seconds between two looks at whether the hour is over, or the week."""

EVERY = timedelta(hours=1)
"""Between two surveys."""

LATE = timedelta(days=1)
"""What was due longer ago is not made up for: nobody wants last week's news twice a week."""

WEEK = timedelta(days=7)

PATIENCE = 60
"""Seconds for which a survey gives way, before each cluster, to alerts that wait for a check."""

LEAVING = 10.0
"""Seconds to wait for a survey to end; one that waits for a source is left, and stores nothing."""

SURVEYED, BEGAN = "survey", "notices began"
"""Bookmarks: when the last survey began, and when the first bot began to look."""

log = structlog.get_logger("notices")


class StoppedError(Exception):
    """The bot is being stopped: whatever is under way ends here."""


class Notices:
    """Runs in a thread of its own from `start` to `stop`."""

    def __init__(
        self,
        context: Context,
        settings: "Settings",
        channels: "Channels",
        wake: Callable[[], None],
        health: "Health",
        first: float = FIRST,
    ) -> None:
        self._context = replace(context, pull=self._pull)
        self._pulling = context.pull
        self._settings = settings
        self._channels = channels
        self._wake = wake
        self._health = health
        self._first = first
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        """Begin to look for what is due."""
        self._thread.start()

    def stop(self) -> None:
        """End soon; a survey that is cut off is done again within the hour."""
        self._stopping.set()
        self._thread.join(LEAVING)

    def _run(self) -> None:
        wait = self._first
        while not self._stopping.wait(wait):
            wait = TICK
            try:
                self.look()
            except StoppedError:
                return
            except Exception as error:  # noqa: BLE001 - the outermost fence of this thread
                if not self._stopping.is_set():  # else the store may be closed by now
                    mishap(error, doing="notices")

    def look(self) -> None:
        """Do what is due now; what fails is tried again in an hour. Raises StoppedError."""
        now = self._context.now()
        week = self._week(now)
        if not self._is_due(now, week):
            return
        self._step("survey", self._survey)
        self._step("retention", self._prune)
        self._step("near misses", self._near_misses)
        if week is not None:
            self._step("digest", lambda: self._digest(week))

    def _week(self, now: datetime) -> datetime | None:
        """Give the end of the week that is to be told of and was not yet; None: none is."""
        notices, store = self._settings.notices, self._context.store
        began = self._began(now)
        due = last(now, notices.weekday, notices.hour)
        told = now - due > LATE or post_named(store, _digest_name(due)) is not None
        return None if told or due < began or not notices.digest else due

    def _began(self, now: datetime) -> datetime:
        """Say since when there is a bot: what was due before that was missed by nobody."""
        store = self._context.store
        mark = bookmark(store, BEGAN)
        if mark is None:
            set_bookmarks(store, {BEGAN: str(micros(now))}, now)
        return now if mark is None else moment(int(mark))

    def _is_due(self, now: datetime, week: datetime | None) -> bool:
        """Whether to survey: once an hour, and before a digest, so that it lacks nothing."""
        mark = bookmark(self._context.store, SURVEYED)
        if mark is None:
            return True
        begun = moment(int(mark))
        return now - begun >= EVERY or begun > now or (week is not None and begun < week)

    def _step(self, part: str, work: Callable[[], str | None]) -> None:
        """Do one thing, and have the health say if it did not work; the next one is done anyway."""
        try:
            trouble = work()
        except UserError as error:
            trouble = error.message
        except SlackApiError as error:
            trouble = f"Slack says {error.response.get('error')}"
        except (SlackClientError, OSError) as error:
            trouble = f"Slack could not be reached: {error}"
        except StoppedError:
            raise
        except Exception as error:
            if self._stopping.is_set():  # the store may be closed by now
                raise StoppedError from error
            trouble = f"something went wrong here: {mishap(error, doing=part)}; the log says what"
        if trouble is None:
            self._health.well(part)
            return
        log.warning("not done", part=part, why=trouble)
        self._health.ill(part, trouble, self._context.now())

    def _survey(self) -> str | None:
        """Read what is new; the hour begins first, so that a survey that fails is no storm."""
        now = self._context.now()
        set_bookmarks(self._context.store, {SURVEYED: str(micros(now))}, now)
        reply = survey(self._context, lambda _cluster: _silent)
        for problem in reply.problems:
            log.warning("survey", why=problem.message, hint=problem.hint)
        failed = len(reply.problems)
        log.info("surveyed", clusters=len(self._context.site.clusters), failed=failed)
        # one cluster that is down is not an ill bot: whoever watches it would restart it for that
        if failed and failed == len(self._context.site.clusters):
            return "nothing of any cluster could be read; stuncheck doctor says why"
        return None

    def _prune(self) -> None:
        prune(self._context.store, keeping(self._settings.keep), self._context.now())

    def _near_misses(self) -> None:
        """Tell of the last nights; another stun of the same night edits what was said of it."""
        if not self._settings.notices.near_misses or not self._named():
            return
        now = self._context.now()
        first = max(evening(now - LATE), evening(self._began(now)))
        since = datetime.combine(first, datetime.min.time(), now.tzinfo) + NOON
        for night in near_misses(self._context, since):
            self._want(night.name, near_miss(self._context, night))

    def _digest(self, week: datetime) -> None:
        if self._named():
            self._want(_digest_name(week), digest(self._context, week - WEEK, week))

    def _named(self) -> str:
        """Give the channel as it was configured; empty is none."""
        slack = self._settings.slack
        return self._settings.notices.channel or (slack.channel if slack else "")

    def _channel(self) -> str:
        """Give its id. Raises UserError where there is none of that name, SlackApiError."""
        found = self._channels.id_of(self._named())
        if found is None:
            raise UserError(f"there is no channel {self._named()} that we can see; invite the app")
        return found

    def _want(self, name: str, reply: "Reply") -> None:
        """Have it posted, or edited if it says something else by now."""
        channel = self._channel()
        store, said = self._context.store, written(reply)
        with store.writing():
            there = post_named(store, name)
            if there is None or there.reply != said:
                wish = Wish(name, said, place=Place(channel), urgent=False)
                want(store, wish, self._context.now())
        self._wake()

    def _pull(self, request: "Request", told: "Told") -> "Material":
        """Pull after the alerts had their turn, and give nothing to a bot that has ended."""
        for _ in range(PATIENCE):
            if not checks_waiting(self._context.store)[0] or self._stopping.wait(1):
                break
        if self._stopping.is_set():
            raise StoppedError
        material = self._pulling(request, told)
        if self._stopping.is_set():
            raise StoppedError
        return material


def last(now: datetime, weekday: int, hour: int) -> datetime:
    """Give the last time that it was that hour of that weekday (0 is Monday), UTC."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    due = today - timedelta(days=(now.weekday() - weekday) % 7)
    return due - WEEK if due > now else due


def _digest_name(week: datetime) -> str:
    year, number, _ = week.isocalendar()
    return f"digest {year}-W{number:02}"


def _silent(_source: str, _name: str, _state: str) -> None:
    """Nobody waits for a survey."""

"""The sender: makes Slack show what is wanted, once, at its pace, also after a crash.

Before a message is posted for the first time that is noted; whoever finds the note after a crash
looks for the message, by its metadata, before posting again (DESIGN 8). After that the message
is only edited, and of several versions only the last is sent.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.actions import Action
from bot.blocks import Message, render
from bot.log import mishap
from bot.pace import Pace
from bot.places import Places
from bot.refused import Answer, meant
from bot.rounds import IDLE, Rounds
from bot.threads import Threads
from bot.upload import Uploads
from bot.wire import Wire
from commands.kept import read
from sources.errors import UserError
from storage.posts import (
    Kind,
    Place,
    Post,
    Wish,
    begin,
    give_up,
    lost,
    next_post,
    post_of,
    posts_waiting,
    put,
    put_off,
    sent,
    want,
)
from storage.store import Store

LANES = 6
"""Messages that are on their way at once, each in a channel of its own."""

FOLLOWS = 5
"""How often a message that cannot be put below its parent waits for that one to move."""

BACKOFF = timedelta(seconds=10)
"""How long to wait after Slack could not be reached or did not know what it did."""

log = structlog.get_logger("sender")


class Sender:
    """Runs in a thread of its own from `start` to `stop`."""

    def __init__(
        self,
        store: Store,
        wire: Wire,
        places: Places,
        now: Callable[[], datetime],
        pace: Pace,
    ) -> None:
        self._store = store
        self._wire = wire
        self._places = places
        self._threads = Threads(store, places)
        self._now = now
        self._uploads = Uploads(wire)
        self._pace = pace
        self._lock = Lock()
        self._busy: set[str] = set()
        """The posts and the channels that are being sent to."""
        self._pool = ThreadPoolExecutor(LANES, "send")
        self._rounds = Rounds("sender", self._round)
        self.wake = self._rounds.wake
        """Say that something is wanted."""

    def start(self) -> None:
        """Begin to send."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish what is on its way and end; what waits is sent after the next start."""
        self._rounds.stop()
        self._pool.shutdown()

    def _round(self) -> float:
        """Send what can be sent now; give the seconds until there may be more."""
        waits = [IDLE]
        for post in posts_waiting(self._store, self._now()):
            if self._rounds.stopping:
                break
            if wait := self._wait(post):
                waits.append(wait)
                continue
            keys = {f"post {post.id}", post.channel or f"post {post.id}"}
            with self._lock:
                if keys & self._busy or len(self._busy) >= 2 * LANES:
                    continue
                self._busy |= keys
            self._pool.submit(self._send, post.id).add_done_callback(partial(self._free, keys))
        due = next_post(self._store, self._now())
        if due is not None:
            waits.append((due - self._now()).total_seconds())
        return min(waits)

    def _wait(self, post: Post) -> float:
        """Seconds until it may be a post's turn, as far as is known without asking."""
        if post.ts is not None and post.kind is not Kind.PICTURE:
            return self._pace.until_edit(urgent=post.urgent)
        return self._pace.until_post(post.channel) if post.channel else 0.0

    def _free(self, keys: set[str], _: "Future[None]") -> None:
        with self._lock:
            self._busy -= keys
        self.wake()

    def _send(self, number: int) -> None:
        post = post_of(self._store, number)  # anew: what was listed may have been sent since
        if post.shown >= post.wanted:
            return
        try:
            self._deliver(post)
        except SlackApiError as error:
            self._refused(post, error)
        except (SlackClientError, OSError) as error:
            log.warning("Slack could not be reached", post=post.name, why=str(error))
            put_off(self._store, post, self._now() + BACKOFF)
        except Exception as error:  # noqa: BLE001 - one message must not keep the others waiting
            token = mishap(error, post=post.name)
            give_up(self._store, post, f"{token}: {type(error).__name__}")

    def _deliver(self, post: Post) -> None:
        """Post or edit, if it is its turn; else put it off."""
        place = self._threads.find(post)
        if place is None or place.channel is None:
            return
        if post.ts is not None and post.kind is not Kind.PICTURE:
            self._edit(post, place.channel)
            return
        if self._pace.before_post(place.channel):
            return  # somebody was faster; the next round comes back to it
        if post.tries and (found := self._found(post, place)):
            # a message may stand there in an older version and is edited; a picture never is
            known = post if post.kind is Kind.PICTURE else replace(post, wanted=0)
            sent(self._store, known, found)
            return
        begin(self._store, post)
        sent(self._store, post, self._post(post, place))
        self._places.counted(post, place)

    def _post(self, post: Post, place: Place) -> str:
        channel, thread = place.channel or "", place.thread
        if post.kind is Kind.PICTURE:
            return self._uploads.send(read(post.reply), post.name, channel, thread)
        return self._wire.post(self._message(post), post.name, post.incident, channel, thread)

    def _found(self, post: Post, place: Place) -> str | None:
        """Look for what may have been posted before a crash."""
        channel, since = place.channel or "", post.since
        if post.kind is Kind.PICTURE:
            return self._uploads.find(post.name, channel, place.thread, since)
        return self._wire.find(post.name, channel, place.thread, since)

    def _edit(self, post: Post, channel: str) -> None:
        if self._pace.before_edit(urgent=post.urgent):
            return
        self._wire.edit(self._message(post), post.name, post.incident, channel, post.ts or "")
        sent(self._store, post, post.ts or "")
        self._places.counted(post, Place(channel, post.thread, post.below))

    def _message(self, post: Post) -> Message:
        try:
            reply = read(post.reply)
        except ValueError as error:
            raise UserError("This message was written by another version.") from error
        offered = [Action(name) for name in post.offered]
        return render(reply, post.subject, offered, post.called)

    def _refused(self, post: Post, error: SlackApiError) -> None:
        """Do what an error of Slack's asks for."""
        answer = meant(error)
        code = str(error.response.get("error"))
        log.warning("Slack refused", post=post.name, error=code, answer=answer.value)
        if answer is Answer.SLOWER:
            seconds = float(error.response.headers.get("Retry-After", 5))
            self._pace.limited(None if post.ts else post.channel, seconds)
            put_off(self._store, post, self._now() + timedelta(seconds=seconds))
        elif answer is Answer.ANEW and post.ts is not None:
            lost(self._store, post)
        elif answer is Answer.ELSEWHERE and post.below and post.tries < FOLLOWS:
            self._follow(post, post_of(self._store, post.below))
        elif answer is Answer.ELSEWHERE and not post.below and (home := self._places.home(post)):
            lost(self._store, post)
            put(self._store, post, home)
        elif answer is Answer.LATER:
            put_off(self._store, post, self._now() + BACKOFF)
        else:
            give_up(self._store, post, f"Slack says {code}")

    def _follow(self, post: Post, parent: Post) -> None:
        """Have a lost channel found out by the parent, which moves, and go there after it."""
        wish = Wish(parent.name, parent.reply, parent.kind, parent.incident, offered=parent.offered)
        with self._store.writing():
            if parent.channel == post.channel:
                want(self._store, wish, self._now())
            put_off(self._store, post, self._now() + BACKOFF)

"""Posts: what is to stand in Slack. Wanted first, shown later, by whoever sends.

Each has a name, so that it is there once; wanting it again changes what it says. `wanted` counts
the versions that were wanted, `shown` is the last one that stands in Slack: what was wanted while
another version was on its way is not lost, and of ten versions only the last is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from storage.rows import text
from storage.times import micros, moment, moment_or_none

if TYPE_CHECKING:
    from storage.store import Store

_WANT = """
INSERT INTO posts (name, kind, incident, channel, thread, below, reply, offered, wanted, shown,
    urgent, since, due, tries, proposal, called)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 0, ?9, ?10, ?10, 0, ?11, ?12)
ON CONFLICT (name) DO UPDATE SET reply = excluded.reply, offered = excluded.offered,
    called = excluded.called, wanted = wanted + 1,
    urgent = max(excluded.urgent, shown < wanted AND urgent),
    due = min(due, excluded.due), failed = NULL
"""

_WAITING = """
SELECT id, name, kind, incident, channel, thread, below, reply, offered, wanted, shown, urgent,
    since, tries, ts, failed, proposal, called
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY coalesce(channel, id), ts IS NULL ORDER BY urgent DESC, since, id) AS place
    FROM posts p WHERE shown < wanted AND failed IS NULL AND due <= ?
        AND (below IS NULL OR EXISTS (
            SELECT 1 FROM posts o
            WHERE o.id = p.below AND (o.ts IS NOT NULL OR o.failed IS NOT NULL))))
WHERE place <= ? ORDER BY urgent DESC, since, id
"""

_NAMED = """
SELECT id, name, kind, incident, channel, thread, below, reply, offered, wanted, shown, urgent,
    since, tries, ts, failed, proposal, called
FROM posts WHERE name = ?
"""

_NUMBERED = """
SELECT id, name, kind, incident, channel, thread, below, reply, offered, wanted, shown, urgent,
    since, tries, ts, failed, proposal, called
FROM posts WHERE id = ?
"""

_POSTED = "UPDATE posts SET ts = ?, shown = max(shown, ?), tries = 0 WHERE id = ?"

_RECENT = """
SELECT count(*) FROM posts
WHERE kind = 'card' AND channel = ? AND since >= ? AND below IS NULL
"""


_BELOW = """
SELECT d.backup, count(*) FROM posts p LEFT JOIN verdicts d ON d.incident = p.incident
    AND d.revision = (SELECT max(revision) FROM verdicts o WHERE o.incident = p.incident)
WHERE p.below = ? AND p.kind = 'card' GROUP BY d.backup
"""


class Kind(StrEnum):
    """What a post is."""

    CARD = "card"
    """The one message of an incident."""
    TEXT = "text"
    PICTURE = "picture"
    STORM = "storm"
    """One message for many incidents, whose cards stand below it."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message that is wanted. `reply` is what it shall say, as `commands.kept` writes it.

    `channel` is None until somebody has decided where it goes; `thread` is the ts of the message
    it stands below, `below` a post of ours it stands below. `tries` counts the times that
    sending it for the first time was begun. `called` are the ids of people and user groups whose
    attention it wants; Slack tells them of a new message, and not of an edit.
    """

    id: int
    name: str
    kind: Kind
    incident: str | None
    channel: str | None
    thread: str | None
    below: int | None
    reply: str
    offered: tuple[str, ...]
    wanted: int
    shown: int
    urgent: bool
    since: datetime
    tries: int
    ts: str | None
    failed: str | None
    proposal: str | None
    called: tuple[str, ...]

    @property
    def subject(self) -> str:
        """What its buttons are about: the id of a proposal or else of an incident."""
        return self.proposal or self.incident or ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post goes; a channel that is not known yet is found by whoever sends."""

    channel: str | None = None
    thread: str | None = None
    below: int | None = None


ANYWHERE = Place()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a post shall say; its kind and place count only where it is new."""

    name: str
    reply: str
    kind: Kind = Kind.TEXT
    incident: str | None = None
    place: Place = ANYWHERE
    offered: tuple[str, ...] = ()
    urgent: bool = True
    proposal: str | None = None
    called: tuple[str, ...] = ()


def want(store: "Store", wish: Wish, now: datetime) -> Post:
    """Have a post say something. Raises UserError."""
    place = wish.place
    row = [
        text(wish.name), wish.kind.value, wish.incident, place.channel, place.thread, place.below,
        text(wish.reply), " ".join(wish.offered), int(wish.urgent), micros(now), wish.proposal,
        " ".join(wish.called),
    ]  # fmt: skip
    with store.writing() as db:
        db.execute(_WANT, row)
        return _post(db.execute(_NAMED, [text(wish.name)]).fetchone())


def post_named(store: "Store", name: str) -> Post | None:
    """Give a post by its name. Raises UserError."""
    with store.reading() as db:
        row = db.execute(_NAMED, [text(name)]).fetchone()
    return _post(row) if row else None


def post_of(store: "Store", number: int) -> Post:
    """Give a post by its number. Raises KeyError, UserError."""
    with store.reading() as db:
        row = db.execute(_NUMBERED, [number]).fetchone()
    if row is None:
        raise KeyError(number)
    return _post(row)


def posts_waiting(store: "Store", now: datetime, most: int = 4) -> tuple[Post, ...]:
    """Give what is to be sent now, the urgent first: so many new messages and edits a channel.

    However much waits for one channel, the others have their turn. What belongs below a message
    that does not stand yet waits for it. Raises UserError.
    """
    with store.reading() as db:
        return tuple(_post(row) for row in db.execute(_WAITING, [micros(now), most]).fetchall())


def next_post(store: "Store", now: datetime) -> datetime | None:
    """Say when the next post that is not due yet will be; None where there is none."""
    sql = "SELECT min(due) FROM posts WHERE shown < wanted AND failed IS NULL AND due > ?"
    with store.reading() as db:
        return moment_or_none(db.execute(sql, [micros(now)]).fetchone()[0])


def backlog(store: "Store") -> tuple[int, int]:
    """Count the posts that wait and those that were given up."""
    sql = """
    SELECT coalesce(sum(failed IS NULL), 0), coalesce(sum(failed IS NOT NULL), 0)
    FROM posts WHERE shown < wanted"""
    with store.reading() as db:
        row = db.execute(sql).fetchone()
    return int(row[0]), int(row[1])


def recent_cards(store: "Store", channel: str, since: datetime) -> int:
    """Count the cards that were given a place of their own in a channel since a moment."""
    with store.reading() as db:
        return int(db.execute(_RECENT, [channel, micros(since)]).fetchone()[0])


def put(store: "Store", post: Post, place: Place) -> None:
    """Decide where a post goes. Raises UserError."""
    sql = "UPDATE posts SET channel = ?, thread = ?, below = ? WHERE id = ?"
    with store.writing() as db:
        db.execute(sql, [place.channel, place.thread, place.below, post.id])


def begin(store: "Store", post: Post) -> None:
    """Note that a post is being sent for the first time: after a crash it may be there already."""
    with store.writing() as db:
        db.execute("UPDATE posts SET tries = tries + 1 WHERE id = ?", [post.id])


def sent(store: "Store", post: Post, ts: str) -> None:
    """Note that this version of a post stands in Slack. Raises UserError."""
    with store.writing() as db:
        db.execute(_POSTED, [ts, post.wanted, post.id])


def put_off(store: "Store", post: Post, due: datetime) -> None:
    """Send a post later. Raises UserError."""
    with store.writing() as db:
        db.execute("UPDATE posts SET due = ? WHERE id = ?", [micros(due), post.id])


def drop(store: "Store", post: Post) -> None:
    """Want a post no more; one that stands in Slack stays there. Raises UserError."""
    with store.writing() as db:
        db.execute("DELETE FROM posts WHERE id = ?", [post.id])


def lost(store: "Store", post: Post) -> None:
    """Note that somebody deleted the message: it is sent anew. Raises UserError."""
    sql = "UPDATE posts SET ts = NULL, tries = 0, shown = 0 WHERE id = ?"
    with store.writing() as db:
        db.execute(sql, [post.id])


def give_up(store: "Store", post: Post, why: str) -> None:
    """Note that a post cannot be sent, and why; wanting it again tries again."""
    with store.writing() as db:
        db.execute("UPDATE posts SET failed = ? WHERE id = ?", [text(why), post.id])


def _post(row: Sequence[Any]) -> Post:
    number, name, kind, incident, channel, thread, below, reply, offered, *rest = row
    wanted, shown, urgent, since, tries, ts, failed, proposal, called = rest
    return Post(
        id=number, name=name, kind=Kind(kind), incident=incident, channel=channel, thread=thread,
        below=below, reply=reply, offered=tuple(offered.split()), wanted=wanted, shown=shown,
        urgent=bool(urgent), since=moment(since), tries=tries, ts=ts, failed=failed,
        proposal=proposal, called=tuple(called.split()),
    )  # fmt: skip


def below_storm(store: "Store", storm: int) -> dict[str | None, int]:
    """Count the cards below a storm by their last verdict; None is those not judged yet."""
    with store.reading() as db:
        return dict(db.execute(_BELOW, [storm]).fetchall())

"""Seen: what was taken already, so that what Slack delivers twice is done once."""

from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import text
from storage.times import micros

if TYPE_CHECKING:
    from storage.store import Store

_CLAIM = 'INSERT INTO seen ("key", at) VALUES (?, ?) ON CONFLICT DO NOTHING'


def claim(store: "Store", key: str, now: datetime) -> bool:
    """Take a key; False where somebody took it before. Raises UserError.

    Neither Slack nor Bolt leaves out what is delivered twice (bolt-js issue 2487).
    """
    with store.writing() as db:
        return bool(db.execute(_CLAIM, [text(key), micros(now)]).rowcount == 1)

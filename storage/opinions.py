"""Opinions: what people say of a verdict; it stands beside ours and never replaces it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import text
from storage.times import micros, moment
from verdict.verdict import Blame

if TYPE_CHECKING:
    from storage.store import Store

_ADD = """
INSERT INTO opinions (incident, revision, "by", at, backup, why) VALUES (?, ?, ?, ?, ?, ?)
"""

_OF = """
SELECT incident, revision, "by", at, backup, why FROM opinions WHERE incident = ? ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A person (Slack user id) says what the backup did, of a revision of our verdict. UTC."""

    incident: str
    revision: int
    by: str
    at: datetime
    backup: Blame
    why: str


def add_opinion(store: "Store", opinion: Opinion) -> None:
    """Store it. Raises KeyError where the incident is not there, UserError."""
    said = [text(opinion.by), micros(opinion.at), opinion.backup.value, text(opinion.why)]
    with store.writing() as db:
        if not db.execute("SELECT 1 FROM incidents WHERE id = ?", [opinion.incident]).fetchone():
            raise KeyError(opinion.incident)
        db.execute(_ADD, [opinion.incident, opinion.revision, *said])


def opinions_of(store: "Store", incident: str) -> tuple[Opinion, ...]:
    """Give what people said of an incident, in order. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_OF, [incident]).fetchall()
    return tuple(
        Opinion(number, revision, by, moment(at), Blame(backup), why)
        for number, revision, by, at, backup, why in rows
    )

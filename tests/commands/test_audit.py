"""The audit: everybody and everything, for people, machines and spreadsheets, and its breaks."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.audit import FIELDS, as_csv, audit
from commands.reply import Exit
from commands.revert import revert
from sources.errors import UserError
from tests.commands.tuned import Story, story


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made


def test_who_when_why_before_and_after_stand_in_the_table(told: Story) -> None:
    key = told.applied()
    revert(told.context, told.click(key), told.live.change, "lease lost")
    reply = audit(told.context)
    rows = reply.tables[0].rows
    assert [row[2] for row in rows] == [
        "reverted", "reverting", "applied", "applying", "approved", "proposed",
    ]  # fmt: skip
    assert rows[-1] == (
        "2026-03-02 02:14:00", "Anna", "proposed", "SQLAG01",
        "SameSubnetThreshold 10 to 15", "stun of 12.4 s",
    )  # fmt: skip
    assert rows[1][1:3] == ("Ben", "reverting")
    assert rows[1][-1] == "lease lost"
    assert reply.payload["whole"] is True
    assert reply.exit_code is Exit.ANSWERED


def test_the_payload_is_complete_where_the_table_is_cut(told: Story) -> None:
    told.applied()
    reply = audit(told.context, "sqlag01", most=2)
    assert len(reply.tables[0].rows) == 2
    assert [one["number"] for one in reply.payload["entries"]] == [1, 2, 3, 4]
    assert "the last 2 are shown" in reply.closing[0]


def test_of_one_cluster_or_of_none_that_is_known(told: Story) -> None:
    told.applied()
    assert len(audit(told.context, "SqlAg01").payload["entries"]) == 4
    with pytest.raises(UserError, match="no cluster"):
        audit(told.context, "NOWHERE")


def test_nothing_done_is_a_sentence(told: Story) -> None:
    assert audit(told.context).closing == ("Nothing was done yet.",)


def test_csv_holds_every_field_and_no_formula(told: Story) -> None:
    told.asks(why='=HYPERLINK("http://evil.example"),"a", b')
    (row,) = csv.DictReader(io.StringIO(as_csv(told.context)))
    assert tuple(row) == FIELDS
    assert row["why"] == '\'=HYPERLINK("http://evil.example"),"a", b'
    assert row["after"] == '{"SameSubnetThreshold": 15}'


def test_where_the_chain_breaks_is_said(told: Story) -> None:
    told.applied()
    with told.store.writing() as db:
        db.execute("DROP TRIGGER IF EXISTS audit_update")
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE audit SET who_name = 'Carl' WHERE id = 2")
    reply = audit(told.context)
    assert "entry 2 was changed" in reply.problems[0].message
    assert reply.payload["break"] == {"entry": 2, "fault": "changed"}
    assert reply.exit_code is Exit.NOT_ANSWERED

"""`status`: what could not be read is told with the way out, until a survey could read it."""

from pathlib import Path

from commands.reply import Exit
from commands.status import status
from storage.gaps import set_gaps
from tests.commands.stored import NOW, opened
from verdict.facts import Gap

RIGHT = Gap("vmware.log", "sql01", "the account may not read it", "Give it Datastore.Browse.")


def test_what_the_last_survey_could_not_read_is_told_with_its_remedy(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        set_gaps(context.store, "SQLAG01", [RIGHT], NOW)
        said = status(context)
        (row,) = next(t for t in said.tables if t.title == "Not read by the last survey").rows
        assert row == (
            "SQLAG01", "vmware.log", "sql01",
            "the account may not read it. Give it Datastore.Browse.",
        )  # fmt: skip
        assert said.payload["gaps"][0]["why"] == "the account may not read it"
        assert said.exit_code is Exit.ANSWERED


def test_where_all_was_read_nothing_is_said_of_it(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        set_gaps(context.store, "SQLAG01", [RIGHT], NOW)
        set_gaps(context.store, "SQLAG01", [], NOW)
        assert "Not read by the last survey" not in [
            table.title for table in status(context).tables
        ]

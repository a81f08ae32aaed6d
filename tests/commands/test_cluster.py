"""`cluster NAME`: values, nodes, the margin of the worst one, last verdicts."""

from datetime import timedelta
from pathlib import Path

import pytest

from commands.cluster import cluster as tell
from commands.incident import entry
from commands.reply import Table, Tone
from sources.errors import UserError
from storage.failovers import add_failovers
from storage.incidents import open_or_join
from storage.verdicts import add_verdict
from tests.commands.sample import CAUSED
from tests.commands.stored import GROUP, NOW, cluster, fill, nightly, opened
from tests.storage.told import at, failover, stun


def table(tables: tuple[Table, ...], title: str) -> Table:
    return next(one for one in tables if one.title.startswith(title))


def test_the_worst_node_answers_for_the_cluster(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(), *nightly(2), *nightly(7.4, vm="sql02"))
        said = tell(context, "sqlag01")
    (card,) = said.cards
    assert card.tone is Tone.YELLOW
    assert card.headline == "SQL02 was stunned 7.4 s, the cluster tolerates 10.0 s"
    assert [row[0] for row in table(said.tables, "Nodes").rows] == ["SQL02", "SQL01"]
    assert [node["node"] for node in said.payload["nodes"]] == ["SQL02", "SQL01"]


def test_values_stand_beside_the_defaults_of_their_windows(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(5, "Windows Server 2019", GROUP))
        said = tell(context, "SQLAG01")
    rows = {row[0]: row[1:3] for row in table(said.tables, "Values").rows}
    assert rows["SameSubnetThreshold"] == ("5", "20")
    assert rows["LeaseTimeout of ag-sales"] == ("20000", "20000")
    assert rows["SESSION_TIMEOUT of ag-sales"] == ("not read", "10")
    rules = next(section for section in said.cards[0].sections if section.title == "Rules")
    assert [one["rule"] for one in said.payload["lint"]] == ["R2", "R4"]
    assert "less than the 20.0 s its Windows comes with" in rules.items[1]


def test_nodes_on_one_host_are_noted(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        (card,) = tell(context, "SQLAG01").cards
    notes = next(section for section in card.sections if section.title == "To note")
    assert "SQL01 and SQL02 run on one host, esx07.corp.example" in notes.items[0]


def test_a_node_whose_log_nobody_read_is_not_taken_for_quiet(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(), read=0)
        said = tell(context, "SQLAG01")
    assert (said.cards[0].tone, said.cards[0].headline) == (Tone.GREY, "No stun was measured")
    assert [row[3] for row in table(said.tables, "Nodes").rows] == ["not known", "not known"]
    assert "SQL01 and SQL02" in said.cards[0].paragraphs[0]


def test_failovers_are_counted_and_the_last_verdicts_told(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(), stun(0, 12.4))
        add_failovers(context.store, "SQLAG01", [failover(10.6)])
        incident = open_or_join(context.store, "SQLAG01", at(10.6), timedelta(0), NOW).id
        add_verdict(context.store, incident, CAUSED, entry(CAUSED, "b"), NOW, "0.1.0")
        said = tell(context, "SQLAG01")
    assert "1 failover in the last 30 days." in said.cards[0].paragraphs[0]
    assert table(said.tables, "Last verdicts").rows[0][2] == "SQL01"
    assert said.payload["verdicts"][0]["incident"] == incident


def test_a_cluster_that_is_configured_but_was_never_read_says_what_to_type(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        with pytest.raises(UserError) as caught:
            tell(context, "fs01")
        assert caught.value.message == "fs01 is configured but was never read."
        assert "stuncheck survey" in (caught.value.hint or "")
        with pytest.raises(UserError) as caught:
            tell(context, "SQLAG1")
    assert "SQLAG01" in (caught.value.hint or "")

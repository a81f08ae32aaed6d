"""`heartbeat CLUSTER`: the advice, its price, and when heartbeats are not the lever."""

from datetime import timedelta
from pathlib import Path

from commands.heartbeat import heartbeat
from commands.reply import Reply, Tone, Toned
from commands.tradeoff_chart import TradeoffChart
from tests.commands.stored import GROUP, cluster, fill, nightly, opened
from verdict.cluster import AvailabilityGroup, Cluster
from verdict.facts import Stun


def told(folder: Path, known: Cluster, *stuns: Stun, read: float = 30) -> Reply:
    with opened(folder) as context:
        fill(context, known, *stuns, read=read)
        return heartbeat(context, "SQLAG01", chart=True)


def section(said: Reply, title: str) -> tuple[str, ...]:
    return next((one.items for one in said.cards[0].sections if one.title == title), ())


def test_values_that_would_have_survived_are_named_with_their_price(tmp_path: Path) -> None:
    said = told(tmp_path, cluster(), *nightly(0.4, 12.4))
    (card,) = said.cards
    assert (card.tone, card.headline) == (Tone.RED, "Set SameSubnetThreshold 15")
    assert "1 of them was long enough to cost a failover." in card.paragraphs[0]
    assert "missed 5.0 s later" in card.paragraphs[1]
    assert section(said, "To type on a node") == ("(Get-Cluster).SameSubnetThreshold = 15",)
    assert said.payload["recommended"] == {"SameSubnetThreshold": 15}
    assert said.closing[-1].endswith("/stuncheck tune SQLAG01 SameSubnetThreshold=15")


def test_every_candidate_has_a_row_and_one_is_advised(tmp_path: Path) -> None:
    (table,) = told(tmp_path, cluster(20, "Windows Server 2019"), *nightly(22)).tables
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["VMware minimum"][-1] == Toned("blocked", Tone.RED)
    assert rows["now, Windows 2019"][:4] == ("20 x 1000 ms", "20.0 s", "1", "as now")
    assert rows["smallest"][-2:] == ("+7.0 s", Toned("advised", Tone.GREEN))
    assert rows["Microsoft relaxed"][2] == "0"


def test_a_stun_within_a_heartbeat_of_the_tolerance_is_a_matter_of_luck(tmp_path: Path) -> None:
    said = told(tmp_path, cluster(), *nightly(9.5))
    assert said.tables[0].rows[0][3] == "0 to 1"
    assert (said.payload["candidates"][0]["failovers_at_most"], said.cards[0].tone) == (1, Tone.RED)


def test_a_lease_that_breaks_first_is_said_plainly(tmp_path: Path) -> None:
    said = told(tmp_path, cluster(20, "Windows Server 2019", GROUP), *nightly(12.4))
    (card,) = said.cards
    assert card.headline == "Not the heartbeats: the lease breaks first"
    assert "Heartbeats are not the lever here." in card.paragraphs[1]
    (line,) = section(said, "To type on a node")
    assert line.startswith("Get-ClusterResource 'ag-sales' | Set-ClusterParameter LeaseTimeout 30")


def test_what_sql_server_waits_for_is_given_as_statements_and_changed_by_nobody(
    tmp_path: Path,
) -> None:
    said = told(tmp_path, cluster(40, "Windows Server 2019", GROUP), *nightly(26))
    alter = "ALTER AVAILABILITY GROUP [ag-sales]"
    at_once = ";  -- on the primary, takes effect at once"
    assert [line.removesuffix(at_once) for line in section(said, "To run in SQL Server")] == [
        f"{alter} SET (HEALTH_CHECK_TIMEOUT = 32000)",
        f"{alter} MODIFY REPLICA ON N'SQL01' WITH (SESSION_TIMEOUT = 32)",
        f"{alter} MODIFY REPLICA ON N'SQL02' WITH (SESSION_TIMEOUT = 32)",
    ]
    rules = " ".join(section(said, "Rules"))
    assert "A stun of 26.0 s outlasts SESSION_TIMEOUT, 10.0 s by default" in rules


def test_a_name_that_could_be_a_statement_is_not_put_into_one(tmp_path: Path) -> None:
    evil = AvailabilityGroup("a]; DROP DATABASE x; --", timedelta(seconds=20), None)
    said = told(tmp_path, cluster(40, "Windows Server 2019", evil), *nightly(26))
    assert "DROP" not in " ".join(section(said, "To run in SQL Server"))
    assert "[NAME-OF-THE-GROUP]" in section(said, "To run in SQL Server")[0]


def test_stuns_of_minutes_are_the_backups_to_mend(tmp_path: Path) -> None:
    (card,) = told(tmp_path, cluster(), *nightly(0.4, 200)).cards
    assert card.headline == "Not the heartbeats: mend the backup"
    assert "Veeam KB1681" in card.paragraphs[1]


def test_enough_is_green_only_where_every_log_was_read(tmp_path: Path) -> None:
    assert told(tmp_path, cluster(), *nightly(4)).cards[0].tone is Tone.GREEN
    unread = told(tmp_path / "b", cluster(), *nightly(4), read=1).cards[0]
    assert unread.tone is Tone.GREY
    assert "SQL01 and SQL02" in unread.paragraphs[-1]
    nothing = told(tmp_path / "c", cluster(), read=0).cards[0]
    assert nothing.headline == "No stun was measured: there is nothing to weigh"


def test_values_that_were_not_read_are_called_a_default(tmp_path: Path) -> None:
    bare = Cluster("SQLAG01", "Windows Server 2016", cluster().nodes)
    said = told(tmp_path, bare, *nightly(4))
    assert "10.0 s by default; its own values were not read" in said.cards[0].paragraphs[0]
    assert said.payload["values_read"] is False


def test_a_name_that_means_something_to_a_shell_is_not_pasted_into_a_line(tmp_path: Path) -> None:
    evil = AvailabilityGroup("ag'; Remove-Item C:\\ #", GROUP.lease_timeout)
    said = told(tmp_path, cluster(20, "Windows Server 2019", evil), *nightly(12.4))
    (line,) = section(said, "To type on a node")
    assert "Remove-Item" not in line


def test_the_chart_holds_silences_candidates_and_the_lease(tmp_path: Path) -> None:
    chart = told(tmp_path, cluster(10, "Windows Server 2016", GROUP), *nightly(0.4, 12.4)).cards[0]
    assert isinstance(chart.chart, TradeoffChart)
    assert [length.total_seconds() for length in chart.chart.lengths] == [0.4, 12.4]
    assert [point.recommended for point in chart.chart.points] == [False, True, False]
    assert chart.chart.lease


def test_days_choose_which_stuns_count(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(), *nightly(12.4, *[0.4] * 9))
        assert heartbeat(context, "SQLAG01", days=5).payload["stuns"] == 5
        assert heartbeat(context, "SQLAG01", days=60).payload["longest_ms"] == 12400

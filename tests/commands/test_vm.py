"""`vm NAME`: the stuns of a VM against what its cluster tolerates."""

from dataclasses import replace
from pathlib import Path

import pytest

from commands.reply import Reply, Tone, Toned
from commands.stun_chart import StunChart
from commands.vm import vm
from sources.access import Site
from sources.errors import UserError
from storage.backups import add_backups
from storage.coverage import add_coverage
from storage.failovers import add_failovers
from storage.snapshot_tasks import add_tasks
from storage.stuns import add_stuns
from tests.commands.stored import GROUP, NOW, SITE, VCENTER, cluster, fill, nightly, opened
from tests.storage.told import DAY, backup, failover, stun, task, tasks_read
from verdict.cluster import Cluster
from verdict.facts import Operation, Phase, Stun


def told(folder: Path, known: Cluster, *stuns: Stun, read: float = 30) -> Reply:
    with opened(folder) as context:
        fill(context, known, *stuns, read=read)
        return vm(context, "SQL01", chart=True)


def test_the_longest_stun_stands_beside_the_limit_it_breaks_first(tmp_path: Path) -> None:
    (card,) = told(tmp_path, cluster(20, "Windows Server 2019", GROUP), *nightly(0.4, 12.4)).cards
    assert (card.tone, card.headline) == (Tone.RED, "Longest stun 12.4 s, the lease lasts 10.0 s")
    assert card.context == ("sql01", "vc01")
    assert "sql01 is node SQL01 of SQLAG01, stunned 2 times" in card.paragraphs[0]


@pytest.mark.parametrize(
    ("length", "tone"), [(4.9, Tone.GREEN), (5.1, Tone.YELLOW), (10, Tone.RED)]
)
def test_the_colour_is_how_much_of_the_tolerance_was_left(
    tmp_path: Path, length: float, tone: Tone
) -> None:
    assert told(tmp_path, cluster(), *nightly(length)).cards[0].tone is tone


def test_a_log_that_was_never_read_makes_nothing_green(tmp_path: Path) -> None:
    (card,) = told(tmp_path, cluster(), *nightly(0.4), read=0).cards
    assert card.tone is Tone.GREY
    assert "there may be stuns that nobody knows of" in card.paragraphs[0]
    assert dict(card.figures)["Log read up to"] == "never; `stuncheck survey` reads it"


def test_no_stun_is_good_news_only_where_the_log_was_read(tmp_path: Path) -> None:
    (card,) = told(tmp_path, cluster()).cards
    assert (card.tone, card.headline) == (Tone.GREEN, "No stun in all of the last 30 days")
    (card,) = told(tmp_path / "other", cluster(), read=3).cards
    assert (card.tone, card.headline) == (Tone.GREY, "No stun in 3.0 of the last 30 days")
    (card,) = told(tmp_path / "third", cluster(), read=0).cards
    assert (card.tone, card.headline) == (Tone.GREY, "No stun was ever measured")


def test_a_switch_that_keeps_logs_from_being_read_is_named(tmp_path: Path) -> None:
    blind = Site(SITE.clusters, (replace(VCENTER, read_logs=False),))
    with opened(tmp_path, blind) as context:
        fill(context, cluster(), read=0)
        (card,) = vm(context, "sql01").cards
    assert "read_logs = true" in card.sections[0].items[0]


def test_near_misses_and_stuns_with_a_failover_are_told_apart(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(), stun(0, 12.4), stun(3600, 6), stun(7200, 1))
        add_failovers(context.store, "SQLAG01", [failover(10.6)])
        said = vm(context, "sql01", chart=True)
    tables = {table.title: table for table in said.tables}
    assert [row[4] for row in tables["Near misses"].rows] == [Toned("near miss", Tone.YELLOW)]
    judged = [row[4] for row in tables["Last stuns"].rows]
    assert judged == ["", Toned("near miss", Tone.YELLOW), Toned("failover", Tone.RED)]
    chart = said.cards[0].chart
    assert isinstance(chart, StunChart)
    assert chart.failed == {stun(0, 12.4).start}
    assert [miss["ms"] for miss in said.payload["vms"][0]["near_misses"]] == [6000]


def test_a_snapshot_that_was_taken_and_not_removed_is_open(tmp_path: Path) -> None:
    taken = replace(task(0, 3), phase=Phase.CREATE, by="CORP\\svc")
    with opened(tmp_path) as context:
        fill(context, cluster())
        assert opens(vm(context, "sql01")).startswith("not known")
        add_coverage(context.store, "SQLAG01", [tasks_read(-86400, 86000)], NOW)
        assert opens(vm(context, "sql01")).startswith("none in vCenter's tasks up to 2026-03-02")
        add_tasks(context.store, [taken])
        assert opens(vm(context, "sql01")).endswith("by CORP\\svc, not removed since")
        add_tasks(context.store, [task(60, None)])
        assert "running since" in opens(vm(context, "sql01"))
        add_tasks(context.store, [task(60, 90)])
        assert opens(vm(context, "sql01")).startswith("none")


def opens(said: Reply) -> str:
    return dict(said.cards[0].figures)["Open snapshot"]


def test_the_last_backups_are_told_and_a_running_one_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        add_backups(context.store, [backup(0, 600), backup(3600, None)])
        table = next(t for t in vm(context, "sql01").tables if t.title == "Last backups")
    assert [row[1] for row in table.rows] == ["running", "10 min"]
    assert table.rows[0][2] == "Veeam: SQL Nightly"


def test_a_vm_that_is_no_node_has_stuns_but_no_limit(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        add_stuns(context.store, nightly(8, vm="web01"))
        (card,) = vm(context, "web01").cards
    assert (card.tone, card.headline) == (Tone.GREY, "Longest stun 8.0 s; no limit is known")


def test_vms_of_one_name_in_two_vcenters_are_both_told(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        add_stuns(context.store, nightly(1), {"sql01": "vc01"})
        add_stuns(context.store, nightly(2), {"sql01": "vc02"})
        said = vm(context, "sql01")
    assert [card.context for card in said.cards] == [("sql01", "vc01"), ("sql01", "vc02")]


def test_a_node_is_found_by_its_own_name_and_domain(tmp_path: Path) -> None:
    renamed = cluster()
    nodes = tuple(replace(node, vm=f"prod-{node.vm}") for node in renamed.nodes)
    with opened(tmp_path) as context:
        fill(context, replace(renamed, nodes=nodes), vms=("prod-sql01", "prod-sql02"))
        assert vm(context, "sql01.corp.example").cards[0].context == ("prod-sql01", "vc01")


def test_a_stranger_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        with pytest.raises(UserError) as caught:
            vm(context, "sql01")
        assert "none was read yet" in caught.value.message
        assert "stuncheck survey" in (caught.value.hint or "")
        fill(context, cluster())
        with pytest.raises(UserError) as caught:
            vm(context, "sgl01")
    assert "sql01" in (caught.value.hint or "")


def test_a_snapshot_work_without_an_account_is_told_without_one(tmp_path: Path) -> None:
    work = Operation("sql01", Phase.CREATE, NOW - DAY, None, stun(0, 1).clock, "vcenter", "Create")
    with opened(tmp_path) as context:
        fill(context, cluster())
        add_tasks(context.store, [work])
        assert opens(vm(context, "sql01")) == "Create, running since 2026-03-01 02:14:00 UTC"

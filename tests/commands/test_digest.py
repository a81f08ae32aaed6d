"""The weekly digest: what failed over and why, how close it came, what nobody read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.blocks import render
from commands.context import Context
from commands.digest import TOLD, digest
from commands.incident import entry
from commands.kept import read, written
from commands.reply import Reply, Share, Tone
from demo.past import seed
from demo.site import site
from sources.access import ClusterAccess, Site, WinRmAccess
from storage.backups import add_backups
from storage.failovers import add_failovers
from storage.incidents import open_incident
from storage.opinions import Opinion, add_opinion
from storage.store import Store
from storage.unmatched import Unmatched, add_unmatched
from storage.verdicts import add_verdict
from tests.commands.sample import CAUSED
from tests.commands.stored import NOW, VCENTER, cluster, fill, opened
from tests.storage.told import DAY, at, backup, failover, stun
from verdict.verdict import Blame, Cause, Confidence, Verdict

SINCE = NOW - 7 * DAY
ALONE = Site((ClusterAccess("SQLAG01", ("sql01",), WinRmAccess()),), (VCENTER,))
CLEARED = replace(CAUSED, backup=Blame.CLEARED, cause=Cause.NETWORK)


def told(context: Context) -> Reply:
    return digest(context, SINCE, NOW)


def judged(context: Context, verdict: Verdict, seconds: float = 10.6) -> str:
    """Store a failover and its verdict; give the incident."""
    moment = at(seconds)
    incident = open_incident(context.store, "SQLAG01", moment, NOW).id
    add_failovers(context.store, "SQLAG01", [failover(seconds)], incident)
    verdict = replace(verdict, at=moment)
    add_verdict(context.store, incident, verdict, entry(verdict, "b"), NOW, "0.1.0")
    return incident


def section(reply: Reply, title: str) -> tuple[str, ...]:
    return next(one.items for one in reply.cards[0].sections if one.title == title)


def test_a_quiet_week_is_one_line(tmp_path: Path) -> None:
    with opened(tmp_path, ALONE) as context:
        fill(context, cluster(), stun(0, 3.2))
        said = told(context)
    assert (said.cards, said.tables) == ((), ())
    assert said.closing == (
        (
            "2026-02-23 to 2026-03-02: quiet, no failover and no near miss on 1 cluster. The "
            "longest stun took 3.2 s, the cluster tolerates 10.0 s (SQLAG01)."
        ),
    )


@pytest.mark.parametrize("days", [0, 3])
def test_what_nobody_read_is_not_called_quiet(tmp_path: Path, days: float) -> None:
    with opened(tmp_path, ALONE) as context:
        fill(context, cluster(), read=days)
        first, second = told(context).closing
    assert "quiet" not in first
    assert "hardly any log was read" in first
    assert "Not known: SQLAG01" in second


def test_a_cluster_that_was_never_read_is_named(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        said = told(context)
    assert "on 1 cluster." in said.closing[0]
    assert "Not known: FS01" in said.closing[1]
    assert said.payload["never_read"] == ["FS01"]


def test_the_backup_and_its_job_come_first(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(), stun(0.1, 12.4), stun(-86_400, 6.0))
        add_backups(context.store, [backup(-3600, 600)], {"sql01": "vc01"})
        judged(context, CAUSED)
        said = told(context)
    (card,) = said.cards
    assert (card.tone, card.headline) == (
        Tone.RED, "The backup caused 1 of 1 failover; 1 near miss",
    )  # fmt: skip
    assert card.paragraphs == (
        (
            "Closest to the edge: sql01 of SQLAG01, stunned 12.4 s, the cluster tolerates 10.0 s, "
            'at 2026-03-01 02:14 UTC while a snapshot was removed, by Veeam "SQL Nightly".'
        ),
    )
    assert section(said, "Failovers") == (
        (
            "2026-03-01 02:14 UTC, SQLAG01 lost SQL01: backup caused, stun while a snapshot was "
            "removed."
        ),
    )
    (row,) = said.tables[0].rows
    assert row == ("SQLAG01", "1", "1", "12.4 s", Share(1.24), "SQL Nightly", "100%")


@pytest.mark.parametrize(
    ("verdict", "tone", "headline"),
    [
        (CLEARED, Tone.GREEN, "1 failover, none by the backup; no near miss"),
        (replace(CAUSED, cause=Cause.PLANNED, backup=Blame.CLEARED), Tone.GREEN,
         "No failover; no near miss"),
        (replace(CAUSED, backup=Blame.SUSPECTED), Tone.YELLOW,
         "The backup is suspected of 1 of 1 failover; no near miss"),
        (replace(CAUSED, backup=Blame.UNKNOWN, cause=Cause.UNKNOWN,
                 confidence=Confidence.UNKNOWN), Tone.YELLOW,
         "1 failover, 1 not explained; no near miss"),
    ],
    ids=["cleared", "planned", "suspected", "unknown"],
)  # fmt: skip
def test_the_headline_says_whether_it_was_the_backup(
    tmp_path: Path, verdict: Verdict, tone: Tone, headline: str
) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        judged(context, verdict)
        (card,) = told(context).cards
    assert (card.tone, card.headline) == (tone, headline)


def test_a_failover_that_nobody_looked_into_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        add_failovers(context.store, "SQLAG01", [failover(0)])
        said = told(context)
    assert said.cards[0].headline == "1 failover, 1 not explained; no near miss"
    assert "not looked into, /stuncheck failover SQLAG01" in section(said, "Failovers")[0]


def test_what_an_alert_told_and_no_log_is_a_failover_once(tmp_path: Path) -> None:
    """The incident stands a little beside the failover that a survey read later."""
    with opened(tmp_path) as context:
        fill(context, cluster())
        judged(context, CLEARED)
        add_failovers(context.store, "SQLAG01", [failover(40, lost="SQL02")])
        assert len(section(told(context), "Failovers")) == 1


def test_only_the_week_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster(), stun(-8 * 86_400, 9), stun(2 * 86_400, 9))
        judged(context, CAUSED, -8 * 86_400)
        assert told(context).cards == ()
        week_before = digest(context, SINCE - 7 * DAY, SINCE)
        week_after = digest(context, NOW, NOW + 7 * DAY)
    assert week_before.cards[0].tone is Tone.RED
    assert week_after.cards[0].headline == "No failover; 1 near miss"


def test_a_doubt_is_told_until_the_person_takes_it_back(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        incident = judged(context, CAUSED)
        said = Opinion(incident, 1, "U1", NOW - DAY / 2, Blame.CLEARED, "a switch was swapped")
        add_opinion(context.store, said)
        first = section(told(context), "Doubted")
        taken_back = replace(said, at=said.at + DAY / 4, backup=Blame.CAUSED, why="no, it was")
        add_opinion(context.store, taken_back)
        assert [one.title for one in told(context).cards[0].sections] == ["Failovers"]
    assert first == (
        (
            'SQLAG01, 2026-03-01 02:14 UTC: the verdict was caused, somebody says cleared: "a '
            'switch was swapped"'
        ),
    )


def test_messages_that_fitted_no_pattern_are_counted(tmp_path: Path) -> None:
    with opened(tmp_path, ALONE) as context:
        fill(context, cluster())
        add_unmatched(context.store, "k", Unmatched(NOW - DAY, "C1", "no name", "down"))
        add_unmatched(context.store, "old", Unmatched(SINCE - DAY, "C1", "no name", "down"))
        said = told(context)
    assert said.closing[1].startswith("1 message looked like alerts")
    assert said.payload["unmatched"] == 1


def test_of_very_many_the_first_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        for number in range(TOLD + 5):
            judged(context, CAUSED, -3600.0 * number)
        lines = section(told(context), "Failovers")
    assert len(lines) == TOLD + 1
    assert lines[-1] == "and 5 more"


def test_without_any_cluster_it_says_so_little_as_it_knows(tmp_path: Path) -> None:
    with opened(tmp_path, Site()) as context:
        assert "hardly any log was read" in told(context).closing[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    with Store.open(tmp_path_factory.mktemp("demo") / "store.db") as store:
        seed(store, now)
        yield Context(site(), store, lambda: now)


@pytest.mark.parametrize("week", range(4))
def test_the_demo_s_weeks_are_read_in_twenty_seconds(demo: Context, week: int) -> None:
    """People read about four words a second; figures in a table are looked up, not read."""
    until = demo.now() - timedelta(days=7 * week)
    said = digest(demo, until - 7 * DAY, until)
    shown = render(read(written(said)))
    (card,) = said.cards
    lines = (card.headline, *card.paragraphs, *(i for s in card.sections for i in s.items))
    assert len(" ".join((*lines, *said.closing)).split()) < 100
    assert len(said.tables[0].rows) <= 8
    assert card.headline in shown.text
    assert len(shown.blocks) < 10

"""Verdicts: every revision stays, the last one counts."""

from datetime import timedelta

import pytest

from commands.incident import entry
from storage.incidents import open_or_join
from storage.store import Store
from storage.verdicts import add_verdict, history, revisions
from tests.commands.sample import CAUSED, CLEARED
from tests.storage.told import ZERO, at
from verdict.verdict import Blame, Cause, Verdict


def judged(store: Store, *verdicts: Verdict, cluster: str = "SQLAG01", when: float = 0) -> str:
    incident = open_or_join(store, cluster, at(when), timedelta(0), ZERO).id
    for number, verdict in enumerate(verdicts, 1):
        told = entry(verdict, incident)
        assert add_verdict(store, incident, verdict, told, at(when + 9), "0.1.0") == number
    return incident


def test_a_verdict_comes_back_with_its_axes_and_its_json(store: Store) -> None:
    incident = judged(store, CAUSED)
    (found,) = revisions(store, incident)
    assert (found.backup, found.cause, found.confidence, found.mechanism) == (
        CAUSED.backup, CAUSED.cause, CAUSED.confidence, CAUSED.mechanism,
    )  # fmt: skip
    assert found.entry == entry(CAUSED, incident)
    assert (found.at, found.judged, found.program) == (CAUSED.at, at(9), "0.1.0")


def test_history_gives_the_last_revision_of_each_incident_newest_first(store: Store) -> None:
    first = judged(store, CAUSED, CLEARED)
    second = judged(store, CAUSED, when=3600)
    other = judged(store, CLEARED, cluster="EX-DAG", when=60)
    assert [one.incident for one in history(store)] == [second, other, first]
    assert [one.incident for one in history(store, most=1)] == [second]
    (last,) = [one for one in history(store, "sqlag01") if one.incident == first]
    assert (last.revision, last.backup, last.cause) == (2, Blame.CLEARED, Cause.NETWORK)


def test_an_incident_that_was_not_judged_yet_is_not_in_the_history(store: Store) -> None:
    incident = judged(store)
    assert history(store) == ()
    assert revisions(store, incident) == ()


def test_a_verdict_needs_its_incident(store: Store) -> None:
    with pytest.raises(KeyError):
        add_verdict(store, "none", CAUSED, {}, ZERO, "0.1.0")

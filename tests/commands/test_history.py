"""`history [CLUSTER]`: verdicts, the newest first."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.history import history
from commands.incident import entry
from commands.reply import Tone, Toned
from sources.errors import UserError
from storage.incidents import open_or_join
from storage.store import Store
from storage.verdicts import add_verdict
from tests.commands.sample import CAUSED, CLEARED
from tests.commands.stored import NOW, cluster, fill, opened
from verdict.verdict import Cause, Confidence, Verdict


def judged(store: Store, verdict: Verdict) -> None:
    incident = open_or_join(store, verdict.cluster, verdict.at, timedelta(0), NOW).id
    add_verdict(store, incident, verdict, entry(verdict, incident), NOW, "0.1.0")


def test_verdicts_come_newest_first_with_their_colour(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        judged(context.store, CAUSED)
        judged(context.store, CLEARED)
        said = history(context)
        (only,) = history(context, "ex-dag").tables[0].rows
    rows = said.tables[0].rows
    assert [row[1] for row in rows] == ["EX-DAG", "SQLAG01"]
    assert [row[3] for row in rows] == [Toned("cleared", Tone.GREEN), Toned("caused", Tone.RED)]
    assert only[4] == "network, likely"
    assert said.closing == ("2 failovers: 1 caused, 1 cleared.",)
    assert [one["cluster"] for one in said.payload["verdicts"]] == ["EX-DAG", "SQLAG01"]
    assert said.payload["verdicts"][0]["program"] == "0.1.0"


def test_an_unknown_cause_has_no_confidence(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        judged(context.store, replace(CAUSED, cause=Cause.UNKNOWN, confidence=Confidence.UNKNOWN))
        assert history(context).tables[0].rows[0][4] == "not known"


def test_no_verdict_says_how_to_get_one_and_a_stranger_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as context:
        fill(context, cluster())
        assert history(context, "sqlag01").closing == (
            "No failover was judged yet for SQLAG01; `stuncheck failover CLUSTER` judges one.",
        )
        assert history(context).payload == {"verdicts": []}
        with pytest.raises(UserError):
            history(context, "nobody")

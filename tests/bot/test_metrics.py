"""The metrics: their names, and that nobody outside can make more of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from storage.alerts import Way

NAMES = """
stuncheck_alerts stuncheck_unmatched_messages stuncheck_verdicts stuncheck_slack_calls
stuncheck_mishaps stuncheck_ignored_duplicates stuncheck_check_seconds
stuncheck_acknowledge_seconds stuncheck_outbox_waiting stuncheck_checks_waiting stuncheck_sockets
stuncheck_oldest_waiting_seconds stuncheck_last_watch_timestamp_seconds
stuncheck_proposals_waiting stuncheck_changes_in_doubt
"""


def values(metrics: Metrics) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    samples = (sample for family in families for sample in family.samples)
    return {(one.name, *one.labels.values()): one.value for one in samples}


def test_every_metric_is_there_from_the_start_with_a_sentence() -> None:
    families = text_string_to_metric_families(Metrics(["SQLAG01"]).text().decode())
    told = {f.name: f.documentation for f in families if not f.name.endswith("_created")}
    assert set(told) == set(NAMES.split())
    assert all(words.endswith(".") for words in told.values())


def test_the_docs_name_every_metric_and_way() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text()
    assert [name for name in NAMES.split() if name not in page] == []
    assert [way for way in Way if f"`{way.value}`" not in page] == []


def test_two_bots_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.mishaps.inc()
    assert values(one)[("stuncheck_mishaps_total",)] == 1
    assert values(other)[("stuncheck_mishaps_total",)] == 0


def test_what_is_rare_is_zero_and_not_missing() -> None:
    shown = values(Metrics(["SQLAG01"]))
    assert shown["stuncheck_verdicts_total", "caused"] == 0
    assert shown["stuncheck_alerts_total", "webhook"] == 0
    assert shown["stuncheck_last_watch_timestamp_seconds", "SQLAG01"] == 0


def test_only_configured_clusters_have_a_time() -> None:
    metrics = Metrics(["SQLAG01"])
    metrics.watched("SQLAG01", datetime(2026, 3, 1, 2, 14, tzinfo=UTC))
    with pytest.raises(KeyError):
        metrics.watched("STRANGER", datetime(2026, 3, 1, tzinfo=UTC))
    assert values(metrics)["stuncheck_last_watch_timestamp_seconds", "SQLAG01"] == 1772331240
    assert b"STRANGER" not in metrics.text()

"""Alerts of failovers are recognised, recoveries and chatter are not."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alert_patterns import FAILOVERS, Patterns
from bot.alert_text import Fields
from bot.alerts import Alert, NoAlert, Ourselves, Why, recognise
from bot.inventory import Inventory, Names
from sources.errors import UserError

INVENTORY = Inventory(
    [
        Names("SQLAG01", ("SQL01", "SQL02"), ("AG-Sales", "Cluster Group"), ("sql01-vm",)),
        Names("EX-DAG", ("EX01", "EX02"), ("Cluster Group",)),
    ]
)
OURSELVES = Ourselves("B0US", "U0US", "A0US")
PATTERNS = Patterns.of()
TS = "1772331251.000200"
AT = datetime(2026, 3, 1, 2, 14, 11, 200, tzinfo=UTC)


def message(text: str = "", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - Slack's own
    """Give a message event of a monitoring tool."""
    return {"type": "message", "bot_id": "B1", "channel": "C1", "ts": TS, "text": text, **fields}


def attachment(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - Slack's own
    return message(subtype="bot_message", attachments=[fields])


def judged(event: Fields, patterns: Patterns = PATTERNS) -> Alert | NoAlert:
    return recognise(event, INVENTORY, patterns, OURSELVES)


def alert(event: Fields, patterns: Patterns = PATTERNS) -> Alert:
    found = judged(event, patterns)
    assert isinstance(found, Alert), found
    return found


def why(event: Fields, patterns: Patterns = PATTERNS) -> Why:
    found = judged(event, patterns)
    assert isinstance(found, NoAlert), found
    return found.why


# https://github.com/prometheus/alertmanager/blob/main/template/default.tmpl: no text at all
FIRING = attachment(
    title="[FIRING:1] WindowsClusterNodeDown (sql01.corp.example:9182 windows critical)",
    title_link="http://alerts.corp.example:9093/#/alerts",
    fallback="[FIRING:1] WindowsClusterNodeDown | http://alerts.corp.example:9093/#/alerts",
    color="danger",
)

# https://git.zabbix.com templates/media/slack: no text, an edit when it is over
ZABBIX_FIELDS = [
    {"title": "Host", "value": "SQL02 [10.0.0.2:10050]", "short": True},
    {"title": "Event time", "value": "2026.03.01 02:14:11", "short": True},
    {"title": "Severity", "value": "Disaster", "short": True},
]
ZABBIX = attachment(
    fallback="Problem: MSSQL AG 'AG-Sales': All replicas unhealthy",
    title="Problem: MSSQL AG 'AG-Sales': All replicas unhealthy",
    color="#E45959",
    fields=ZABBIX_FIELDS,
)
ZABBIX_OVER = attachment(
    fallback="Resolved in 5m: MSSQL AG 'AG-Sales': All replicas unhealthy",
    title="Resolved in 5m: MSSQL AG 'AG-Sales': All replicas unhealthy",
    color="#009900",
    fields=ZABBIX_FIELDS,
)

# https://github.com/DataDog/integrations-core sqlserver/assets/monitors/sqlserver_ao_failover.json
DATADOG = attachment(
    title="Triggered: [SQLServer] Availability group failover detected on AG-Sales",
    text="SQLserver availability group has failed over from one primary replica to another",
)


@pytest.mark.parametrize(
    ("event", "tool", "names"),
    [
        (FIRING, "Alertmanager", ("SQL01",)),
        (ZABBIX, "Zabbix", ("AG-Sales", "SQL02")),
        (DATADOG, "Datadog", ("AG-Sales",)),
        # https://systemcenter.wiki
        (message("Cluster node SQL01 in cluster SQLAG01 is not running."), "SCOM", None),
        (message("SQL01.corp.example: Cluster Node is not online."), "SCOM", ("SQL01",)),
        (message("[PRTG] SQL01 Cluster Node Down 2 m (Timeout)"), "PRTG", ("SQL01",)),
        (message("** PROBLEM Service Alert: sql01/Cluster Group is CRITICAL **"), "Nagios", None),
        (message("sql02: WARNING group not at preferred owner"), "Nagios", ("SQL02",)),
        (message("Availability group - failover: AG-Sales"), "Redgate", ("AG-Sales",)),
        # Microsoft's messages 1480, 19407, 19419, 19421 as DBAs name their alerts
        (message("SQL Server Alert System: 'Alert-AGRoleChange' on SQL01"), "SQL Agent", None),
        (message("@SQL01 Alert! AG 19407: Cluster connectivity issue."), "SQL Agent", None),
        (message("sql01: error 19421, the lease is no longer valid"), "SQL Agent", None),
        (message("Cluster node 'SQL01' was removed from the active failover cluster membership"),
         "Windows", ("SQL01",)),
        (message("SQL01 FAILED OVER to sql02"), "Windows", ("SQL01", "SQL02")),
        (message("event id 1135 on SQL02"), "Windows", ("SQL02",)),
    ],
)  # fmt: skip
def test_what_tools_post_is_an_alert(event: Fields, tool: str, names: object) -> None:
    found = alert(event)
    assert found.cluster == "SQLAG01"
    assert found.tool == tool
    assert names in (None, found.names)
    assert found.at == AT


def test_every_tool_of_the_defaults_is_tried_above() -> None:
    assert set(FAILOVERS) == {
        "Alertmanager", "Zabbix", "Datadog", "SCOM", "PRTG", "Nagios", "Redgate", "SQL Agent",
        "Windows",
    }  # fmt: skip


def test_blocks_without_text_are_read() -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*sql01* failed over"}}
    assert alert(message(blocks=[section])).names == ("SQL01",)


@pytest.mark.parametrize(
    "event",
    [
        attachment(title="[RESOLVED] WindowsClusterNodeDown (sql01)", color="good"),
        ZABBIX_OVER,
        attachment(title="Recovered: [SQLServer] Availability group failover detected on AG-Sales"),
        attachment(title="[P2] [Recovered on {host:sql01}] Availability group failover detected"),
        message("** RECOVERY Service Alert: sql01/Cluster Group is OK **"),
        message("OK: sql01 cluster group failover"),
        message(":white_check_mark: Resolved: sql01 failed over"),
        message("sql01 cluster node failed over: CRITICAL -&gt; OK"),
        message("[PRTG] SQL01 Cluster Node failover Up (OK)"),
        message("Availability group - failover: AG-Sales\nStatus: Ended"),
        message("Cluster node SQL01 is not running\nResolution state: Closed (255)"),
        attachment(text="sql01 failed over", color="#2eb886"),
    ],
)
def test_a_recovery_is_no_alert(event: Fields) -> None:
    assert why(event) is Why.RECOVERY


@pytest.mark.parametrize(
    "event",
    [
        message("[FIRING:2] ClusterNodeDown sql01, sql02\nResolved: none"),
        message("AG-Sales failed over to SQL02 and is back online, state: healthy"),
        attachment(title="[FIRING:1] ClusterNodeDown (sql01)", color="good"),
        message("CRITICAL: cluster group of sql01 offline, was OK before; state changed to OK? no"),
        message("sql01: database is in RECOVERY PENDING after the failover"),
        message("sql01 failed over; not OK to patch"),
        message("SQL01 failing over: role failed to healthy node SQL02. State: Up"),
    ],
)
def test_an_alert_that_speaks_of_recovery_is_still_one(event: Fields) -> None:
    assert alert(event).names


def test_an_edit_into_a_recovery_is_a_recovery() -> None:
    assert why(edit(ZABBIX_OVER, ZABBIX)) is Why.RECOVERY


def test_an_edit_that_newly_tells_of_a_failover_is_an_alert_of_that_time() -> None:
    before = message("checking sql01")
    found = alert(edit(message("sql01 failed over"), before))
    assert (found.at - AT).total_seconds() == 60


def test_an_edit_of_an_alert_such_as_an_unfurled_link_is_no_second_one() -> None:
    assert why(edit({**FIRING, "edited": {"ts": TS}}, FIRING)) is Why.CHANGED


def edit(after: Fields, before: Fields) -> dict[str, Any]:
    return {
        "type": "message", "subtype": "message_changed", "channel": "C1",
        "ts": "1772331311.000200", "message": after, "previous_message": before,
    }  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        message("sql01 failed over", bot_id="B0US"),
        message("sql01 failed over", user="U0US"),
        message("sql01 failed over", bot_profile={"app_id": "A0US"}),
        edit(message("sql01 failed over", bot_id="B0US"), {}),
    ],
)
def test_our_own_posts_are_no_alerts(event: Fields) -> None:
    assert why(event) is Why.OWN


def test_what_is_not_known_of_ourselves_is_in_nobody_s_post() -> None:
    event = message("sql01 failed over", app_id="", user=None)
    assert isinstance(recognise(event, INVENTORY, PATTERNS, Ourselves()), Alert)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (message("backup of sql01 succeeded"), Why.CHATTER),
        (message("Failover Clustering patches are out for sql01"), Why.CHATTER),
        (message("CRITICAL: disk of web03 full"), Why.CHATTER),
        (message("sql01 failed over", subtype="channel_topic"), Why.CHATTER),
        ({"type": "message", "subtype": "message_deleted", "ts": TS}, Why.CHATTER),
        ({}, Why.CHATTER),
        (message("web03 failed over to web04"), Why.STRANGER),
        (message("CRITICAL: Gruppe auf sql01 nicht mehr da"), Why.WORDING),
        (message("sql01 failed over", bot_id=None, user="U1"), Why.PERSON),
        (message("sql01 failed over", ts="soon"), Why.TIMELESS),
    ],
)
def test_what_looks_like_an_alert_is_told_apart_from_chatter(event: Fields, reason: Why) -> None:
    assert why(event) is reason
    assert reason.alert_like is (reason is not Why.CHATTER)


def test_a_mail_to_the_channel_is_no_person() -> None:
    mail = message("sql01 failed over", bot_id=None, user="USLACKBOT", subtype="file_share")
    assert alert(mail).names == ("SQL01",)


def test_tools_that_post_as_a_person_can_be_allowed() -> None:
    event = message("sql01 failed over", bot_id=None, user="U1")
    assert alert(event, Patterns.of(people=True)).cluster == "SQLAG01"


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("Cluster Group failed over", ("EX-DAG", "SQLAG01")),
        ("Cluster Group failed over to EX02", ("EX-DAG",)),
        ("EX01 and SQL01 failed over", ("EX-DAG", "SQLAG01")),
    ],
)
def test_the_cluster_is_the_one_that_all_names_have_in_common(
    text: str, clusters: tuple[str, ...]
) -> None:
    found = alert(message(text))
    assert found.clusters == clusters
    assert found.cluster == (clusters[0] if len(clusters) == 1 else None)


def test_a_configuration_words_a_tool_anew_and_keeps_the_others() -> None:
    own = Patterns.of({"Checkmk": ["ist umgezogen"], "Windows": []})
    assert alert(message("SQL01 ist UMGEZOGEN"), own).tool == "Checkmk"
    assert alert(FIRING, own).tool == "Alertmanager"
    assert why(message("sql01 failed over"), own) is Why.CHATTER


def test_a_configuration_words_recoveries() -> None:
    own = Patterns.of(recoveries=["^behoben"])
    assert why(message("Behoben: sql01 failed over"), own) is Why.RECOVERY


@pytest.mark.parametrize("pattern", ["(a+)+$", "(", r"(a)\1"])
def test_a_pattern_that_could_stop_the_bot_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(UserError) as caught:
        Patterns.of({"Mine": [pattern]})
    assert caught.value.message.startswith(f"The pattern {pattern} of Mine is not taken: it ")


def test_the_slowest_patterns_that_are_taken_end_in_time() -> None:
    slow = Patterns.of({"Mine": [f".*.*[b-y]{n}" for n in range(60)]})
    began = time.process_time()
    judged(message("a" * 40_000), slow)
    assert time.process_time() - began < 4


def test_a_message_that_takes_too_long_is_not_taken_for_chatter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.alerts.PATIENCE", -1)
    assert why(message("sql01 failed over")) is Why.SLOW
    assert Why.SLOW.alert_like


def test_an_alert_far_into_a_long_line_is_found() -> None:
    assert alert(message("x " * 1000 + "sql01 failed over")).tool == "Windows"


@pytest.mark.parametrize("name", ["text", "attachments", "blocks", "subtype", "ts", "message"])
@given(thing=st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)
       | st.dictionaries(st.text(), inner), max_leaves=8))  # fmt: skip
def test_whatever_slack_sends_is_judged(name: str, thing: object) -> None:
    judged({**message("sql01 failed over"), name: thing})
    judged({**edit(FIRING, FIRING), name: thing})


@given(st.text(max_size=300))
def test_whatever_a_tool_says_is_judged_quickly(text: str) -> None:
    found = judged(message(text + " sql01"))
    assert found.said is not None
    assert not isinstance(found, NoAlert) or found.why is not Why.SLOW

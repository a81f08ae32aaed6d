"""Alerts of a failover as monitoring tools post them to Slack: each in its own shape.

Most leave the text empty and fill attachments; none of them names the cause. `at` is the moment
that the alert tells, UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from demo.slack.refused import Row

DOMAIN = "corp.example"
RED = "#E45959"
"""Zabbix's colour of a disaster."""


@dataclass(frozen=True, slots=True)
class Post:
    """What a tool posts: of its text, attachments and blocks some are empty."""

    tool: str
    text: str = ""
    attachments: tuple[Row, ...] = ()
    blocks: tuple[Row, ...] = ()


def alertmanager(at: datetime, node: str, cluster: str) -> Post:
    """Post as Prometheus Alertmanager does by default (its template/default.tmpl): no text."""
    labels = f"{cluster} {node.lower()}.{DOMAIN}:9182 windows critical"
    title = f"[FIRING:1] WindowsClusterNodeDown ({labels})"
    link = f"http://alerts.{DOMAIN}:9093/#/alerts?receiver=sql"
    text = f"{node} of {cluster} is down since {at:%H:%M:%S} UTC."
    attachment = {
        "title": title, "title_link": link, "fallback": f"{title} | {link}", "text": text,
        "color": "danger", "mrkdwn_in": ["fallback", "pretext", "text"],
    }  # fmt: skip
    return Post("Alertmanager", attachments=(attachment,))


def zabbix(at: datetime, node: str, group: str) -> Post:
    """Post as Zabbix's own webhook for Slack does, for its template "MSSQL by ODBC"."""
    title = f"Problem: MSSQL AG '{group}': All replicas unhealthy"
    fields = [
        {"title": "Host", "value": f"{node} [{node.lower()}.{DOMAIN}:1433]", "short": True},
        {"title": "Event time", "value": f"{at:%Y.%m.%d %H:%M:%S}", "short": True},
        {"title": "Severity", "value": "Disaster", "short": True},
        {"title": "Opdata", "value": "Synchronization health: not healthy (0)", "short": True},
    ]
    link = f"https://zabbix.{DOMAIN}/tr_events.php?triggerid=23391&eventid=88121"
    attachment = {
        "fallback": title, "title": title, "title_link": link, "color": RED, "fields": fields,
    }  # fmt: skip
    return Post("Zabbix", attachments=(attachment,))


def scom(at: datetime, node: str, cluster: str) -> Post:
    """Post as a connector of System Center Operations Manager does: blocks."""
    facts = {
        "Source": f"{node}.{DOMAIN}",
        "Severity": "Critical",
        "Resolution state": "New (0)",
        "Raised": f"{at:%Y-%m-%d %H:%M:%S} UTC",
    }
    fields = [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in facts.items()]
    said = f"Cluster node {node} in cluster {cluster} is not running."
    blocks = (
        {"type": "header", "text": {"type": "plain_text", "text": "Cluster node is not running"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": said}, "fields": fields},
    )
    return Post("SCOM", blocks=blocks)


def prtg(at: datetime, node: str, cluster: str) -> Post:
    """Post as PRTG's notification "Send Slack Message" does: one text."""
    return Post(
        "PRTG",
        f"[PRTG Network Monitor (PRTG01)] {node} Cluster Node {cluster} (WMI Service) Down "
        f"(Timeout) since {at:%d.%m.%Y %H:%M:%S} UTC",
    )


def sql_agent(at: datetime, node: str, group: str) -> Post:
    """Post the mail of an alert of SQL Server Agent, as a channel's mail address takes it."""
    text = (
        f"SQL Server Alert System: 'AG 19407 lease expired' occurred on \\\\{node}\n\n"
        f"DATE/TIME: {at:%m/%d/%Y %I:%M:%S %p}\n\n"
        f"DESCRIPTION: The lease between availability group '{group}' and the Windows Server "
        "Failover Cluster has expired. A connectivity issue occurred between the instance of SQL "
        "Server and the Windows Server Failover Cluster.\n\nCOMMENT: (None)\n\nJOB RUN: (None)"
    )
    return Post("SQL Agent", text)


def redgate(at: datetime, cluster: str, group: str) -> Post:
    """Post as Redgate Monitor does: an attachment with fields."""
    fields = [
        {"title": "Raised", "value": f"{at:%d %b %Y %H:%M:%S} UTC", "short": True},
        {"title": "Cluster", "value": cluster, "short": True},
    ]
    attachment = {
        "fallback": f"High: Availability group - failover on {group}",
        "title": "Availability group - failover",
        "title_link": f"https://monitor.{DOMAIN}/alert/4711",
        "text": f"High severity alert raised on {group}",
        "color": "#cc0000",
        "fields": fields,
    }
    return Post("Redgate Monitor", attachments=(attachment,))


def datadog(at: datetime, node: str, group: str) -> Post:
    """Post as Datadog's Slack app does, for its own monitor of Always On."""
    title = f"Triggered: [SQLServer] Availability group failover detected on {group}"
    attachment = {
        "fallback": title,
        "title": title,
        "title_link": "https://app.datadoghq.com/monitors/1234567",
        "text": "SQLserver availability group has failed over from one primary replica to another."
        f"\nhost:{node.lower()} availability_group_name:{group.lower()}",
        "color": "#f29191",
        "footer": f"{at:%a, %d %b %Y %H:%M:%S} UTC",
    }
    return Post("Datadog", attachments=(attachment,))


def nagios(at: datetime, node: str, cluster: str) -> Post:
    """Post as the usual notification command of Nagios does: one text."""
    return Post(
        "Nagios",
        f"** PROBLEM Service Alert: {node.lower()}/WSFC {cluster} is CRITICAL **\n"
        f"Info: CRITICAL - cluster node {node} is down\nDate/Time: {at:%Y-%m-%d %H:%M:%S} UTC",
    )

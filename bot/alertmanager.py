"""Alerts as Prometheus' Alertmanager sends them to a webhook, format version 4.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. Grafana's webhook sends
the same fields and more.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.body import BodyError
from bot.told import LONGEST_NAME, Told, moment, printable, table, text, wrong
from sources.names import shown

MOST = 1000
"""Alerts in one body; Alertmanager's max_alerts cuts a group that has more."""

TOOL = "Alertmanager"

GIST = ("summary", "title", "message", "description")
"""Annotations in which people say what happened, the shortest first."""


def read(body: object, now: datetime) -> list[Told]:
    """Give the alerts of a body that are firing, each once. `now` is UTC. Raises BodyError."""
    alerts = table(body, "The body").get("alerts")
    if not isinstance(alerts, list):
        raise wrong("alerts", alerts, "a list")
    if len(alerts) > MOST:
        raise BodyError(400, f"alerts has {len(alerts)} entries; at most {MOST} are taken.")
    told: dict[str, Told] = {}
    for number, alert in enumerate(alerts):
        for one in _alert(alert, f"alerts[{number}]", now):
            told.setdefault(one.key, one)
    return [*told.values()]


def _alert(value: object, place: str, now: datetime) -> Iterator[Told]:
    """Read one alert, whichever it is; give it if it is firing."""
    alert = table(value, place)
    status = text(alert.get("status"), f"{place}.status")
    if status not in {"firing", "resolved"}:
        raise wrong(f"{place}.status", status, "firing or resolved")
    labels = _words(alert.get("labels"), f"{place}.labels")
    notes = _words(alert.get("annotations") or {}, f"{place}.annotations")
    began = moment(alert.get("startsAt"), f"{place}.startsAt")
    mark = alert.get("fingerprint")
    mark = text(mark, f"{place}.fingerprint", LONGEST_NAME) if mark else _fingerprint(labels)
    if status == "firing":
        key = f"alertmanager {mark} {began.isoformat()}"
        yield Told(key, _said(labels, notes), min(began, now), None, TOOL)


def _words(value: object, place: str) -> dict[str, str]:
    """Take texts by name; one may be empty."""
    for name, words in table(value, place).items():
        if not isinstance(words, str):
            raise wrong(f"{place}.{shown(name)}", words, "a text")
    return {printable(name): printable(words) for name, words in table(value, place).items()}


def _said(labels: Mapping[str, str], notes: Mapping[str, str]) -> str:
    """Word an alert as Alertmanager's own messages do: state, name and gist lead.

    The patterns of bot.alerts look for the state and the subject in one line.
    """
    gist = next((notes[name] for name in GIST if notes.get(name, "").strip()), "")
    lead = " ".join(["[FIRING]", labels.get("alertname", ""), *gist.split()])
    pairs = (*labels.items(), *notes.items())
    return "\n".join([lead, *(f"{name}: {words}" for name, words in pairs)])


def _fingerprint(labels: Mapping[str, str]) -> str:
    """Stand in for the fingerprint that Alertmanager sends since 0.19; it is made of the labels."""
    return hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()[:16]

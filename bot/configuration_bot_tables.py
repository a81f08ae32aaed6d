"""The tables of stuncheck.toml for the running bot; their defaults stand in `bot.bot_settings`."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from bot.bot_settings import (
    SLACK_API,
    WEEKDAYS,
    NoticeSettings,
    ServerSettings,
    TuningSettings,
    WatchSettings,
    Weekday,
)
from bot.configuration_fields import (
    A_HOST,
    A_PORT,
    TRUE_OR_FALSE,
    File,
    Host,
    Name,
    Table,
    wanting,
)

CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}|#[\w-]{1,80}")
"""An id, or a name: 80 characters at most, no blanks, no points
(https://docs.slack.dev/reference/methods/conversations.create)."""

PLAIN_URL = re.compile(r"[\w.:/\[\]-]+", re.ASCII)
"""An address without an account, a query or a mark in it."""

HOURS = {"ge": 1, "le": 720}
EVERY = {"ge": 10, "le": 600}
FOLLOW_UP = {"ge": 1, "le": 90}

SERVER, WATCH, NOTICES, TUNING = (
    ServerSettings(),
    WatchSettings(),
    NoticeSettings(),
    TuningSettings(),
)


def loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def api_url(text: str) -> str:
    """Give the address of Slack's API with its last slash. Raises ValueError for one without TLS.

    Tokens go there, so http is taken only to this machine.
    """
    parts = urlsplit(text)
    host = parts.hostname or ""
    _ = parts.port  # raises ValueError for what is no port
    safe = parts.scheme == "https" or (parts.scheme == "http" and loopback(host))
    if not host or not safe or not PLAIN_URL.fullmatch(text):
        raise ValueError("not an address of Slack's API")
    return text.rstrip("/") + "/"


def _channel(text: str) -> str:
    stripped = text.strip()
    named = stripped.startswith("#")
    if not CHANNEL.fullmatch(stripped) or (named and stripped != stripped.lower()):
        raise ValueError("not a channel")
    return stripped


def _channel_or_none(text: str) -> str:
    return _channel(text) if text else ""


Channel = Annotated[str, AfterValidator(_channel)]
AnyChannel = Annotated[str, AfterValidator(_channel_or_none)]
ApiUrl = Annotated[str, AfterValidator(api_url)]

A_CHANNEL = 'a channel in quotes, its ID "C0123456789" or its name "#sql-alerts"'
PEOPLE = 'member IDs in brackets, ["U0123456789"]'
GROUPS = 'IDs of user groups in brackets, ["S0123456789"]'
PATTERNS = "regular expressions in brackets, in single quotes"


class PatternsTable(Table):
    """[slack.patterns]: how alerts are worded, where the defaults do not fit."""

    people: bool = wanting(TRUE_OR_FALSE, default=False)
    recoveries: list[str] | None = wanting(PATTERNS)
    failovers: dict[Name, list[str]] | None = wanting(
        "a table: write [slack.patterns.failovers] above lines such as PRTG = ['down'], "
        "each with " + PATTERNS
    )


class SlackTable(Table):
    """[slack]: without it there is no bot; the commands of the terminal need none."""

    bot_token_file: File | None = wanting("the path of a file with only the bot token in it")
    bot_token_env: Name | None = wanting("the name of a variable with the bot token")
    app_token_file: File | None = wanting("the path of a file with only the app token in it")
    app_token_env: Name | None = wanting("the name of a variable with the app token")
    signing_secret_file: File | None = wanting("the path of a file with only the signing secret")
    signing_secret_env: Name | None = wanting("the name of a variable with the signing secret")
    mode: Literal["socket", "http"] = wanting('"socket" or "http"', "socket")
    channel: AnyChannel = wanting(A_CHANNEL, "")
    alert_channels: list[Channel] = wanting(
        'channels in brackets, ["C0123456789", "#sql-alerts"]', []
    )
    api_url: ApiUrl = wanting("an address with https://, or http:// to this machine", SLACK_API)
    patterns: PatternsTable | None = wanting("a table: write [slack.patterns] above its keys")


class ListenTable(Table):
    """[server]: health, metrics, the webhook, and Slack's requests in the mode http."""

    host: Host = wanting(A_HOST, SERVER.host)
    port: int = wanting(A_PORT, SERVER.port, ge=1, le=65535)
    webhook_token_file: File | None = wanting("the path of a file with only the webhook token")
    webhook_token_env: Name | None = wanting("the name of a variable with the webhook token")


class WatchTable(Table):
    """[watch]: looking at the clusters without an alert."""

    enabled: bool = wanting(TRUE_OR_FALSE, WATCH.enabled)
    every_seconds: float = wanting(
        "seconds from 10 to 600", WATCH.every.total_seconds(), allow_inf_nan=False, **EVERY
    )


class NoticesTable(Table):
    """[notices]: what is said unasked."""

    digest: bool = wanting(TRUE_OR_FALSE, NOTICES.digest)
    weekday: Weekday = wanting('"monday" to "sunday"', WEEKDAYS[NOTICES.weekday])
    hour: int = wanting("a whole number from 0 to 23, in UTC", NOTICES.hour, ge=0, le=23)
    near_misses: bool = wanting(TRUE_OR_FALSE, NOTICES.near_misses)
    channel: AnyChannel = wanting(A_CHANNEL, NOTICES.channel)


class TuningTable(Table):
    """[tuning]: who may change heartbeat values; the form of the ids is checked with the rest."""

    approvers: list[str] = wanting(PEOPLE, [])
    approver_groups: list[str] = wanting(GROUPS, [])
    requesters: list[str] = wanting(PEOPLE, [])
    requester_groups: list[str] = wanting(GROUPS, [])
    break_glass: list[str] = wanting(PEOPLE, [])
    expires_hours: float = wanting(
        "hours from 1 to 720", TUNING.expires.total_seconds() / 3600, allow_inf_nan=False, **HOURS
    )
    propose: bool = wanting(TRUE_OR_FALSE, TUNING.propose)
    follow_up_days: int = wanting(
        "a whole number of days from 1 to 90", TUNING.follow_up.days, **FOLLOW_UP
    )

"""The settings of the running bot, made from the tables of stuncheck.toml."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from bot.alert_patterns import Patterns
from bot.bot_settings import (
    WEEKDAYS,
    NoticeSettings,
    ServerSettings,
    SlackSettings,
    TuningSettings,
    WatchSettings,
)
from bot.configuration_bot_tables import (
    ListenTable,
    NoticesTable,
    PatternsTable,
    SlackTable,
    TuningTable,
    WatchTable,
    api_url,
    loopback,
)
from bot.configuration_draft import Draft
from bot.configuration_faults import Fault, quoted
from bot.configuration_tables import ClusterTable
from bot.configuration_tokens import APP, BOT, SIGNING, WEBHOOK, Tokens
from sources.access import Secret
from sources.errors import UserError
from sources.names import same, shown

API_URL = "SLACK_API_URL"
"""The variable that counts more than the key; for a stand-in of Slack, in a test or a demo."""

OF_SLACK = re.compile(r"(?:.+\.)?slack(?:-gov)?\.com", re.IGNORECASE)

MEMBER = re.compile(r"[UW][A-Z0-9]{2,20}")
GROUP = re.compile(r"S[A-Z0-9]{2,20}")

HANDLE = re.compile(r"@[\w.-]{1,80}")
"""A name as people write it; with more before the sign it could be a password in an address."""

NO_MEMBER = (
    "names {name}, which is no member ID; wanted: U or W with letters and digits. Slack shows it "
    "in the person's profile, under the three dots: Copy member ID."
)
NO_GROUP = (
    "names {name}, which is no ID of a user group; wanted: S with letters and digits. Slack shows "
    "it under People, User groups, in the group's three dots: Copy group ID."
)
OPEN = (
    "server: host = {host}: /metrics and the webhook are then open to the network, without TLS; "
    "keep 127.0.0.1 behind a reverse proxy"
)
ELSEWHERE = "slack: the tokens go to {host}, which is not Slack"


@dataclass(frozen=True, slots=True)
class BotBuilder:
    """Makes the settings of the bot from a draft; what is wrong goes to its faults."""

    draft: Draft
    tokens: Tokens
    environ: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)

    def slack(self) -> SlackSettings | None:
        """Give [slack], None where there is no such table or a wrong one."""
        table = self.draft.single.get("slack")
        if not isinstance(table, SlackTable):
            return None
        find, place = self.tokens.find, ("slack",)
        return SlackSettings(
            bot_token=find(BOT, table, place, needed=True) or Secret(""),
            app_token=find(APP, table, place, needed=table.mode == "socket"),
            signing_secret=find(SIGNING, table, place, needed=table.mode == "http"),
            api_url=self._api_url(table),
            mode=table.mode,
            channel=table.channel,
            alert_channels=tuple(dict.fromkeys(table.alert_channels)),
            channels=self._channels(),
            patterns=self._patterns(table.patterns or PatternsTable()),
        )

    def server(self) -> ServerSettings:
        """Give [server]; a warning if more than this machine can reach it."""
        table = self.draft.table("server", ListenTable)
        token = self.tokens.find(WEBHOOK, table, ("server",), needed=False)
        if not loopback(table.host):
            self.warnings.append(OPEN.format(host=shown(table.host)))
        return ServerSettings(table.host, table.port, token)

    def watch(self) -> WatchSettings:
        """Give [watch]."""
        table = self.draft.table("watch", WatchTable)
        return WatchSettings(table.enabled, timedelta(seconds=table.every_seconds))

    def notices(self) -> NoticeSettings:
        """Give [notices]."""
        table = self.draft.table("notices", NoticesTable)
        return NoticeSettings(
            table.digest,
            WEEKDAYS.index(table.weekday),
            table.hour,
            table.near_misses,
            table.channel,
        )

    def tuning(self) -> TuningSettings:
        """Give [tuning]; whoever is listed must be listed by an id, since names can be taken."""
        table = self.draft.table("tuning", TuningTable)
        return TuningSettings(
            approvers=self._ids(table.approvers, "approvers", MEMBER),
            approver_groups=self._ids(table.approver_groups, "approver_groups", GROUP),
            requesters=self._ids(table.requesters, "requesters", MEMBER),
            requester_groups=self._ids(table.requester_groups, "requester_groups", GROUP),
            break_glass=self._ids(table.break_glass, "break_glass", MEMBER),
            expires=timedelta(hours=table.expires_hours),
            propose=table.propose,
            follow_up=timedelta(days=table.follow_up_days),
        )

    def _ids(self, names: Iterable[str], key: str, form: re.Pattern[str]) -> frozenset[str]:
        """Check that all are ids of the form."""
        text = NO_MEMBER if form is MEMBER else NO_GROUP
        for name in names:
            if not form.fullmatch(name):
                said = shown(name) if HANDLE.fullmatch(name) else quoted(name)
                self.draft.faults.append(Fault(("tuning", key), text.format(name=said)))
        return frozenset(names)

    def _api_url(self, table: SlackTable) -> str:
        """Give the address of Slack's API; the variable may hold a password and is not quoted."""
        url = table.api_url
        if written := self.environ.get(API_URL, ""):
            try:
                url = api_url(written)
            except ValueError:
                text = "cannot be used; wanted: an address with https://, or http:// to loopback."
                self.draft.faults.append(Fault(("slack", API_URL), text))
        host = urlsplit(url).hostname or ""
        if not OF_SLACK.fullmatch(host) and not loopback(host):
            self.warnings.append(ELSEWHERE.format(host=shown(host)))
        return url

    def _channels(self) -> dict[str, str]:
        tables = self.draft.tables("cluster", ClusterTable)
        return {same(table.name): table.channel for _, table in tables if table.channel}

    def _patterns(self, table: PatternsTable) -> Patterns:
        """Compile the patterns; each that cannot be is told by itself."""
        try:
            return Patterns.of(table.failovers, table.recoveries, people=table.people)
        except UserError:
            for tool, texts in (table.failovers or {}).items():
                self._compile(("failovers", tool), [{tool: [text]} for text in texts])
            self._compile(("recoveries",), [{"recovery": [one]} for one in table.recoveries or ()])
            return Patterns.of()

    def _compile(self, at: tuple[str, ...], each: Iterable[Mapping[str, list[str]]]) -> None:
        for one in each:
            try:
                Patterns.of(one)
            except UserError as error:
                text = f"cannot be used: {error.message} {error.hint or ''}".rstrip()
                self.draft.faults.append(Fault(("slack", "patterns", *at), text))


HANDLE = re.compile(r"@[\w.-]{1,80}")
"""A name as people write it; with a letter before the sign it could be a password."""

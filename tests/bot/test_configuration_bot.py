"""The tables of the running bot: what they mean, what is refused, and who needs the tokens."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.bot_settings import NoticeSettings, ServerSettings, TuningSettings, WatchSettings
from bot.configuration import Settings
from bot.configuration_faults import ConfigurationError
from sources.access import Secret
from sources.errors import UserError
from tests.bot.trial import MARKER, PASSWORD, ROOT, SMALL, Trial

SLACK = "[slack]\n"
BOT = {"SLACK_BOT_TOKEN": f"xoxb-{MARKER}"}
APP = {"SLACK_APP_TOKEN": f"xapp-{MARKER}"}
SIGNING = {"SLACK_SIGNING_SECRET": MARKER}
HOOK = {"STUNCHECK_WEBHOOK_TOKEN": f"{MARKER}-{MARKER}"}


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a folder to write a stuncheck.toml to."""
    return Trial(tmp_path)


def not_running(settings: Settings) -> str:
    """Say what keeps the bot from running; never with a secret."""
    with pytest.raises(UserError) as caught:
        settings.running()
    assert MARKER not in f"{caught.value!r} {caught.value} {caught.value.hint}"
    return str(caught.value)


def test_without_slack_there_is_no_bot_and_everything_else_has_its_default(trial: Trial) -> None:
    settings = trial.read(SMALL, **PASSWORD, **BOT, **APP)
    assert settings.slack is None
    assert settings.server == ServerSettings("127.0.0.1", 8765, None)
    assert settings.watch == WatchSettings(enabled=True, every=timedelta(seconds=30))
    assert settings.notices == NoticeSettings(weekday=0, hour=8, channel="")
    assert settings.tuning == TuningSettings(
        expires=timedelta(hours=24), propose=False, follow_up=timedelta(days=7)
    )
    assert settings.tuning.approvers == frozenset()
    assert "has no table [slack]; the bot works in Slack." in not_running(settings)


def test_a_bot_with_its_two_tokens_runs(trial: Trial) -> None:
    slack = trial.read(SLACK, **BOT, **APP).running()
    assert slack.bot_token.reveal() == f"xoxb-{MARKER}"
    assert slack.app_token
    assert slack.app_token.reveal() == f"xapp-{MARKER}"
    assert (slack.mode, slack.api_url) == ("socket", "https://slack.com/api/")
    assert (slack.channel, slack.alert_channels, slack.channels) == ("", (), {})
    assert MARKER not in repr(slack)


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        (SLACK, APP, ":1: [slack] has no bot token: set the environment variable SLACK_BOT_TOKEN"),
        (SLACK, BOT, ":1: [slack] has no app token: set the environment variable SLACK_APP_TOKEN"),
        (SLACK + "mode = 'http'\n", BOT | APP,
         'SLACK_SIGNING_SECRET, or write signing_secret_file = "PATH" or signing_secret_env = '),
        (SLACK + "bot_token_file = 'secrets/of/the/bot'\n", APP,
         ":2: [slack] bot_token_file cannot be read, "),
        (SLACK + "bot_token_env = 'OUR_BOT_TOKEN'\n", APP,
         ":2: [slack] bot_token_env names no bot token: the environment variable OUR_BOT_TOKEN is"),
        ("[server]\nwebhook_token_env = 'OUR_HOOK'\n" + SLACK, BOT | APP,
         ":2: [server] webhook_token_env names no webhook token: "),
    ],
)  # fmt: skip
def test_a_missing_token_stops_the_bot_and_no_command_of_the_terminal(
    trial: Trial, text: str, environ: dict[str, str], said: str
) -> None:
    settings = trial.read(SMALL.replace("[winrm]", f"{text}[winrm]"), **PASSWORD, **environ)
    assert settings.site().clusters
    assert said in not_running(settings)


def test_all_missing_tokens_are_told_at_once(trial: Trial) -> None:
    with pytest.raises(ConfigurationError) as caught:
        trial.read(SLACK).running()
    assert len(caught.value.faults) == 2


def test_http_needs_the_signing_secret_and_no_app_token(trial: Trial) -> None:
    slack = trial.read(SLACK + "mode = 'http'\n", **BOT, **SIGNING).running()
    assert slack.signing_secret
    assert slack.signing_secret.reveal() == MARKER
    assert slack.app_token is None


BAD_TOKENS = [
    # the variable and its value, what is said
    ("SLACK_BOT_TOKEN", f"xapp-{MARKER}",
     "[slack] SLACK_BOT_TOKEN gives an app-level token; the bot token begins with xoxb- and"),
    ("SLACK_APP_TOKEN", f"xoxb-{MARKER}",
     "[slack] SLACK_APP_TOKEN gives a bot token; the app token begins with xapp- and stands in"),
    ("SLACK_BOT_TOKEN", f"xoxp-{MARKER}", "gives a user token;"),
    ("SLACK_BOT_TOKEN", f"xoxe.xoxb-{MARKER}", "token rotation, which lives for 12 hours"),
    ("SLACK_BOT_TOKEN", MARKER, "gives no bot token; the bot token begins with xoxb-"),
    ("SLACK_BOT_TOKEN", f"xoxb-{MARKER}\n", "with a blank, a quote or a letter in it that no"),
    ("SLACK_BOT_TOKEN", f'"xoxb-{MARKER}"', "gives no bot token"),
    ("SLACK_SIGNING_SECRET", f"xapp-{MARKER}", "gives an app-level token; the signing secret"),
    ("STUNCHECK_WEBHOOK_TOKEN", MARKER,
     "[server] STUNCHECK_WEBHOOK_TOKEN gives a webhook token of fewer than 16 characters; make"),
    ("SLACK_API_URL", f"http://me:{MARKER}@slack.example/", "[slack] SLACK_API_URL cannot be used"),
]  # fmt: skip


@pytest.mark.parametrize(("variable", "value", "said"), BAD_TOKENS)
def test_a_token_that_cannot_be_one_is_told_and_not_repeated(
    trial: Trial, variable: str, value: str, said: str
) -> None:
    (told,) = trial.wrong(SLACK, **{variable: value})
    assert said in told


def test_a_token_from_a_file_is_checked_and_told_at_its_line(trial: Trial, tmp_path: Path) -> None:
    (tmp_path / "bot").write_text(f"xapp-{MARKER}\n", encoding="utf-8")
    (told,) = trial.wrong(SLACK + "bot_token_file = './bot'\n")
    assert told.startswith(":2: [slack] bot_token_file gives an app-level token; the bot token")


def test_a_file_and_a_variable_are_one_too_many_for_everybody(trial: Trial) -> None:
    (told,) = trial.wrong(SLACK + "app_token_file = 'a'\napp_token_env = 'B'\n", B=MARKER)
    assert told == ":1: [slack] has both app_token_file and app_token_env; keep one of them."


@pytest.mark.parametrize("key", ["bot_token", "token", "app_token", "signing_secret", "bot_tokn"])
def test_a_token_that_is_written_out_is_refused(trial: Trial, key: str) -> None:
    (told,) = trial.wrong(f'{SLACK}{key} = "{MARKER}"\n')
    assert "is written out; a " in told
    assert "token never stands in this file" in told or "signing secret never" in told


@pytest.mark.parametrize("key", ["channel", "api_url", "mode"])
def test_a_token_in_the_place_of_another_value_is_not_repeated(trial: Trial, key: str) -> None:
    (told,) = trial.wrong(f'{SLACK}{key} = "xoxb-{MARKER}"\n')
    assert f"[slack] {key} is hidden, which cannot be used" in told


def test_channels_are_ids_or_names_and_a_cluster_may_have_its_own(trial: Trial) -> None:
    text = SMALL + "channel = '#dmz-alerts'\n" + SLACK + "channel = 'C0123456789'\n"
    text += "alert_channels = ['#sql', 'G01', '#sql']\n"
    slack = trial.read(text, **PASSWORD, **BOT, **APP).running()
    assert slack.alert_channels == ("#sql", "G01")
    assert slack.channels == {"sqlag01": "#dmz-alerts"}
    assert slack.channel == "C0123456789"


@pytest.mark.parametrize("name", ["sql-alerts", "#SQL", "#a b", "#", "@anna", "U0123456789", "c01"])
def test_what_is_no_channel_is_told(trial: Trial, name: str) -> None:
    told = trial.wrong(f"{SLACK}channel = '{name}'\nalert_channels = ['{name}']\n")
    begun = [" ".join(one.split()[:4]) for one in told]
    assert begun == [":2: [slack] channel is", ":3: [slack] alert_channels is"]
    assert all('its name "#sql-alerts"' in one or '"#sql-alerts"]' in one for one in told)


API_URLS = [
    ("https://slack.com/api", "https://slack.com/api/", 0),
    ("https://slack-gov.com/api/", "https://slack-gov.com/api/", 0),
    ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api/", 0),
    ("http://[::1]:8080/api", "http://[::1]:8080/api/", 0),
    ("http://localhost/api/", "http://localhost/api/", 0),
    ("https://slack.com.evil.example/api/", "https://slack.com.evil.example/api/", 1),
]


@pytest.mark.parametrize(("written", "taken", "warned"), API_URLS)
def test_the_variable_counts_more_and_a_stranger_is_a_warning(
    trial: Trial, written: str, taken: str, warned: int
) -> None:
    text = SLACK + "api_url = 'https://api.slack.com/x/'\n"
    settings = trial.read(text, SLACK_API_URL=written)
    assert settings.slack
    assert settings.slack.api_url == taken
    assert len(settings.warnings) == warned


@pytest.mark.parametrize(
    "url",
    ["http://slack.com/api/", "slack.com", "https://", "https://a@b/", "https://a/?x=1", "https://a/#",
     "http://127.0.0.1.evil.example/", "ftp://slack.com/", "https://a:b/", "https://a/\u202e", "https://[/"],
)  # fmt: skip
def test_tokens_go_nowhere_without_tls_and_to_no_odd_address(trial: Trial, url: str) -> None:
    (told,) = trial.wrong(f"{SLACK}api_url = '{url}'\n")
    assert "api_url is " in told


@pytest.mark.parametrize(
    ("host", "warned"),
    [("127.0.0.1", 0), ("127.9.9.9", 0), ("::1", 0), ("localhost", 0), ("::", 1), ("192.0.2.1", 1),
     ("stuncheck.corp.example", 1)],
)  # fmt: skip
def test_a_port_that_is_open_to_the_network_is_a_warning(
    trial: Trial, host: str, warned: int
) -> None:
    settings = trial.read(f"[server]\nhost = '{host}'\n", **HOOK)
    assert settings.server.webhook_token == Secret(f"{MARKER}-{MARKER}")
    assert len(settings.warnings) == warned
    assert all("/metrics and the webhook are then open" in one for one in settings.warnings)


def test_watch_notices_and_tuning_are_taken_as_written(trial: Trial) -> None:
    settings = trial.read(
        "[watch]\nenabled = false\nevery_seconds = 10\n"
        "[notices]\ndigest = false\nweekday = 'sunday'\nhour = 23\nnear_misses = false\n"
        "channel = '#w'\n"
        "[tuning]\napprovers = ['U01', 'W02']\napprover_groups = ['S03']\nrequesters = ['U04']\n"
        "requester_groups = ['S05']\nbreak_glass = ['U01']\nexpires_hours = 1.5\npropose = true\n"
        "follow_up_days = 14\n"
    )
    assert settings.watch == WatchSettings(enabled=False, every=timedelta(seconds=10))
    assert settings.notices == NoticeSettings(
        digest=False, weekday=6, hour=23, near_misses=False, channel="#w"
    )
    assert settings.tuning == TuningSettings(
        frozenset({"U01", "W02"}),
        frozenset({"S03"}),
        frozenset({"U04"}),
        frozenset({"S05"}),
        frozenset({"U01"}),
        timedelta(minutes=90),
        propose=True,
        follow_up=timedelta(days=14),
    )


@pytest.mark.parametrize("key", ["approvers", "requesters", "break_glass"])
@pytest.mark.parametrize(
    "name", ["@anna", "anna", "anna@corp.example", "S0123", "u0123", "U01 ", ""]
)
def test_a_person_is_listed_by_member_id(trial: Trial, key: str, name: str) -> None:
    (told,) = trial.wrong(f"[tuning]\n{key} = ['U0123456789', '{name}']\n")
    assert told.startswith(f":2: [tuning] {key} names ")
    assert "which is no member ID" in told
    assert told.endswith("under the three dots: Copy member ID.")
    assert ("names @anna," in told) == (name == "@anna")


@pytest.mark.parametrize("key", ["approver_groups", "requester_groups"])
def test_a_group_is_listed_by_its_id(trial: Trial, key: str) -> None:
    told = trial.wrong(f"[tuning]\n{key} = ['@dbas', 'U0123']\n")
    assert len(told) == 2
    assert all(f"[tuning] {key} names " in one and "Copy group ID." in one for one in told)


def test_patterns_of_ones_own_are_taken(trial: Trial) -> None:
    text = SLACK + "[slack.patterns]\npeople = true\nrecoveries = ['^fine again']\n"
    text += "[slack.patterns.failovers]\nPRTG = ['oh no']\nOurs = []\n"
    settings = trial.read(text)
    assert settings.slack
    patterns = settings.slack.patterns
    assert patterns.people
    assert [one.expression.pattern for one in patterns.recoveries] == ["^fine again"]
    told = [one.expression.pattern for one in patterns.failovers if one.tool == "PRTG"]
    assert told == ["oh no"]
    assert any(one.tool == "Zabbix" for one in patterns.failovers)


def test_every_pattern_that_is_wrong_is_told_in_its_place(trial: Trial) -> None:
    text = SLACK + "[slack.patterns]\npepole = true\nrecoveries = ['(']\n"
    assert "[slack.patterns] pepole is no key; perhaps people is meant." in trial.wrong(text)[0]
    text = SLACK + "[slack.patterns]\nrecoveries = ['(', 'ok', '(a+)+b']\n"
    text += "[slack.patterns.failovers]\nA = ['x', '[']\n'B C' = ['(.*)*']\n"
    told = trial.wrong(text)
    assert [one.split(" cannot be used: ")[0] for one in told] == [
        ":3: [slack.patterns] recoveries",
        ":3: [slack.patterns] recoveries",
        ":5: [slack.patterns.failovers] A",
        ":6: [slack.patterns.failovers] B C",
    ]
    assert "it may take too long" in told[1]


@pytest.mark.parametrize(
    "text",
    ["[watch]\nevery_seconds = 9\n", "[watch]\nevery_seconds = nan\n", "[notices]\nhour = 24\n",
     "[notices]\nweekday = 'Montag'\n", "[server]\nport = 0\n", "[tuning]\nexpires_hours = 0\n",
     "[tuning]\nfollow_up_days = 91\n", "[tuning]\napprovers = 'U01'\n", "[slack]\nmode = 'rtm'\n",
     "[tuning]\napprover = ['U01']\n", "[slack]\nbot_token_file = ''\n"],
)  # fmt: skip
def test_what_is_out_of_range_or_misspelt_is_told_once(trial: Trial, text: str) -> None:
    (told,) = trial.wrong(text)
    assert told.startswith(":2: [")


def test_a_log_can_be_given_every_secret_to_mask(trial: Trial) -> None:
    settings = trial.read(SMALL + SLACK, **PASSWORD, **BOT, **APP, **HOOK)
    found = {one.reveal() for one in settings.secrets}
    assert found == {*PASSWORD.values(), *BOT.values(), *APP.values(), *HOOK.values()}


def test_what_the_example_shows_of_the_bot_can_be_uncommented(trial: Trial, tmp_path: Path) -> None:
    example = (ROOT / "stuncheck.example.toml").read_text(encoding="utf-8")
    part = example[example.index("[slack]") : example.index("# How the nodes")]
    lines = [line.removeprefix("# ") for line in part.splitlines() if not line.startswith("# Who")]
    (tmp_path / "secrets").mkdir()
    tokens: dict[str, Any] = {"slack-bot": "xoxb-1", "slack-app": "xapp-1", "slack": "abc"}
    for name, token in (tokens | {"webhook": "w" * 16}).items():
        (tmp_path / "secrets" / name).write_text(token, encoding="utf-8")
    settings = trial.read("\n".join(lines))
    slack = settings.running()
    assert slack.signing_secret == Secret("abc")
    assert settings.server.webhook_token == Secret("w" * 16)
    assert settings.tuning.break_glass == {"U0123456789"}

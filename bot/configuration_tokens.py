"""Slack's tokens and the webhook's: where each comes from, and whether it can be what it should."""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.configuration_faults import Fault
from bot.configuration_lines import Place
from bot.configuration_secrets import Passwords, Source
from sources.access import Secret

SHORTEST_WEBHOOK_TOKEN = 16
"""Characters. Whoever guesses it may report failovers."""

GRAPHIC = re.compile(r"[!-~]+")
"""What a header of HTTP takes without quoting."""

BEGINNINGS = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user token",
    "xoxe": "a token of an app with token rotation, which lives for 12 hours and is not renewed",
}
"""https://docs.slack.dev/authentication/tokens and /using-token-rotation."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of token: its key, its usual variable, how it begins and where Slack shows it."""

    key: str
    usual: str
    begins: str = ""
    where: str = ""


BOT = Kind("bot_token", "SLACK_BOT_TOKEN", "xoxb-", "OAuth & Permissions")
APP = Kind("app_token", "SLACK_APP_TOKEN", "xapp-", "Basic Information, App-Level Tokens")
SIGNING = Kind("signing_secret", "SLACK_SIGNING_SECRET", "", "Basic Information, App Credentials")
WEBHOOK = Kind("webhook_token", "STUNCHECK_WEBHOOK_TOKEN")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Looks tokens up. `faults` are wrong for everybody; `passwords.faults` only for the bot.

    A token that is missing, or in a file that only the bot may read, must not keep a person from
    the commands of the terminal.
    """

    passwords: Passwords
    faults: list[Fault] = field(default_factory=list)

    def find(self, kind: Kind, table: Any, place: Place, *, needed: bool) -> Secret | None:  # noqa: ANN401 - any table with such keys
        """Give a token that has the right form; None where there is none."""
        file, variable = getattr(table, f"{kind.key}_file"), getattr(table, f"{kind.key}_env")
        source = Source(place, file, variable, kind.usual, kind.key)
        if source.twice:
            self.faults.append(source.twice)
            return None
        token = self.passwords.find(source, needed=needed)
        wrong = _wrong(kind, token.reveal()) if token else ""
        if wrong:
            self.faults.append(Fault(source.written, wrong))
        return token


def _wrong(kind: Kind, value: str) -> str:
    """Say what is wrong with a token, and never the token; empty if nothing is."""
    noun = kind.key.replace("_", " ")
    if kind is WEBHOOK and len(value) < SHORTEST_WEBHOOK_TOKEN:
        return f"gives a {noun} of fewer than {SHORTEST_WEBHOOK_TOKEN} characters; make it longer."
    if not GRAPHIC.fullmatch(value):
        return f"gives a {noun} with a blank, a quote or a letter in it that no token has."
    if kind is WEBHOOK or (kind.begins and value.startswith(kind.begins)):
        return ""
    found = next((said for begins, said in BEGINNINGS.items() if value.startswith(begins)), "")
    if not kind.begins and not found:
        return ""
    what = f"gives {found}" if found else f"gives no {noun}"
    begins = f" begins with {kind.begins} and" if kind.begins else ""
    return f"{what}; the {noun}{begins} stands in the app's settings under {kind.where}."

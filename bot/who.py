"""Who we are in Slack, asked once at the start."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.alerts import Ourselves
from sources.errors import UserError

PROXY = "Is a proxy needed? HTTPS_PROXY is respected (docs/install.md)."


def who_we_are(client: WebClient) -> Ourselves:
    """Ask Slack who we are. Raises UserError."""
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = error.response.get("error")
        raise UserError(
            f"Slack does not take the bot token: {code}.",
            "Copy it anew from the app's page, OAuth & Permissions (docs/install.md).",
        ) from None
    except (SlackClientError, OSError) as error:
        where = client.base_url
        raise UserError(f"Slack could not be reached at {where}: {error}.", PROXY) from None
    homes = {str(answer.get(key) or "") for key in ("team_id", "enterprise_id")} - {""}
    bot, user = str(answer.get("bot_id") or ""), str(answer.get("user_id") or "")
    return Ourselves(bot, user, homes=frozenset(homes))

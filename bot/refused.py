"""What Slack's errors ask for; names as https://docs.slack.dev/reference/methods has them."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slack_sdk.errors import SlackApiError

TOO_MANY = 429
BROKEN = 500


class Answer(StrEnum):
    """What to do with a message that Slack did not take."""

    SLOWER = "slower"
    ANEW = "anew"
    """Its message is gone or may no longer be edited: post it again."""
    ELSEWHERE = "elsewhere"
    """Its channel is lost."""
    LATER = "later"
    NEVER = "never"


ERRORS = {
    "ratelimited": Answer.SLOWER,
    "rate_limited": Answer.SLOWER,
    "message_not_found": Answer.ANEW,
    "cant_update_message": Answer.ANEW,
    "edit_window_closed": Answer.ANEW,
    "thread_not_found": Answer.ELSEWHERE,
    "channel_not_found": Answer.ELSEWHERE,
    "not_in_channel": Answer.ELSEWHERE,
    "is_archived": Answer.ELSEWHERE,
    "restricted_action": Answer.ELSEWHERE,
    # The workspace or the app has to be mended by a person; what is wanted stays wanted.
    "not_authed": Answer.LATER,
    "invalid_auth": Answer.LATER,
    "account_inactive": Answer.LATER,
    "token_revoked": Answer.LATER,
    "token_expired": Answer.LATER,
    "missing_scope": Answer.LATER,
    "internal_error": Answer.LATER,
    "fatal_error": Answer.LATER,
    "service_unavailable": Answer.LATER,
    "request_timeout": Answer.LATER,
}


def meant(error: "SlackApiError") -> Answer:
    """Say what an error asks for; what is not known is not tried again."""
    status = getattr(error.response, "status_code", 200)
    if status == TOO_MANY:
        return Answer.SLOWER
    if status >= BROKEN:
        return Answer.LATER
    return ERRORS.get(str(error.response.get("error")), Answer.NEVER)

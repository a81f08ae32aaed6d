"""What becomes of a modal when the app has answered its submission."""

from dataclasses import replace

from demo.slack.delivery import ACKNOWLEDGED, Delivery
from demo.slack.refused import ImpossibleError, RefusedError
from demo.slack.team import Team
from demo.slack.view import View
from demo.slack.views import changed, pushed


def top(team: Team, user: str) -> View:
    """Give the modal that a person sees. ImpossibleError: there is none."""
    stack = team.stacks.get(user, [])
    if not stack:
        raise ImpossibleError(f"no modal is open for {user}")
    return stack[-1]


def close(team: Team, view: View) -> None:
    """Take a modal away; the one below it is seen again."""
    stack = team.stacks.get(view.user, [])
    team.stacks[view.user] = [other for other in stack if other.id != view.id]
    team.changed.notify_all()


def submitted(team: Team, view: View, delivery: Delivery) -> None:
    """Do what the app answered to a submission; unanswered, the modal stays.

    RefusedError: the answer is none that Slack understands.
    """
    if delivery.outcome != ACKNOWLEDGED:
        return
    reply = delivery.reply or {}
    action = reply.get("response_action")
    if action is None:
        close(team, view)
    elif action == "clear":
        team.stacks[view.user] = []
    elif action == "errors":
        _show_errors(team, view, reply.get("errors"))
    elif action == "update":
        changed(team, view, reply.get("view"))
    elif action == "push":
        pushed(team, view.user, reply.get("view"))
    else:
        raise RefusedError("invalid_response_action")


def _show_errors(team: Team, view: View, errors: object) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - inputs:
        raise RefusedError("invalid_errors", ("each must name the block of an input",))
    stack = team.stacks.get(view.user, [])
    team.stacks[view.user] = [
        replace(other, errors=errors) if other.id == view.id else other for other in stack
    ]

"""What an app sends to a response_url: five times, for thirty minutes."""

from dataclasses import replace

from demo.slack.chat import from_app, thread_of
from demo.slack.content import content, flag
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Hook, Team


def answer(team: Team, ident: str, body: Row) -> None:
    """Do what was sent: answer, replace or delete.

    RefusedError: the address is not known, too old or used up (404), or the content is bad.
    """
    with team.changed:
        hook = _usable(team, ident)
        if flag(body, "delete_original"):
            _delete(team, hook)
        elif flag(body, "replace_original"):
            _replace(team, hook, content(body))
        else:
            respond(team, hook.channel, hook.user, body)
        hook.uses += 1
        team.changed.notify_all()


def _usable(team: Team, ident: str) -> Hook:
    hook = team.hooks.get(ident)
    if hook is None:
        raise RefusedError("no_such_hook", status=404)
    if team.clock() - hook.since > team.limits.hook_life.total_seconds():
        raise RefusedError("expired_url", status=404)
    if hook.uses >= team.limits.hook_uses:
        raise RefusedError("used_url", status=404)
    return hook


def respond(team: Team, channel_id: str, user: str, body: Row) -> None:
    """Say something to the channel, or to the person alone, as the app wishes."""
    channel = team.channels[channel_id]
    message = from_app(team, channel_id, content(body), thread_of(channel, body))
    if body.get("response_type") == "in_channel":
        team.post(message)
    else:
        team.whisper(replace(message, only_to=user))


def _replace(team: Team, hook: Hook, sent: Row) -> None:
    channel = team.channels[hook.channel]
    changes: Row = {"text": "", "blocks": ()} | sent
    if message := channel.whispers.get(hook.ts):
        team.whisper(replace(message, **changes))
    elif message := channel.messages.get(hook.ts):
        team.edit(replace(message, **changes))
    else:
        raise RefusedError("message_not_found", status=404)


def _delete(team: Team, hook: Hook) -> None:
    channel = team.channels[hook.channel]
    if hook.ts in channel.whispers:
        del channel.whispers[hook.ts]
    elif message := channel.messages.get(hook.ts):
        team.delete(message)
    else:
        raise RefusedError("message_not_found", status=404)

"""The methods views.*: modals and the home tab."""

import secrets
from dataclasses import replace

from demo.slack.limits import VIEWS_DEEP
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Team
from demo.slack.view import View, checked

MODAL = {"modal"}


def open_view(team: Team, args: Row) -> Row:
    """Show a modal to the person whose act gave the trigger id."""
    user = team.triggers.take(args.get("trigger_id"), team.clock())
    view = made(team, user, args.get("view"))
    team.stacks[user] = [view]
    return _shown(team, view)


def push(team: Team, args: Row) -> Row:
    """Put another modal on top of the one that is open."""
    user = team.triggers.take(args.get("trigger_id"), team.clock())
    return _shown(team, pushed(team, user, args.get("view")))


def update(team: Team, args: Row) -> Row:
    """Change a view that is still open."""
    ident = args.get("view_id") or args.get("external_id")
    view = team.shown(str(ident)) if ident else None
    if view is None:
        raise RefusedError("not_found")
    if args.get("hash") and args["hash"] != view.hash:
        raise RefusedError("hash_conflict")
    return _shown(team, changed(team, view, args.get("view")))


def publish(team: Team, args: Row) -> Row:
    """Show the home tab to a person."""
    user = str(args.get("user_id", ""))
    if user not in team.users:
        raise RefusedError("invalid_arguments", ("user_id is not known",))
    body = checked(args.get("view"), {"home"})
    before = team.homes.get(user)
    if args.get("hash") and before and args["hash"] != before.hash:
        raise RefusedError("hash_conflict")
    ident = before.id if before else team.ident("V")
    team.homes[user] = View(ident, user, body, _hash(team))
    return _shown(team, team.homes[user])


def made(team: Team, user: str, body: object) -> View:
    """Make a modal of what the app sent."""
    good = checked(body, MODAL)
    external = good.get("external_id")
    if external and team.shown(external):
        raise RefusedError("duplicate_external_id")
    return View(team.ident("V"), user, good, _hash(team))


def pushed(team: Team, user: str, body: object) -> View:
    """Put a modal on a person's stack."""
    stack = team.stacks.get(user, [])
    if not stack:
        raise RefusedError("not_found")
    if len(stack) >= VIEWS_DEEP:
        raise RefusedError("push_limit_reached")
    view = replace(made(team, user, body), root=stack[0].id, below=stack[-1].id)
    stack.append(view)
    return view


def changed(team: Team, view: View, body: object) -> View:
    """Put another body into a view's place."""
    kind = str(view.body["type"])
    new = replace(view, body=checked(body, {kind}), hash=_hash(team), errors={})
    if kind == "home":
        team.homes[view.user] = new
    else:
        stack = team.stacks.get(view.user, [])
        if view.id not in {other.id for other in stack}:
            raise RefusedError("not_found")
        team.stacks[view.user] = [new if other.id == view.id else other for other in stack]
    return new


def _shown(team: Team, view: View) -> Row:
    team.changed.notify_all()
    return {"view": view.row(team.id, team.app_id, team.bot.bot_id)}


def _hash(team: Team) -> str:
    return f"{int(team.clock())}.{secrets.token_hex(4)}"

"""The methods that tell who is who: auth.test, users.*, usergroups.users.list."""

from demo.slack.content import page
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Team


def auth_test(team: Team, _args: Row) -> Row:
    """Tell an app who it is."""
    who = {"user": team.bot.name, "user_id": team.bot.id, "bot_id": team.bot.bot_id}
    return who | {"url": f"{team.url}/", "team": team.name, "team_id": team.id}


def user_info(team: Team, args: Row) -> Row:
    """Tell of one person."""
    user = team.users.get(str(args.get("user", "")))
    if user is None:
        raise RefusedError("user_not_found")
    return {"user": user.row(team.id, with_email="users:read.email" in team.scopes)}


def user_list(team: Team, args: Row) -> Row:
    """List everyone."""
    email = "users:read.email" in team.scopes
    rows = [user.row(team.id, with_email=email) for user in team.users.values()]
    return page(rows, args, "members")


def group_users(team: Team, args: Row) -> Row:
    """List the members of a user group."""
    group = team.groups.get(str(args.get("usergroup", "")))
    if group is None:
        raise RefusedError("no_such_subteam")
    return {"users": [*group.users]}

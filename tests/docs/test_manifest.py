"""The Slack app of manifest.yaml asks for what the bot uses, and for nothing else."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from slack_sdk import WebClient

from commands.line import COMMANDS
from demo.slack.methods import METHODS
from demo.slack.team import EVENTS, SCOPES

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
FEATURES, SETTINGS = MANIFEST["features"], MANIFEST["settings"]
ASKED: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
TOLD: list[str] = SETTINGS["event_subscriptions"]["bot_events"]
TREES = {path.stem: ast.parse(path.read_text("utf-8")) for path in (ROOT / "bot").glob("*.py")}

READ = {"channels:read", "groups:read"}
HISTORY = {"channels:history", "groups:history"}
OF_METHODS: dict[str, set[str]] = {
    "auth_test": set(),
    "chat_delete": {"chat:write"},
    "chat_getPermalink": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": HISTORY,
    "conversations_info": READ,
    "conversations_list": READ,
    "conversations_members": READ,
    "conversations_replies": HISTORY,
    "files_upload_v2": {"files:write"},
    "reactions_add": {"reactions:write"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}
"""Scopes of a bot token for public and private channels: docs.slack.dev/reference/methods/NAME."""

OF_EVENTS: dict[str, set[str]] = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
}
"""docs.slack.dev/reference/events/NAME."""

WEB_API = {name for name, call in vars(WebClient).items() if callable(call) and name[0] != "_"}


def nodes(kind: type[ast.AST]) -> Iterator[tuple[str, Any]]:
    """Give every such node of bot/ with the module it stands in."""
    for module, tree in TREES.items():
        yield from ((module, node) for node in ast.walk(tree) if isinstance(node, kind))


def listened_for(what: str) -> set[str]:
    """Find the names in `app.what(NAME)`."""
    calls = [row for row in nodes(ast.Call) if ast.unparse(row[1].func) == f"app.{what}"]
    return {named(module, call.args[0]) for module, call in calls}


def named(module: str, name: ast.expr) -> str:
    """Give a string that is written in bot/, or the value of the constant that stands for it."""
    if isinstance(name, ast.Constant):
        return str(name.value)
    return str(getattr(import_module(f"bot.{module}"), ast.unparse(name)))


def methods_used() -> set[str]:
    return {node.attr for _, node in nodes(ast.Attribute)} & WEB_API


def reads_metadata() -> bool:
    keys = (key for _, row in nodes(ast.Dict) for key in row.keys)
    in_rows = {key.value for key in keys if isinstance(key, ast.Constant)}
    return "include_all_metadata" in in_rows | {node.arg for _, node in nodes(ast.keyword)}


def scopes_needed() -> set[str]:
    needed = {scope for method in methods_used() for scope in OF_METHODS[method]}
    needed |= {scope for event in TOLD for scope in OF_EVENTS[event]}
    needed |= {"metadata.message:read"} if reads_metadata() else set()
    return needed | ({"commands"} if listened_for("command") | listened_for("shortcut") else set())


def test_the_slash_command_is_the_one_that_is_listened_for() -> None:
    assert {row["command"] for row in FEATURES["slash_commands"]} == listened_for("command")


def test_its_hint_shows_every_command_as_help_does() -> None:
    (command,) = FEATURES["slash_commands"]
    assert command["usage_hint"] == " | ".join(spoken.usage for spoken in COMMANDS.values())


def test_names_of_hosts_reach_the_bot_as_typed() -> None:
    """Escaped, `vm sql01.corp.com` comes as `vm <http://sql01.corp.com|sql01.corp.com>`."""
    assert [row["should_escape"] for row in FEATURES["slash_commands"]] == [False]


def test_shortcuts_are_those_that_are_listened_for() -> None:
    assert {row["callback_id"] for row in FEATURES["shortcuts"]} == listened_for("shortcut")


def test_events_are_those_that_are_listened_for() -> None:
    assert {event.partition(".")[0] for event in TOLD} == listened_for("event")


def test_each_method_that_is_called_is_known_with_its_scopes() -> None:
    assert methods_used() - set(OF_METHODS) == set()  # api_call among them would hide what it calls


def test_no_scope_is_missing_and_none_is_unused() -> None:
    needed = scopes_needed()
    assert needed - set(ASKED) == set()
    assert set(ASKED) - needed == set()


def test_the_stand_in_grants_what_the_manifest_asks_for() -> None:
    assert (sorted(SCOPES), sorted(EVENTS)) == (sorted(ASKED), sorted(TOLD))


def test_the_stand_in_refuses_a_call_for_the_scopes_that_slack_would() -> None:
    known = {name.replace(".", "_"): set(method.scopes) for name, method in METHODS.items()}
    both = set(known) & set(OF_METHODS)
    assert {name: known[name] for name in both} == {name: OF_METHODS[name] for name in both}
    assert methods_used() - both <= {"files_upload_v2"}  # it calls two others


def test_nothing_is_asked_for_twice() -> None:
    assert (len(set(ASKED)), len(set(TOLD))) == (len(ASKED), len(TOLD))


def test_it_is_made_for_socket_mode_with_clicks_home_and_tokens_that_last() -> None:
    assert SETTINGS["socket_mode_enabled"]
    assert SETTINGS["interactivity"] == {"is_enabled": True}
    assert FEATURES["app_home"]["home_tab_enabled"]
    assert SETTINGS["token_rotation_enabled"] is False  # nothing renews a token


def test_people_cannot_write_where_nobody_listens() -> None:
    """Messages to the bot itself would be `message.im`, which nothing takes."""
    assert "message.im" in TOLD or FEATURES["app_home"]["messages_tab_read_only_enabled"]


def test_texts_are_as_short_as_slack_wants_them() -> None:
    """github.com/slackapi/manifest-schema, schemas/manifest.schema.2.0.0.json."""
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert re.fullmatch("#[0-9a-f]{6}", shown["background_color"])
    for command in FEATURES["slash_commands"]:
        assert len(command["usage_hint"]) <= 1000
    for shortcut in FEATURES["shortcuts"]:
        assert shortcut["type"] == "message"
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150

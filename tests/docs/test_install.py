"""docs/install.md: what is to be typed and pasted works, and agrees with the files it names."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import main
from bot.configuration import SYSTEM_WIDE, Settings, load
from bot.slack_http import PATH
from commands.line import COMMANDS
from sources.access import Secret

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "install.md").read_text("utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    (language, re.sub(f"^{indent}", "", body, flags=re.MULTILINE))
    for indent, language, body in FENCE.findall(TEXT)
]
SMALL, HTTP = (body for language, body in BLOCKS if language == "toml")
TYPED = [body for _, body in BLOCKS if re.match("sudo |git ", body)]
SECRETS = {"slack-bot": "xoxb-1-a", "slack-app": "xapp-1-a", "slack-signing": "0123456789abcdef"}


def configured(folder: Path, text: str) -> Settings:
    """Load a stuncheck.toml with its secrets beside it, as readable as the text makes them."""
    (folder / "secrets").mkdir()
    for name in named_secrets(text):
        secret = folder / "secrets" / name
        secret.write_text(SECRETS.get(name, "correct horse"), "utf-8")
        secret.chmod(0o640)
    (folder / SYSTEM_WIDE.name).write_text(text, "utf-8")
    return load(folder / SYSTEM_WIDE.name, {})


def named_secrets(text: str) -> set[str]:
    return set(re.findall(r'_file = "secrets/([\w-]+)"', text))


def test_the_settings_of_the_text_are_enough_to_run(tmp_path: Path) -> None:
    settings = configured(tmp_path, SMALL)
    assert settings.running().app_token == Secret(SECRETS["slack-app"])
    assert settings.warnings == ()
    assert settings.storage == Path("/var/lib/stuncheck/stuncheck.db")


def test_the_settings_for_http_mode_too(tmp_path: Path) -> None:
    before, _, after = SMALL.partition("[slack]")
    others = after[after.index("[winrm]") :]
    slack = configured(tmp_path, before + HTTP + others).running()
    assert (slack.mode, slack.app_token) == ("http", None)
    assert slack.signing_secret == Secret(SECRETS["slack-signing"])


def test_each_secret_of_the_settings_is_written_before() -> None:
    written = re.findall(rf"cat > {SYSTEM_WIDE.parent}/secrets/([\w-]+)", TEXT)
    assert sorted(written) == sorted(named_secrets(SMALL))


def test_every_scope_is_told_with_what_it_is_for() -> None:
    told = re.findall(r"^\| `([a-z_.]+:?[a-z]*)` \| .+ \|$", TEXT, re.MULTILINE)
    assert told == MANIFEST["oauth_config"]["scopes"]["bot"]


def test_the_keys_for_http_mode_belong_to_the_manifest_and_lead_to_the_bot() -> None:
    (changed,) = (yaml.safe_load(body) for language, body in BLOCKS if language == "yaml")
    (command,) = changed["features"]["slash_commands"]
    settings = changed["settings"]
    assert set(settings) <= set(MANIFEST["settings"])
    assert settings["socket_mode_enabled"] is False
    ways = (settings["event_subscriptions"], settings["interactivity"])
    urls = {command["url"], *(way["request_url"] for way in ways)}
    assert urls == {f"https://stuncheck.corp.example{PATH}"}
    assert f"location = {PATH} " in TEXT


@pytest.mark.parametrize("lines", TYPED)
def test_what_is_to_be_typed_is_a_shell_s_language(lines: str) -> None:
    lines = lines.replace("<this repository>", "repository")
    done = subprocess.run(["bash", "-n"], input=lines.encode(), capture_output=True, check=False)  # noqa: S607 - any bash
    assert (done.returncode, done.stderr) == (0, b"")


def test_every_command_is_one() -> None:
    before = r"(?:-u stuncheck stuncheck|bin/stuncheck|--rm stuncheck|`stuncheck)"
    asked = set(re.findall(rf"{before} (\w+)", TEXT))
    assert asked >= {"doctor", "survey"}
    assert asked - set(main.commands) == set()
    in_slack = set(re.findall(r"(?:^ *|`)[/@]stuncheck (\w+)", TEXT, re.MULTILINE))
    assert in_slack >= {"status", "failover"}
    assert in_slack - set(COMMANDS) == set()


def test_every_file_that_is_named_is_there() -> None:
    files = set(re.findall(r"(?:-r |cp )((?:docs/)?[\w-]+\.(?:lock|service))", TEXT))
    assert {"requirements-run.lock", "docs/stuncheck.service"} <= files
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_the_account_on_the_machine_is_that_of_the_container() -> None:
    """Else the container could not read the secrets."""
    numbers = re.findall(r"--[ug]id (\d+)", TEXT + (ROOT / "Dockerfile").read_text("utf-8"))
    assert len(numbers) == 6
    assert len(set(numbers)) == 1


def test_the_volume_that_is_copied_is_the_one_of_compose() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    (volume,) = compose["volumes"]
    assert f"-v {compose['name']}_{volume}:" in TEXT

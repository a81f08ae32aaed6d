"""The documents name what the code has: commands, options, files."""

import re
from pathlib import Path

import click
import pytest

from demo.cli import main

ROOT = Path(__file__).parents[2]
DOCS = {path.name: path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_explained_and_has_help(name: str) -> None:
    assert f"stuncheck {name}" in DOCS["commands.md"]
    assert main.commands[name].help


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_option_has_help(name: str) -> None:
    options = [p for p in main.commands[name].params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("document", [*sorted(DOCS), "README.md"])
def test_links_between_documents_lead_somewhere(document: str) -> None:
    text, folder = (README, ROOT) if document == "README.md" else (DOCS[document], ROOT / "docs")
    text = re.sub(r"```.*?```|`[^`\n]*`(?!\])", "", text, flags=re.DOTALL)
    links = re.findall(r"(?<=[\w`*])\]\((?!https?:)([^)#\s]+)", text)
    assert [link for link in links if not (folder / link).exists()] == []


def test_the_readme_is_short_and_its_commands_exist() -> None:
    assert len(README.splitlines()) <= 120
    named = set(re.findall(r"^stuncheck (\w+)", README, re.MULTILINE))
    assert named <= set(main.commands)

"""Our PowerShell: its syntax, its length, its parameters as data, its answers.

No PowerShell runs here, so what a script does on Windows is not tested, only how it is written.
"""

import base64
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tree_sitter_pwsh
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from sources.errors import RefusedError, SourceError
from sources.windows import script
from sources.windows.output import Output
from sources.windows.script import NoModuleError

PARTS = ("prelude", "epilogue")
FILES = sorted(script.FOLDER.glob("*.ps1"))
SCRIPTS = sorted(path.stem for path in FILES if path.stem not in PARTS)
GIVEN: dict[str, str | int] = {"Minutes": 60, "MostBytes": 1 << 30}
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MODERN = (
    "ConvertTo-Json",
    "ConvertFrom-Json",
    "Get-CimInstance",
    "[ordered]",
    ".ForEach(",
    "::new(",
)
"""What PowerShell 2.0 of Windows Server 2008 R2 does not have."""


def errors(text: bytes) -> list[Node]:
    """Parse PowerShell and give the places that are none."""
    rest, found = [Parser(Language(tree_sitter_pwsh.language())).parse(text).root_node], []
    while rest:
        node = rest.pop()
        rest += node.children
        found += [node] if node.is_error or node.is_missing else []
    return found


def said(stdout: str, stderr: bytes = b"", fault: SourceError | None = None) -> Output:
    return Output(stdout.encode(), stderr, 0, NOW, NOW, fault)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_script_parses(path: Path) -> None:
    assert not errors(path.read_bytes())


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_sent_parses_and_fits_into_a_command_line(name: str) -> None:
    assert not errors(script.program(name, GIVEN).encode())
    command, args = script.line(name, GIVEN)
    assert len(" ".join([command, *args])) <= script.LONGEST_LINE
    assert {"-NoProfile", "-NonInteractive"} < set(args)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scripts_keep_to_powershell_2_and_to_ascii(path: Path) -> None:
    assert path.read_text("utf-8").isascii()
    assert not [word for word in MODERN if word in script.text(path.stem)]


def test_every_error_is_one_and_nothing_draws_progress() -> None:
    text = script.text("prelude")
    assert "$ErrorActionPreference = 'Stop'" in text
    assert "$ProgressPreference = 'SilentlyContinue'" in text


@given(st.text(max_size=200))
def test_a_parameter_is_data_whatever_it_says(value: str) -> None:
    value = value.encode("utf-8", "replace").decode()
    program = script.program("node", {"Name": value})
    match = re.search(r"^\$P=@\{Name=\(D '([A-Za-z0-9+/=]*)'\)\}$", program, re.MULTILINE)
    assert match is not None
    assert base64.b64decode(match[1]).decode() == value
    assert program.count("\n") == script.program("node", {"Name": ""}).count("\n")


@pytest.mark.parametrize("name", ["a;b", "X=1", "", "lower", "X\n", "X'"])
def test_the_name_of_a_parameter_is_a_word(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        script.program("node", {name: 1})


def test_a_line_that_is_too_long_is_never_sent() -> None:
    with pytest.raises(ValueError, match="characters long"):
        script.line("node", {"Name": "x" * 3000})


@pytest.mark.parametrize("before", ["", "\ufeff", "Welcome to SQL01\r\n", '{"no": 1}\r\n[1\r\n'])
def test_an_answer_is_found_behind_whatever_came_before(before: str) -> None:
    output = said(before + '{"ok":true,"data":{"a":[1]}}\r\n')
    assert script.answer(output, "node", "sql01") == {"a": [1]}


@pytest.mark.parametrize("text", ["", "null", "[]", '{"ok":1}', "{" * 5000, '{"ok":true}', "\x00"])
def test_no_answer_is_an_error_with_the_host(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        script.answer(said(text, b"powershell is blocked"), "node", "sql01")
    assert caught.value.subject == "sql01"


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists, max_leaves=5))
def test_any_failure_is_told(data: object) -> None:
    with pytest.raises(SourceError):
        script.answer(said(json.dumps({"ok": False, "data": data})), "node", "sql01")


def test_denied_and_not_installed_are_told_apart_in_any_language() -> None:
    denied = json.dumps({"ok": False, "data": {"text": "Zugriff verweigert", "code": 5}})
    with pytest.raises(RefusedError, match="access was denied"):
        script.answer(said(denied), "cluster", "sql01")
    kind = "Modules_ModuleNotFound,Microsoft.PowerShell.Commands.ImportModuleCommand"
    with pytest.raises(NoModuleError):
        script.answer(said(json.dumps({"ok": False, "data": {"kind": kind}})), "cluster", "sql01")


def test_an_answer_that_broke_off_is_its_fault() -> None:
    fault = SourceError("winrm", "sql01", "the connection was lost")
    with pytest.raises(SourceError, match="lost"):
        script.answer(said('{"ok":true,"data":1}', fault=fault), "node", "sql01")

"""Commands on live systems: where their settings come from, and what a wrong one says."""

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.configuration import NAME
from tests.bot.trial import MARKER, SMALL

PASSWORD = {"STUNCHECK_WINRM_PASSWORD": MARKER}


def run(folder: Path, *arguments: str, **environ: str) -> Result:
    """Run the program as if it were started in that folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("STUNCHECK_CONFIG", raising=False)
        done = CliRunner(env={"COLUMNS": "120", **environ}).invoke(main, list(arguments))
    assert MARKER not in done.output
    return done


@pytest.fixture
def closed() -> int:
    """Give a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as once:
        port: int = once.getsockname()[1]
    return port


def write(folder: Path, port: int, more: str = "") -> Path:
    text = SMALL.replace("sql01.corp.example", "127.0.0.1")
    file = folder / NAME
    file.write_text(text.replace("[[", f"port = {port}\ntls = false\n{more}[[", 1), "utf-8")
    return file


def test_doctor_names_what_is_wrong_with_the_line_that_mends_it(
    tmp_path: Path, closed: int
) -> None:
    write(tmp_path, closed)
    done = run(tmp_path, "doctor", **PASSWORD)
    assert done.exit_code == 1
    assert "connection" in done.stdout
    assert "1 wrong" in done.stdout
    assert "Enable-PSRemoting -Force\n" in done.stderr


def test_doctor_for_machines_has_a_row_for_each_check(tmp_path: Path, closed: int) -> None:
    file = write(tmp_path, closed)
    (tmp_path / "elsewhere").mkdir()
    done = run(tmp_path / "elsewhere", "doctor", "--json", "--config", str(file), **PASSWORD)
    checks = json.loads(done.stdout)["checks"]
    assert {"system", "check", "state", "text", "remedy"} == set(checks[0])
    assert (tmp_path / "stuncheck.db").exists()  # paths begin where the file lies


def test_a_wrong_file_is_told_line_by_line_and_nothing_runs(tmp_path: Path, closed: int) -> None:
    write(tmp_path, closed, f'password = "{MARKER}"\nprot = 1\n')
    done = run(tmp_path, "doctor", **PASSWORD)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert [line.split(":")[:3] for line in done.stderr.splitlines()[:2]] == [
        ["stuncheck", f" {NAME}", "5"],
        ["stuncheck", f" {NAME}", "6"],
    ]
    assert "docs/settings.md" in done.stderr


def test_a_warning_is_said_and_the_command_runs(tmp_path: Path, closed: int) -> None:
    write(tmp_path, closed, "verify = false\n")
    done = run(tmp_path, "doctor", **PASSWORD)
    assert "stuncheck: warning: winrm: verify = false" in done.stderr
    assert "1 wrong" in done.stdout


@pytest.mark.skipif(Path("/etc/stuncheck").exists(), reason="stuncheck is installed here")
def test_without_a_file_it_is_said_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor")
    assert done.exit_code == 1
    assert "stuncheck.example.toml" in done.stderr


def test_wrong_use_is_told_before_any_file_is_read(tmp_path: Path) -> None:
    assert run(tmp_path, "doctor", "--loud").exit_code == 2

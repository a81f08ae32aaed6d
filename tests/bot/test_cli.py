"""The program on the command line: help, wrong use, exit status, output that can be piped."""

import json
import os
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

# Stun lines as KB 417644 prints them (knowledge.broadcom.com/external/article/417644): two lines
# of one stun, the second 29 ms longer. The other lines: DESIGN 6, virten.net 2015/10.
LOG = """\
2026-03-01T02:13:00.000Z In(05) vmx - Log for VMware ESX pid=1 version=8.0.2
2026-03-01T02:13:05.256Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 385332 us
2026-03-01T02:13:05.285Z In(05) vcpu-0 - CPT: vm was stunned for 414878 us
2026-03-01T02:14:12.500Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 12400000 us
2026-03-01T02:20:00.000Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 6000000 us
2026-03-01T02:30:00.000Z In(05) vmx - TOOLS call to unity.show.taskbar failed.
"""

KEYS = ["file", "vm", "start", "end", "ms", "phase", "snapshot"]


def run(*arguments: str | Path, width: int = 100) -> Result:
    """Run the program in this process, as wide as told and without colour."""
    return CliRunner(env={"COLUMNS": str(width)}).invoke(main, list(map(str, arguments)))


def program(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a shell would."""
    command = [sys.executable, "-c", "from bot.cli import main; main(prog_name='stuncheck')"]
    environment = {**os.environ, "COLUMNS": "100", **variables}
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True, check=False, env=environment, encoding="utf-8", timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give the vmware.log of a VM called SQL01."""
    folder = tmp_path / "SQL01"
    folder.mkdir()
    file = folder / "vmware.log"
    file.write_text(LOG, encoding="utf-8")
    return file


def test_help_imports_nothing_that_it_does_not_need() -> None:
    script = (
        "import sys\nfrom bot.cli import main\nmain(['--help'], standalone_mode=False)\n"
        "print(sorted({'rich', 'matplotlib', 'evtx', 'defusedxml', 'sources'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout.endswith("[]\n")


@pytest.mark.alone
def test_help_is_there_in_less_than_a_third_of_a_second() -> None:
    def wait() -> float:
        begun = time.monotonic()
        program("--help")
        return time.monotonic() - begun

    assert min(wait() for _ in range(5)) < 0.3


ENDLESS = {"run", "demo"}
"""What goes on until it is stopped has no one answer to give to a machine."""


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_and_every_option_says_what_it_does(command: str) -> None:
    said = run(command, "--help").output
    assert ("--json" in said) == (command not in ENDLESS)
    for option in main.commands[command].params:
        if option.param_type_name == "option":
            assert getattr(option, "help", None), option.name


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"stuncheck \d+\.\d+\.\d+\n", program("--version").stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze"],
        ["stuns"],
        ["unheard-of"],
        ["stuns", "x", "--tolerance", "soon"],
        ["stuns", "x", "--tolerance", "0"],
        ["stuns", "x", "--tolerance", "nan"],
        ["analyze", "x", "--chart", "x.docx"],
        ["analyze", "x", "--chart", "no/such/folder/x.png"],
        ["analyze", "x", "--loud"],
    ],
)
def test_wrong_use_is_status_2_and_said_on_standard_error(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage:" in done.stderr


def test_stuns_are_listed_against_the_tolerance(log: Path) -> None:
    done = run("stuns", log, "--tolerance", "10")
    small, over, near = (line for line in done.stdout.splitlines() if "SQL01  " in line)
    assert "0.4 s" in small
    assert "12.4 s" in over
    assert over.endswith("124%  over")
    assert near.endswith("60%  near miss")
    assert "3 stuns of 1 VM in 1 file; the longest took 12.4 s; 1 over the tolerance" in done.stdout
    assert done.exit_code == 0


def test_stuns_as_json_have_the_keys_of_the_contract_in_their_order(log: Path) -> None:
    done = run("stuns", log, "--json")
    payload = json.loads(done.stdout)
    assert list(payload) == ["stuns"]
    assert [list(stun) for stun in payload["stuns"]] == [KEYS] * 3
    first = payload["stuns"][0]
    assert first["file"] == str(log)
    assert first["vm"] == "SQL01"
    assert first["start"] == "2026-03-01T02:13:04.870Z"
    assert first["ms"] == 415
    assert datetime.fromisoformat(first["end"]).utcoffset() is not None


def test_a_folder_stands_for_its_logs_and_none_counts_twice(log: Path) -> None:
    (log.parent / "vmware-1.log").write_text(LOG, encoding="utf-8")
    for paths in ([log.parent], [log.parent.parent], [log, log.parent]):
        payload = json.loads(run("stuns", *paths, "--json").stdout)
        assert len(payload["stuns"]) == 3


def test_a_file_that_is_no_log_is_named_and_the_others_are_listed(log: Path) -> None:
    other = log.parent / "notes.txt"
    other.write_text("nothing\n", encoding="utf-8")
    done = run("stuns", other, log.parent / "missing", log, "--json")
    assert done.exit_code == 1
    assert len(json.loads(done.stdout)["stuns"]) == 3
    assert "notes.txt is not a vmware.log.\n" in done.stderr
    assert "missing cannot be read: no such file or directory.\n" in done.stderr


def test_a_hostile_folder_name_is_shown_as_letters(log: Path) -> None:
    hostile = log.parent.parent / "[red]x\x1b[31m\nRED"
    log.parent.rename(hostile)
    done = run("stuns", hostile, width=160)
    assert "\x1b" not in done.stdout
    assert "[red]x\\x1b[31m RED" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_error(log: Path) -> None:
    log.write_text(LOG + LOG[-200:] * 3, encoding="utf-8")
    command = f"{sys.executable} -c 'from bot.cli import main; main()' stuns {log} | true"
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, check=False, timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stderr == b""


def test_a_terminal_without_unicode_gets_letters_it_knows(log: Path) -> None:
    done = program("stuns", log, "--tolerance", "10", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "####" in done.stdout

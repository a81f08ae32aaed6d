"""Dockerfile, compose.yaml and the systemd unit, as far as they can be tried without an engine."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.bot_settings import ServerSettings
from bot.cli import main

ROOT = Path(__file__).parents[2]
FLOORS = ("bot", "commands", "demo", "sources", "storage", "verdict")
CACHE = "__pycache__"

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
LINES = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines()
STEPS = [(verb, rest) for verb, _, rest in (line.partition(" ") for line in LINES) if verb]
LAST = STEPS[[verb for verb, _ in STEPS].index("FROM", 1) :]
"""The steps of the stage that becomes the image."""

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICE = COMPOSE["services"]["stuncheck"]
UNIT_FILE = ROOT / "docs" / "stuncheck.service"
STOPPING = 30
"""Seconds within which `stuncheck run` ends when told to."""


def copied() -> set[str]:
    """Give what the Dockerfile copies from here, the last slash left out."""
    rows = [shlex.split(rest) for verb, rest in STEPS if verb == "COPY"]
    own = [row for row in rows if not row[0].startswith("--from=")]
    return {path.rstrip("/") for *paths, _ in own for path in paths}


def last(verb: str) -> str:
    """Give the one step of that kind in the last stage."""
    (rest,) = (rest for found, rest in LAST if found == verb)
    return rest


def pins(name: str) -> dict[str, str]:
    """Give the requirements of a lock with their hashes, without what they are needed by."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE)
    rows = re.split(r"\n(?=\S)", text.strip())
    return {row.split("==")[0]: row for row in rows}


def unit() -> dict[str, list[str]]:
    """Give the keys of the unit; a key may stand there more than once."""
    keys = defaultdict(list)
    for line in UNIT_FILE.read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            keys[name].append(value)
    return dict(keys)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel as the Dockerfile does: out of nothing but what it copies."""
    context = tmp_path_factory.mktemp("context")
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, context / name, ignore=shutil.ignore_patterns(CACHE))
        else:
            shutil.copy(source, context / name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "made"]
    subprocess.run(build, cwd=context, check=True, capture_output=True, timeout=60)
    (made,) = (context / "made").glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        return set(archive.namelist())


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_all_that_is_copied_exists_and_no_more_is_sent_to_the_builder() -> None:
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    first, *others = [rule for rule in rules if rule and not rule.startswith("#")]
    let_in = {rule.removeprefix("!") for rule in others if rule.startswith("!")}
    assert first == "*"
    assert let_in == copied()
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    assert {rule for rule in others if not rule.startswith("!")} == {f"**/{CACHE}", "**/*.pyc"}


@pytest.mark.parametrize("floor", FLOORS)
def test_the_wheel_holds_every_file_of_a_floor(wheel: set[str], floor: str) -> None:
    """Scripts for PowerShell, recorded incidents and pages too, not only modules."""
    files = [path for path in (ROOT / floor).rglob("*") if path.is_file()]
    names = {path.relative_to(ROOT).as_posix() for path in files if CACHE not in path.parts}
    assert {name for name in names if not name.endswith("/.gitattributes")} - wheel == set()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("requirements-run.lock", "pyproject.toml"), ("requirements-build.lock", "hatchling")],
)
def test_locks_agree(name: str, wanted: str) -> None:
    # After a change of requirements.lock: `uv pip compile` of what is wanted, with
    # -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-header -o NAME
    all_pins, own = pins("requirements.lock"), pins(name)
    assert {row: own[row] for row in own if own[row] != all_pins.get(row)} == {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] if wanted == "pyproject.toml" else [wanted]
    assert {re.split("[<>=]", one)[0] for one in asked} - set(own) == set()


def test_the_image_runs_as_nobody_in_particular_and_holds_no_secret() -> None:
    uid, gid = last("USER").split(":")
    assert uid.isdecimal()
    assert gid.isdecimal()
    assert int(uid) > 0
    assert {verb for verb, _ in STEPS} & {"ARG", "ADD"} == set()
    assert re.search("TOKEN|SECRET|PASSWORD", DOCKERFILE) is None


def test_it_starts_the_bot_as_its_first_process() -> None:
    """Without a shell in between, SIGTERM reaches it."""
    assert json.loads(last("ENTRYPOINT")) + json.loads(last("CMD")) == ["stuncheck", "run"]


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Answer /healthz with this status; give the port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def health_check(port: int) -> int:
    """Run the image's health check against another port, with a proxy that is not there."""
    _, _, command = last("HEALTHCHECK").partition(" CMD ")
    _, *words = json.loads(command)
    usual = str(ServerSettings().port)
    assert [usual in word for word in words] == [False, True]
    words = [word.replace(usual, str(port)) for word in words]
    proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, *words], env=proxy, capture_output=True, check=False, timeout=20
    )
    return done.returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_health_is_what_healthz_says(status: int, code: int) -> None:
    with answering(status) as port:
        assert health_check(port) == code


def test_a_bot_that_does_not_answer_is_not_healthy() -> None:
    with answering(200) as port:
        pass
    assert health_check(port) == 1


def test_compose_takes_every_right_away() -> None:
    assert SERVICE["read_only"] is True
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "user", "network_mode", "pid"} & set(SERVICE)


def test_compose_opens_nothing_to_the_network() -> None:
    assert SERVICE["ports"] == [f"127.0.0.1:{ServerSettings().port}:{ServerSettings().port}"]


def test_compose_keeps_what_the_image_writes_and_reads_settings_only() -> None:
    places = {row["target"]: row for row in SERVICE["volumes"]}
    assert places[last("VOLUME")]["type"] == "volume"
    assert places["/etc/stuncheck"]["read_only"] is True
    assert set(places) == {last("VOLUME"), "/etc/stuncheck"}
    (memory,) = SERVICE["tmpfs"]
    assert "MPLCONFIGDIR=/tmp/" in last("ENV")
    assert memory.partition(":")[0] == "/tmp"  # noqa: S108 - the container's own


def test_compose_holds_no_secret() -> None:
    assert "environment" not in SERVICE
    assert SERVICE["env_file"] == [{"path": "/etc/stuncheck/stuncheck.env", "required": False}]


def test_both_ways_to_run_it_wait_until_it_has_stopped() -> None:
    assert int(SERVICE["stop_grace_period"].removesuffix("s")) > STOPPING
    assert int(unit()["TimeoutStopSec"][0]) > STOPPING


def test_the_unit_takes_every_right_away() -> None:
    keys = unit()
    assert keys["User"] == keys["Group"] == ["stuncheck"]
    assert keys["ProtectSystem"] == ["strict"]
    assert keys["CapabilityBoundingSet"] == keys["AmbientCapabilities"] == [""]
    assert keys["NoNewPrivileges"] == keys["ProtectHome"] == keys["PrivateTmp"] == ["yes"]


def test_the_unit_starts_the_bot_and_lets_it_write_its_database() -> None:
    keys = unit()
    program, name, *options = shlex.split(keys["ExecStart"][0])
    assert program == "/opt/stuncheck/bin/stuncheck"
    asked = main.commands[name].make_context(name, options).params
    assert (name, asked) == ("run", {"config": Path("/etc/stuncheck/stuncheck.toml")})
    assert f"/var/lib/{keys['StateDirectory'][0]}" == last("VOLUME")
    assert keys["Environment"] == [f"MPLCONFIGDIR=/var/cache/{keys['CacheDirectory'][0]}"]
    assert keys["Restart"] == ["on-failure"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_the_unit_and_finds_little_left_open(tmp_path: Path) -> None:
    """Of 10, the worst; the program itself is not installed here, another stands in its place."""
    text = UNIT_FILE.read_text("utf-8").replace("/opt/stuncheck/bin/stuncheck", sys.executable)
    there = tmp_path / "stuncheck.service"
    there.write_text(text, "utf-8")
    verify = ["systemd-analyze", "verify", "--man=no", str(there)]
    told = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stderr) == (0, "")
    rate = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(there)]
    rated = subprocess.run(rate, capture_output=True, text=True, check=False, timeout=60)
    assert rated.returncode == 0, rated.stdout[-200:]

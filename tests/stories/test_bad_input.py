"""Bad input of every kind, by the real command: a clear message, the right exit status, an end.

Exit status: 0 answered, 1 could not be answered, 2 wrong use. Nothing may take more than MEMORY
or SECONDS, write a control character to a terminal, or read a file outside the bundle.
"""

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sources.text import decode
from tests.simulation.__main__ import produce

MEMORY = 1 << 30
"""Bytes of address space; a run that needs more fails with a MemoryError."""
SECONDS = 20
"""A run takes some 0.3 s; this is for a machine that does five things at once."""

EVENT = "http://schemas.microsoft.com/win/2004/08/events/event"
STAMP = "2026-03-01T02:14:13.000Z"
LINE = f"{STAMP} In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for 12400000 us\n"
SECRET = "root-of-all-evil"  # noqa: S105 - a word in a file that must not be read

HOSTILE = (
    "../../x",
    "\x1b[31mred\x1b[0m",
    "[red]bold[/red]",
    "<!channel>",
    "\u202eevil\u202d",
    "two\nlines",
    "sql\u200b01",
    "sql\xa001",
    "%s{0}$HOME`id`",
)
"""Names that mean something to a terminal, a path, rich, Slack, a shell or an eye."""


@dataclass(frozen=True)
class Ran:
    """What a run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        return self.out + self.err


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def stuncheck(*arguments: object) -> Ran:
    """Run the installed program; a traceback is never an answer."""
    done = subprocess.run(
        [Path(sys.executable).with_name("stuncheck"), *map(str, arguments)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=False,
        preexec_fn=limited,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in ran.err, ran.err
    assert {c for c in ran.told if not c.isprintable()} <= {"\n", "\xa0"}  # a blank, if an odd one
    return ran


@pytest.fixture(scope="module")
def guilty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound bundle whose backup caused the failover."""
    (bundle,) = produce(6, 1, tmp_path_factory.mktemp("sound"), "removal-heartbeat")
    return bundle


@pytest.fixture
def bundle(guilty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(guilty, tmp_path / "bundle"))


def lay(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def incidents(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["incidents"]
    return found


def test_a_sound_bundle_is_answered(bundle: Path) -> None:
    """Else the tests below would prove nothing."""
    (incident,) = incidents(stuncheck("analyze", bundle, "--json"))
    assert incident["backup"] == "caused"


@pytest.mark.parametrize("command", ["analyze", "stuns"])
def test_a_path_without_anything_usable_is_named(command: str, tmp_path: Path) -> None:
    lay(tmp_path / "notes" / "x.bin", b"\x00\x01nothing")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "missing", tmp_path / "empty", tmp_path / "notes", "/dev/null"):
        ran = stuncheck(command, path)
        assert (ran.code, ran.out) == (1, "")
        assert str(path) in ran.err.replace("\n", "")
    assert stuncheck(command).code == 2


def test_pipes_and_devices_are_no_files(tmp_path: Path) -> None:
    """A pipe that nobody writes to would be waited for, and /dev/zero never ends."""
    log = tmp_path / "vms" / "SQL01" / "vmware.log"
    log.parent.mkdir(parents=True)
    os.mkfifo(log)
    os.mkfifo(tmp_path / "incident.toml")
    for path in (tmp_path, log, "/dev/zero"):
        ran = stuncheck("analyze", path)
        assert ran.code == 1
        assert "it is a pipe or a device" in ran.err


def test_no_link_leads_out_of_a_bundle_and_none_in_a_circle(bundle: Path) -> None:
    secret = lay(bundle.parent / "secret", f"{STAMP} In(05) vmx - {SECRET}\n")
    for link in ("vms/SPY/vmware.log", "vcenter/tasks.json", "nodes/SPY/System.xml"):
        path = bundle / link
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(secret)
    (bundle / "one").symlink_to("other")
    (bundle / "other").symlink_to("one")
    (bundle / "vms" / "up").symlink_to("..")
    ran = stuncheck("analyze", bundle, "--json")
    assert SECRET not in ran.told
    (incident,) = incidents(ran)
    why = {gap["subject"]: gap["why"] for gap in incident["missing"]}
    assert "leads out of the bundle" in why["vms/SPY/vmware.log"]
    assert "leads nowhere" in why["one"]


BOMB = "<!DOCTYPE b [<!ENTITY a0 'ha'>{}]><Events><Event xmlns='{}'>&a20;</Event></Events>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 21)), EVENT
)
OUTSIDE = (
    "<!DOCTYPE e [<!ENTITY x SYSTEM 'file://{}'>]><Events><Event xmlns='{}'><System>"
    "<Provider Name='&x;'/></System></Event></Events>"
)


def test_an_xml_bomb_unfolds_nothing_and_reads_no_other_file(bundle: Path) -> None:
    secret = lay(bundle.parent / "secret", SECRET)
    nodes = sorted((bundle / "nodes").iterdir())
    lay(nodes[0] / "bomb.xml", BOMB)
    lay(nodes[1] / "outside.xml", OUTSIDE.format(secret, EVENT))
    ran = stuncheck("analyze", bundle, "--json")
    assert SECRET not in ran.told
    (incident,) = incidents(ran)
    assert sum("document type" in gap["why"] for gap in incident["missing"]) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vcenter/tasks.json", b"[" * 1_000_000),
        ("vcenter/events.json", b'{"a":' * 500_000),
        ("vcenter/inventory.json", b"[" + b"[]," * 4_000_000 + b"1]"),
        ("veeam/sessions.json", b'{"data": [' + b"9" * 5000 + b"]}"),
        ("cluster.json", b"[" * 1_000_000),
        ("incident.toml", b"[nodes]\n" + b"a." * 300_000 + b"a = 1"),
        ("incident.toml", b"[failover]\nat = " + b"[" * 500_000),
        ("incident.toml", b"[failover]\nat = 2026-03-01T02:14:11Z\n[failover]\ncluster = 'x'"),
        ("incident.toml", b"\xff\xfe\x00\x00" * 1000),
    ],
)
def test_deep_and_swollen_files_are_named_and_the_rest_is_judged(
    bundle: Path, name: str, content: bytes
) -> None:
    lay(bundle / name, content)
    for incident in incidents(stuncheck("analyze", bundle, "--json")):
        assert incident["backup"] != "cleared"
        assert any(Path(name).stem.split(".")[0] in str(gap) for gap in incident["missing"])


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-01T02:14:11",
        '"yesterday"',
        "12",
        "02:14:11",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2099-12-31T23:59:59Z",
    ],
)
def test_a_moment_that_cannot_be_meant_is_told_and_every_failover_judged(
    bundle: Path, at: str
) -> None:
    lay(bundle / "incident.toml", f"[failover]\nat = {at}\n")
    (incident,) = incidents(stuncheck("analyze", bundle, "--json"))
    assert incident["backup"] != "cleared"
    assert "incident.toml" in {gap["source"] for gap in incident["missing"]}


@pytest.mark.parametrize("ahead", ["nan", "inf", "-inf", "1e12", "-1000000000000", '"1.5"', "true"])
def test_clocks_that_cannot_be_are_told(bundle: Path, ahead: str) -> None:
    lay(bundle / "incident.toml", f"[clocks]\nesxi = {ahead}\nvcenter = {ahead}\n")
    (incident,) = incidents(stuncheck("analyze", bundle, "--json"))
    assert incident["backup"] != "cleared"
    assert "[clocks] esxi" in {gap["subject"] for gap in incident["missing"]}


@pytest.mark.parametrize("ahead", [3.1e8, -3.1e8])
def test_clocks_ten_years_off_end_in_no_overflow(bundle: Path, ahead: float) -> None:
    lay(bundle / "incident.toml", f"[clocks]\nesxi = {ahead}\nvcenter = {-ahead}\n")
    for incident in incidents(stuncheck("analyze", bundle, "--json")):
        assert incident["backup"] != "cleared"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_no_harm_and_clears_nobody(bundle: Path, name: str) -> None:
    """The lost node is called so in every file, in each file's own way of writing."""
    lost = next(iter(json.loads((bundle / "truth.json").read_text())["expected"]["lost_node"]))
    as_json = json.dumps(name)[1:-1]
    as_xml = "".join(c if c.isprintable() and c not in "<>&" else f"&#{ord(c)};" for c in name)
    for path in bundle.rglob("*"):
        if path.suffix in {".json", ".toml", ".xml"}:
            own = as_xml if path.suffix == ".xml" else as_json
            text = decode(path.read_bytes()).replace(f"\n{lost} =", f'\n"{own}" =')
            path.write_text(text.replace(lost, own), "utf-8")
    for folder in ("nodes", "vms"):
        (bundle / folder / lost).rename(bundle / folder / name.replace("/", "_"))
    for incident in incidents(stuncheck("analyze", bundle, "--json")):
        assert incident["backup"] != "cleared"
    assert stuncheck("analyze", bundle).code == 0
    assert stuncheck("stuns", bundle / "vms").code == 0


def test_names_of_files_that_are_no_text_are_shown_as_something(tmp_path: Path) -> None:
    lay(tmp_path / "vms" / os.fsdecode(b"\xff\xfe\x1b[31m") / "vmware.log", LINE)
    lay(tmp_path / os.fsdecode(b"\xc3\x28.bin"), "?")
    assert stuncheck("analyze", tmp_path).code == 1
    assert stuncheck("stuns", tmp_path / "vms").code == 0
    assert json.loads(stuncheck("stuns", tmp_path / "vms", "--json").out)["stuns"]


def test_a_sparse_log_and_an_endless_line_take_little_memory(bundle: Path) -> None:
    for log in (bundle / "vms").rglob("vmware*.log"):
        with log.open("r+b") as stream:
            stream.truncate(50 << 20)
    endless = bundle / "nodes" / "SQL09" / "cluster.log"
    lay(endless, b"00000fe4.00001620::2026/03/01-02:14:10.000 INFO " + b"x" * (5 << 20))
    for incident in incidents(stuncheck("analyze", bundle, "--json")):
        assert incident["backup"] != "cleared"


def test_a_packed_bomb_takes_little_memory(bundle: Path) -> None:
    swollen = gzip.compress(bytes(64 << 20), 1)
    for log in (bundle / "vms").rglob("vmware.log"):
        lay(log, swollen)
    for incident in incidents(stuncheck("analyze", bundle, "--json")):
        assert incident["backup"] != "cleared"


def test_a_folder_of_thousands_of_nodes_ends(tmp_path: Path) -> None:
    for number in range(1500):
        lay(tmp_path / "nodes" / f"a-name-of-len-{number:04}" / "System.xml", "<Events></Events>")
    ran = stuncheck("analyze", tmp_path)
    assert ran.code == 1
    assert "names of nodes" in ran.err

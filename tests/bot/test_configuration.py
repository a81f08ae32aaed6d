"""stuncheck.toml: what is right is taken; where it is looked for; its manual and its example."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.configuration import NAME, VARIABLE, find, load
from bot.configuration_fields import Table
from bot.configuration_tables import SINGLE
from sources.errors import UserError
from tests.bot.trial import MARKER, PASSWORD, ROOT, SMALL, TABLES, VC_PASSWORD, VCENTER, Trial


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a folder to write a stuncheck.toml to."""
    return Trial(tmp_path)


def test_a_cluster_needs_its_name_and_one_node(trial: Trial) -> None:
    settings = trial.read(SMALL, **PASSWORD)
    (cluster,) = settings.site().clusters
    assert (cluster.name, cluster.hosts) == ("SQLAG01", ("sql01.corp.example",))
    assert cluster.winrm.user == r"CORP\svc"
    assert cluster.winrm.tls
    assert cluster.winrm.verify
    assert cluster.winrm.password
    assert cluster.winrm.password.reveal() == MARKER
    assert (settings.source_deadline, settings.whole_deadline) == (
        timedelta(seconds=20),
        timedelta(seconds=30),
    )
    assert (settings.before, settings.after) == (timedelta(minutes=15), timedelta(minutes=5))
    assert settings.warnings == ()


def test_no_secret_is_in_any_repr(trial: Trial) -> None:
    settings = trial.read(SMALL + VCENTER, **PASSWORD, **VC_PASSWORD)
    assert MARKER not in repr(settings) + str(settings.site())
    assert settings.site().vcenters[0].password.reveal() == MARKER


def test_the_example_is_right_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    for name in ("winrm", "vc01", "vbr01"):
        file = tmp_path / "secrets" / name
        file.write_text(f"{MARKER}\r\n", encoding="utf-8-sig")
        file.chmod(0o600)
    example = (ROOT / "stuncheck.example.toml").read_text(encoding="utf-8")
    (tmp_path / NAME).write_text(example, encoding="utf-8")
    settings = load(tmp_path / NAME, {"DMZ_PASSWORD": "other"})
    site = settings.site()
    assert settings.warnings == ()
    assert [cluster.name for cluster in site.clusters] == ["SQLAG01", "SQLDMZ"]
    passwords = [one.winrm.password for one in site.clusters]
    assert [one and one.reveal() for one in passwords] == [MARKER, "other"]
    assert site.clusters[1].vms == {"SQLDMZ1": "dmz-sql-1"}
    assert not site.vcenters[0].read_logs


def test_one_cluster_is_asked_about_in_the_systems_that_it_names(trial: Trial) -> None:
    second = VCENTER.replace("vc01", "vc02")
    text = SMALL + "vcenters = ['VC02']\nveeams = []\n" + VCENTER + second
    other = {"STUNCHECK_VCENTER_VC02_PASSWORD": "x"}
    settings = trial.read(text, **PASSWORD, **VC_PASSWORD, **other)
    assert [one.name for one in settings.site().vcenters] == ["vc01", "vc02"]
    assert [one.name for one in settings.site("sqlag01.corp.example").vcenters] == ["vc02"]


def test_an_unknown_cluster_is_told_with_the_one_that_was_meant(trial: Trial) -> None:
    with pytest.raises(UserError) as caught:
        trial.read(SMALL, **PASSWORD).site("SQLAG1")
    assert caught.value.hint == "Perhaps SQLAG01 is meant."


def test_the_file_is_looked_for_here_then_as_told_then_in_etc(tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.toml"
    assert find({VARIABLE: str(elsewhere)}, tmp_path) == elsewhere
    (tmp_path / NAME).touch()
    assert find({VARIABLE: str(elsewhere)}, tmp_path) == tmp_path / NAME


@pytest.mark.skipif(Path("/etc/stuncheck").exists(), reason="stuncheck is installed here")
def test_without_a_file_it_is_said_where_one_may_be(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"\${VARIABLE} is not set") as caught:
        find({}, tmp_path)
    assert "stuncheck.example.toml" in str(caught.value.hint)


def test_every_line_of_the_example_that_is_commented_out_is_a_key() -> None:
    """Whoever takes the # away must get a file that is read."""
    example = (ROOT / "stuncheck.example.toml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^# (\w+) = ", example, re.MULTILINE))
    assert keys
    assert keys <= {key for _, model in TABLES for key in model.model_fields}


@pytest.mark.parametrize(("name", "model"), TABLES, ids=str)
def test_the_manual_names_every_key_and_no_other(name: str, model: type[Table]) -> None:
    manual = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    heading = next(h for h in re.findall(r"^## (.*)$", manual, re.MULTILINE) if f"[{name}]" in h)
    section = manual.split(f"## {heading}\n")[1].split("\n## ")[0]
    first = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(first))) == set(model.model_fields)
    assert f"[{name}]" in (ROOT / "stuncheck.example.toml").read_text(encoding="utf-8")


def test_the_manual_gives_the_defaults_of_the_program() -> None:
    manual = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for name, table in SINGLE.items():
        section = manual.split(f"## [{name}]")[1].split("\n## ")[0]
        for key, field in table.model_fields.items():
            if field.default not in (None, []):
                assert f"| `{key}` | `{_written(field.default)}` |" in section


def _written(value: str | float) -> str:
    """Write a default as TOML does."""
    return json.dumps(value) if isinstance(value, str | bool) else f"{value:g}"

"""Writing a bundle: what is written and read back is judged the same."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sources.bundle import read_bundle
from sources.bundle.writer import write_bundle
from sources.errors import UserError
from sources.gather import gather
from sources.material import Material, VeeamAnswers
from sources.raw import RawFile
from verdict.facts import Gap

INCIDENTS = Path(__file__).parents[3] / "demo" / "incidents"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("story", sorted(p.name for p in INCIDENTS.iterdir() if p.is_dir()))
def test_a_bundle_written_and_read_back_gives_the_same_evidence(story: str, tmp_path: Path) -> None:
    material = read_bundle(INCIDENTS / story)
    write_bundle(material, tmp_path / "copy")
    assert gather(read_bundle(tmp_path / "copy"), NOW) == gather(material, NOW)


def test_what_a_live_collection_could_not_have_is_missing_afterwards_too(tmp_path: Path) -> None:
    gap = Gap("vcenter", "vc01", "it did not answer within 20 s", "ask again")
    material = replace(read_bundle(INCIDENTS / "no-vmware-log"), gaps=(gap,))
    write_bundle(material, tmp_path / "copy")
    assert gap in gather(read_bundle(tmp_path / "copy"), NOW).gaps


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "/root/x", "a\x00b", "C:\\x", ""])
def test_no_name_from_outside_leaves_the_folder(name: str, tmp_path: Path) -> None:
    file = RawFile.in_memory(name, b"2026-03-01T02:14:12.500Z In(05) vmx - x\n")
    material = Material("x", vms={name: (file,)}, nodes={name: (file,)},
                        veeam=VeeamAnswers(logs={name: b"{}"}))  # fmt: skip
    write_bundle(material, tmp_path / "inside" / "bundle")
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and "bundle" not in p.parts]
    assert outside == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UserError, match="not empty"):
        write_bundle(Material("x"), tmp_path)

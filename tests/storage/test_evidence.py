"""Evidence: packed, kept, and judged again to the same verdict."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.incident import entry
from sources.bundle.bundle import read_bundle
from sources.errors import UserError
from sources.gather import gather
from sources.material import Material
from sources.raw import RawFile
from storage import evidence
from storage.evidence import add_evidence, bundle_of, kept, material_of, pack
from storage.incidents import open_or_join
from storage.store import Store
from tests.storage.told import DAY, ZERO, at
from verdict.judge import judge

INCIDENTS = Path(__file__).parents[2] / "demo" / "incidents"


@pytest.fixture
def incident(store: Store) -> str:
    return open_or_join(store, "SQLAG01", ZERO, timedelta(0), ZERO).id


def told(material: Material) -> list[object]:
    return [entry(verdict, "") for verdict in judge(gather(material, ZERO + 365 * DAY))]


@pytest.mark.parametrize("story", ["removal-stun", "innocent-network", "lease-lost"])
def test_kept_evidence_is_judged_again_to_the_same_verdict(
    store: Store, incident: str, story: str
) -> None:
    material = read_bundle(INCIDENTS / story)
    number = add_evidence(store, incident, pack(material), ZERO)
    again = told(material_of(store, number))
    assert again == told(material)
    assert again


def test_the_same_material_is_kept_once(store: Store, incident: str) -> None:
    material = read_bundle(INCIDENTS / "removal-stun")
    numbers = [add_evidence(store, incident, pack(material), at(s)) for s in (0, 60)]
    assert numbers[0] == numbers[1]
    (only,) = kept(store, incident)
    assert (only.id, only.gathered) == (numbers[0], ZERO)
    assert only.bytes > len(bundle_of(store, only.id))


def test_two_files_of_one_name_are_both_kept(store: Store, incident: str) -> None:
    logs = tuple(RawFile.in_memory("System.xml", data) for data in (b"<Events/>", b"<Events> "))
    number = add_evidence(store, incident, pack(Material("two", nodes={"SQL01": logs})), ZERO)
    back = material_of(store, number).nodes["SQL01"]
    assert sorted(file.open().read() for file in back) == [b"<Events/>", b"<Events> "]


def test_saved_and_unpacked_it_is_a_bundle(store: Store, incident: str, tmp_path: Path) -> None:
    number = add_evidence(store, incident, pack(read_bundle(INCIDENTS / "removal-stun")), ZERO)
    with zipfile.ZipFile(io.BytesIO(bundle_of(store, number))) as archive:
        archive.extractall(tmp_path / "bundle")
    assert told(read_bundle(tmp_path / "bundle")) == told(material_of(store, number))


def test_too_large_evidence_is_refused_in_words(
    store: Store, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "LARGEST", 1000)
    with pytest.raises(UserError, match="larger than"):
        add_evidence(store, incident, pack(read_bundle(INCIDENTS / "removal-stun")), ZERO)
    assert kept(store, incident) == ()


def test_damaged_evidence_is_a_clear_error(store: Store, incident: str) -> None:
    number = add_evidence(store, incident, pack(read_bundle(INCIDENTS / "removal-stun")), ZERO)
    store.db.execute("UPDATE evidence SET bundle = substr(bundle, 1, length(bundle) / 2)")
    with pytest.raises(UserError, match="is damaged"):
        material_of(store, number)


def test_a_file_that_is_gone_is_a_clear_error(store: Store, incident: str, tmp_path: Path) -> None:
    log = tmp_path / "vmware.log"
    log.write_bytes(b"x")
    material = Material("gone", vms={"sql01": (RawFile.on_disk(log),)})
    log.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        add_evidence(store, incident, pack(material), ZERO)


def test_evidence_that_is_not_kept_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        material_of(store, 1)
    with pytest.raises(KeyError):
        add_evidence(store, "none", pack(Material("empty")), ZERO)


def test_material_without_files_is_kept_too(store: Store, incident: str) -> None:
    number = add_evidence(store, incident, pack(Material("empty")), ZERO)
    assert replace(material_of(store, number), label="empty").nodes == {}

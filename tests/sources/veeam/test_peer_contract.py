"""The stand-in answers, and our client asks, as Veeam's own description of its REST API says.

The description is Veeam's and not part of this project. Without it these tests are skipped; put
vbr_rest_1.1-rev0.json and the like into a folder and name that in STUNCHECK_OPENAPI.
"""

import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sources.deadline import Deadline
from sources.veeam.pull import pull_veeam
from sources.veeam.wish import WantedVm
from tests.peers.veeam_server import VeeamServer
from tests.peers.veeam_tokens import PASSWORD
from tests.sources.veeam.night import MINUTE, NIGHT, SQL01, WINDOW, server

FOLDER = Path(
    os.environ.get("STUNCHECK_OPENAPI") or Path(__file__).parents[3].parent / "shared" / "openapi"
)
REVISIONS = ["1.1-rev0", "1.2-rev1", "1.3-rev1"]
"""Those whose description is at hand where it is at hand at all."""
REF = "#/components/schemas/"

Json = Any  # whatever a description holds


@cache
def description(revision: str) -> dict[str, Json]:
    path = FOLDER / f"vbr_rest_{revision}.json"
    if not path.exists():
        pytest.skip(f"Veeam's description of its REST API {revision} is not in {FOLDER}")
    parsed: dict[str, Json] = json.loads(path.read_text("utf-8"))
    return parsed


@cache
def registry(revision: str) -> Registry[Json]:
    """Make JSON Schema of the schemas.

    A schema with a discriminator names its subtypes, which name it again: as a part of a subtype
    it is taken without them (NAME@base).
    """
    schemas = {}
    for name, schema in description(revision)["components"]["schemas"].items():
        base = {key: value for key, value in schema.items() if key not in {"oneOf", "anyOf"}}
        schemas[f"{name}@base"] = _plain(base)
        schemas[name] = _plain(base | _by_type(schema))
    document = DRAFT202012.create_resource({"components": {"schemas": schemas}})
    made: Registry[Json] = Registry().with_resource("veeam:", document)
    return made


def _by_type(schema: Json) -> Json:
    """Choose the subtype by the discriminator's value, as OpenAPI means it."""
    named = schema.get("discriminator", {})
    field = named.get("propertyName")
    return {
        "allOf": [
            {"if": {"properties": {field: {"const": value}}}, "then": {"$ref": target}}
            for value, target in named.get("mapping", {}).items()
        ]
        + schema.get("allOf", [])
    }


def _plain(schema: Json, *, within: bool = False) -> Json:
    """Translate what OpenAPI 3.0 says otherwise than JSON Schema: nullable, allOf, references."""
    if isinstance(schema, list):
        return [_plain(part, within=within) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _plain(value, within=key == "allOf") for key, value in schema.items()}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = f"veeam:{made['$ref']}" + ("@base" if within else "")
    if isinstance(made.get("properties"), dict):
        optional = made["properties"].keys() - set(made.get("required", []))
        for name in optional:  # Veeam's own examples give null for these (parentSessionId)
            made["properties"][name] = {"anyOf": [{"type": "null"}, made["properties"][name]]}
    if made.pop("nullable", False):
        made = {"anyOf": [{"type": "null"}, made]}
    return made


def faults(revision: str, name: str, answer: object) -> list[str]:
    schema = {"$ref": f"veeam:{REF}{name}"}
    validator = Draft202012Validator(schema, registry=registry(revision))
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(answer)]


def speaks(folder: Path, revision: str) -> VeeamServer:
    major, minor, rev = map(int, re.findall(r"\d+", revision))
    made = server(folder, (major, minor, rev))
    made.model.back_up(made.model.run("Long", NIGHT, None), "SQL01", NIGHT + MINUTE, None)
    return made


Asked = Callable[[VeeamServer], tuple[int, object]]
ANSWERS: dict[str, Asked] = {
    "SessionsResult": lambda veeam: veeam.get("/api/v1/sessions", {}),
    "SessionModel": lambda v: v.get(f"/api/v1/sessions/{v.model.runs[0].id}", {}),
    "SessionLogResult": lambda v: v.get(f"/api/v1/sessions/{v.model.runs[0].id}/logs", {}),
    "BackupObjectsResult": lambda veeam: veeam.get("/api/v1/backupObjects", {"limit": "1"}),
    "TaskSessionsResult": lambda veeam: veeam.get("/api/v1/taskSessions", {}),
    "TokenModel": lambda veeam: veeam.grant({"password": PASSWORD}, NIGHT),
}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("schema", ANSWERS)
def test_the_stand_in_answers_as_described(tmp_path: Path, revision: str, schema: str) -> None:
    if schema not in description(revision)["components"]["schemas"]:
        assert schema == "TaskSessionsResult"  # before 12.3 there are none
        return
    status, answer = ANSWERS[schema](speaks(tmp_path, revision))
    assert status == 200
    assert faults(revision, schema, answer) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_log_of_a_task_is_as_described(tmp_path: Path, revision: str) -> None:
    model = speaks(tmp_path, revision).model
    for task in model.tasks:
        assert faults(revision, "SessionLogResult", model.log(task.steps)) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_check_finds_what_is_wrong(revision: str, tmp_path: Path) -> None:
    _, answer = speaks(tmp_path, revision).get("/api/v1/sessions", {})
    assert not faults(revision, "SessionsResult", answer)
    text = json.dumps(answer)
    for good, bad in (('"usn": 0', '"usn": "none"'), ('"Stopped"', '"Standing"'), ('"id"', '"no"')):
        assert faults(revision, "SessionsResult", json.loads(text.replace(good, bad)))


@pytest.mark.parametrize("revision", REVISIONS)
def test_our_client_asks_only_for_what_is_described(tmp_path: Path, revision: str) -> None:
    paths = description(revision)["paths"]
    with speaks(tmp_path, revision) as veeam:
        pull_veeam(veeam.access, [SQL01, WantedVm("new", "vm-207")], WINDOW, Deadline.after(10))
    assert len(veeam.requests) > 5
    for method, path, params in veeam.requests:
        described = paths[re.sub(r"/[0-9a-f-]{36}", "/{id}", path)][method.lower()]
        known = {p["name"]: p for p in described.get("parameters", []) if "name" in p}
        assert set(params) <= set(known)
        for name, value in params.items():
            allowed = _values(revision, known[name]["schema"])
            assert not allowed or value in allowed


def _values(revision: str, schema: Json) -> list[str]:
    """Give the words that a parameter may have, none where it is free."""
    name = schema.get("$ref", "").removeprefix(REF)
    values: list[str] = description(revision)["components"]["schemas"].get(name, {}).get("enum", [])
    return values


@pytest.mark.parametrize("revision", REVISIONS[1:])
def test_the_check_looks_into_the_kinds_of_task_sessions(revision: str, tmp_path: Path) -> None:
    _, answer = speaks(tmp_path, revision).get("/api/v1/taskSessions", {})
    text = json.dumps(answer)
    for good, bad in (('"readSize": 8', '"readSize": "8"+'), ('"Increment"', '"Decrement"')):
        wrong = json.loads(text.replace(good, bad).replace('"8"+23132160', '"8"'))
        assert faults(revision, "TaskSessionsResult", wrong)

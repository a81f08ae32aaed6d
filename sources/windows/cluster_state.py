"""A cluster as it is now: nodes and where to reach them, values, roles, owners, time-outs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sources.bundle.configuration import read_configuration
from sources.json_rows import Row
from sources.material import Configuration
from sources.names import find, same
from verdict.facts import Gap

GROUP = "SQL Server Availability Group"
"""Resource type of an availability group; `SQL Server` is that of a failover cluster instance."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a node says it is, and what time it says it is.

    `uuid` is that of its BIOS as Windows shows it, in lower case. `ahead` of our clock; None
    where it could not be told well enough. `utc_offset` is its local time minus UTC.
    """

    name: str
    domain: str = ""
    uuid: str = ""
    os: str = ""
    version: str = ""
    utc_offset: timedelta | None = None
    ahead: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NodeState:
    """One node by the cluster's word; `host` is where we reach it."""

    name: str
    host: str
    state: str = ""
    """Up, Down, Paused, Joining."""
    drain: str = ""
    version: str = ""
    addresses: tuple[str, ...] = ()
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A clustered role (group) and the node that owns it."""

    name: str
    owner: str
    state: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class SqlResource:
    """The resource of an availability group or instance, with its time-outs; None: not said."""

    name: str
    type: str
    group: str = ""
    state: str = ""
    lease_timeout: timedelta | None = None
    health_check_timeout: timedelta | None = None
    failure_condition_level: int | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the cluster."""

    name: str
    state: str = ""
    role: str = ""
    address: str = ""
    mask: str = ""


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What a cluster said about itself; empty where nothing was to be had."""

    name: str
    os: str | None = None
    nodes: tuple[NodeState, ...] = ()
    properties: Mapping[str, int] = field(default_factory=dict)
    """Every cluster common property that was read, also those no verdict needs."""
    roles: tuple[Role, ...] = ()
    resources: tuple[SqlResource, ...] = ()
    networks: tuple[Network, ...] = ()

    @property
    def hosts(self) -> dict[str, str]:
        """Where to reach each node, by its name."""
        return {node.name: node.host for node in self.nodes}

    def configuration(self, vms: Mapping[str, str]) -> tuple[Configuration, tuple[Gap, ...]]:
        """Give what a cluster.json would say, read by its reader. `vms`: node to VM, as told."""
        told = {same(node): vm for node, vm in vms.items()}
        sheet = {
            "name": self.name,
            "os": self.os,
            "nodes": [{"name": node.name, "vm": find(told, node.name)} for node in self.nodes],
            "properties": dict(self.properties),
            "availability_groups": [
                {
                    "name": resource.name,
                    "lease_timeout_ms": _ms(resource.lease_timeout),
                    "health_check_timeout_ms": _ms(resource.health_check_timeout),
                }
                for resource in self.resources
                if resource.type == GROUP
            ],
        }
        return read_configuration(json.dumps(sheet).encode())


def read_cluster(answer: Any) -> ClusterState:  # noqa: ANN401  JSON is anything
    """Read what cluster.ps1 answered; what is missing or of a wrong type stays empty."""
    row = _row(answer)
    values = row.fields.get("properties")
    numbers = Row(values) if isinstance(values, dict) else Row({})
    return ClusterState(
        name=row.text("name") or "",
        os=row.text("os"),
        nodes=tuple(_node(node) for node in _rows(row, "nodes") if node.text("name")),
        properties={
            name: number for name in numbers.fields if (number := numbers.number(name)) is not None
        },
    )


def read_roles(answer: Any) -> ClusterState:  # noqa: ANN401  the same
    """Read what roles.ps1 answered: a state with roles, resources and networks only."""
    row = _row(answer)
    return ClusterState(
        name="",
        roles=tuple(
            Role(_text(g, "name"), _text(g, "owner"), _text(g, "state"), _text(g, "type"))
            for g in _rows(row, "groups")
        ),
        resources=tuple(_resource(resource) for resource in _rows(row, "resources")),
        networks=tuple(
            Network(*(_text(n, key) for key in ("name", "state", "role", "address", "mask")))
            for n in _rows(row, "networks")
        ),
    )


def _node(row: Row) -> NodeState:
    name, listed = _text(row, "name"), row.fields.get("addresses")
    addresses = tuple(a for a in listed if isinstance(a, str)) if isinstance(listed, list) else ()
    return NodeState(
        name, name, _text(row, "state"), _text(row, "drain"), _text(row, "version"), addresses
    )


def _resource(row: Row) -> SqlResource:
    given = row.fields.get("parameters")
    values = Row(given) if isinstance(given, dict) else Row({})
    lease, health = values.number("LeaseTimeout"), values.number("HealthCheckTimeout")
    return SqlResource(
        _text(row, "name"),
        _text(row, "type"),
        _text(row, "group"),
        _text(row, "state"),
        _span(lease),
        _span(health),
        values.number("FailureConditionLevel"),
    )


def _span(milliseconds: int | None) -> timedelta | None:
    """Give a DWORD of milliseconds as a duration; None where there is none."""
    if milliseconds is None or not 0 <= milliseconds < 2**32:
        return None
    return timedelta(milliseconds=milliseconds)


def _ms(span: timedelta | None) -> int | None:
    return None if span is None else span // timedelta(milliseconds=1)


def _row(answer: object) -> Row:
    return Row(answer) if isinstance(answer, dict) else Row({})


def _rows(row: Row, name: str) -> list[Row]:
    listed = row.fields.get(name)
    return [Row(r) for r in listed if isinstance(r, dict)] if isinstance(listed, list) else []


def _text(row: Row, name: str) -> str:
    return row.text(name) or ""

"""The raw material of one incident, the same from a folder as from live systems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sources.raw import RawFile
from verdict.cluster import AvailabilityGroup
from verdict.facts import Gap


@dataclass(frozen=True, slots=True)
class Incident:
    """What incident.toml says: which failover, who is who, whose clock is off by how much.

    Names are spelt as they were found. `collected` holds, for each source, the interval in UTC
    that was asked for; for `vmware` its end is the moment the current vmware.log was read.
    """

    cluster: str | None = None
    at: datetime | None = None
    nodes: Mapping[str, str] = field(default_factory=dict)
    """Node name to VM name."""
    clocks: Mapping[str, timedelta] = field(default_factory=dict)
    """How far each clock runs ahead of UTC; absent means not measured."""
    utc_offset: Mapping[str, timedelta] = field(default_factory=dict)
    """Local time minus UTC of each node, for files in local time."""
    collected: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What cluster.json says about the cluster; the defaults say nothing."""

    name: str | None = None
    os: str | None = None
    nodes: Mapping[str, str | None] = field(default_factory=dict)
    """Node name to VM name, None where the file does not name one."""
    properties: Mapping[str, int] = field(default_factory=dict)
    groups: tuple[AvailabilityGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class VCenterAnswers:
    """What vCenter answered, as JSON; None where it was not asked or could not be read."""

    inventory: bytes | None = None
    tasks: bytes | None = None
    events: bytes | None = None


@dataclass(frozen=True, slots=True)
class VeeamAnswers:
    """What Veeam's REST API answered, as JSON; `logs` by the id of the task session."""

    sessions: bytes | None = None
    task_sessions: bytes | None = None
    logs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Material:
    """The raw material of one incident: files and answers as they came, nothing judged.

    `label` tells a person where it came from: the path of the bundle, say. `gaps` are what was
    there and could not be taken in.
    """

    label: str
    incident: Incident = field(default_factory=Incident)
    cluster: Configuration = field(default_factory=Configuration)
    nodes: Mapping[str, tuple[RawFile, ...]] = field(default_factory=dict)
    vms: Mapping[str, tuple[RawFile, ...]] = field(default_factory=dict)
    vcenter: VCenterAnswers = field(default_factory=VCenterAnswers)
    veeam: VeeamAnswers = field(default_factory=VeeamAnswers)
    gaps: tuple[Gap, ...] = ()

"""What one live source answered in time: the same raw material that a bundle holds as files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sources.material import Configuration, VCenterAnswers, VeeamAnswers
from sources.raw import RawFile
from verdict.facts import Gap


@dataclass(frozen=True, slots=True)
class Pulled:
    """A part of a Material. What could not be had is a gap; what was not asked for is empty.

    `nodes` and `vms` are RawFiles by node and by VM, named as in a bundle (System.xml,
    cluster.log, vmware.log, vmware-7.log). `clocks` are measured against ours, round trip
    halved: positive means ahead of UTC. `collected` is the interval each source was really asked
    for, in UTC, under the keys of incident.toml: vcenter, veeam, vmware.
    """

    cluster: Configuration = field(default_factory=Configuration)
    nodes: Mapping[str, tuple[RawFile, ...]] = field(default_factory=dict)
    vms: Mapping[str, tuple[RawFile, ...]] = field(default_factory=dict)
    vcenter: VCenterAnswers = field(default_factory=VCenterAnswers)
    veeam: VeeamAnswers = field(default_factory=VeeamAnswers)
    clocks: Mapping[str, timedelta] = field(default_factory=dict)
    collected: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

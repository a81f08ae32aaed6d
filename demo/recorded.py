"""Where the demo's evidence comes from: incidents that were recorded, as if they happened now."""

import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo.cast import cast
from demo.quiet import quiet, stamp
from demo.shift import shifted, whole
from demo.site import home
from demo.values import RecordedValues
from sources.bundle import read_bundle
from sources.errors import UserError
from sources.material import Incident, Material, VCenterAnswers, VeeamAnswers
from sources.names import same
from sources.pull import Request, Told
from sources.raw import RawFile
from verdict.facts import Gap

ROUNDED = timedelta(seconds=1)
"""A request may name a failover's moment a little too early: rounded, or as it was judged."""

MOST = 20
"""Happenings of one cluster that are kept; the window of a request holds fewer."""

STORY = "story.toml"

PAUSES = {"cluster": 0.4, "nodes": 0.7, "vcenter": 0.5, "veeam": 0.6}
"""Seconds that each takes at a pace of 1, one after the other."""

AGAIN = "Check again later."
UNREADABLE = "the account may not read the datastore of this VM"
RIGHTS = "Give it Datastore.Browse and Datastore.FileManagement there: docs/permissions.md."


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Happening:
    """A recorded incident whose failover is at `at`, UTC; `anchor` is when it really was."""

    material: Material
    anchor: datetime
    at: datetime

    def now(self) -> Material:
        """Give the material moved to its time. Raises OSError."""
        return shifted(self.material, whole(self.at - self.anchor))


@dataclass(slots=True)
class Recorded:
    """A pull (as `sources.pull.pull`) of clusters to which recorded incidents happen.

    A recording is whole: it also holds the hour after the failover, which a live pull would see
    only later. But no vmware.log goes beyond `now`, and nothing is called complete beyond it.
    Safe to share between threads.
    """

    pace: float = 1.0
    """How slow the sources are: 0 answers at once, 1 within two and a half seconds."""
    now: Callable[[], datetime] = _now
    values: RecordedValues | None = None
    """What was set on the clusters since they were recorded; None for nothing."""
    _happened: dict[str, list[Happening]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def happen(self, cluster: str, bundle: Path, at: datetime) -> None:
        """Let a recorded incident happen to a cluster of the demo, its failover at `at` (UTC).

        Raises UserError where the cluster is none of the demo's or the bundle is none of a like
        one, OSError.
        """
        names = home(cluster).names
        recorded = read_bundle(bundle)
        anchor = _anchor(bundle, recorded)
        happening = Happening(cast(recorded, names), anchor, at)
        with self._lock:
            known = self._happened.setdefault(same(names.cluster), [])
            known.append(happening)
            del known[:-MOST]

    def __call__(self, request: Request, told: Told) -> Material:
        """Give what a pull would find. What fails is a gap; never raises for it."""
        try:
            material = self._set(self._material(request), request)
        except UserError as error:
            material = _nothing(request, error.message)
        except OSError as error:
            material = _nothing(request, f"the recording cannot be read: {error.strerror}")
        material = _asked_for(material, request)
        self._tell(request, told, material)
        return material

    def _material(self, request: Request) -> Material:
        found = self._nearest(request)
        if found is None:
            return quiet(home(request.cluster.name), request.window)
        material = found.now()
        limit = self.now()
        spans = material.incident.collected.items()
        collected = {
            name: (start, min(end, limit)) for name, (start, end) in spans if start < limit
        }
        collected["vmware"] = (min(request.window.start, limit), limit)
        return replace(
            material,
            label=request.cluster.name,
            incident=replace(material.incident, at=request.at, collected=collected),
            vms=dict(_written(material.vms, limit)),
        )

    def _set(self, material: Material, request: Request) -> Material:
        """Put the values that were set by now over the recorded ones, as a node tells them."""
        if self.values is None:
            return material
        stand = self.values.set_by(request.cluster.name, self.now())
        properties = {**material.cluster.properties, **stand}
        return replace(material, cluster=replace(material.cluster, properties=properties))

    def _nearest(self, request: Request) -> Happening | None:
        """Choose the last failover before the request, or else the first one after it."""
        start, end = request.at - request.before, request.at + request.after
        with self._lock:
            known = tuple(self._happened.get(same(request.cluster.name), ()))
        inside = sorted((h for h in known if start <= h.at <= end + ROUNDED), key=lambda h: h.at)
        before = [h for h in inside if h.at <= request.at + ROUNDED]
        return before[-1] if before else next(iter(inside), None)

    def _tell(self, request: Request, told: Told, material: Material) -> None:
        """Tell of each source that it was asked and answered, as a pull does, in its time."""
        vcenters = [("vcenter", access.name) for access in request.site.vcenters]
        veeams = [("veeam", access.name) for access in request.site.veeams]
        silent = "vcenter" if material.vcenter == VCenterAnswers() else ""
        told("winrm", request.cluster.name, "asked")
        self._pause("cluster")
        told("winrm", request.cluster.name, "answered")
        asked = [("winrm", "nodes"), *vcenters, *veeams]
        for source, name in asked:
            told(source, name, "asked")
        for source, name in asked:
            self._pause("nodes" if source == "winrm" else source)
            told(source, name, "late" if source == silent else "answered")

    def _pause(self, what: str) -> None:
        if self.pace > 0:
            time.sleep(self.pace * PAUSES[what])


def _written(
    vms: Mapping[str, tuple[RawFile, ...]], limit: datetime
) -> Iterator[tuple[str, tuple[RawFile, ...]]]:
    """Leave out what is not written yet: a log covers the time up to its last line."""
    last = stamp(limit).encode()
    for vm, files in vms.items():
        kept = []
        for file in files:
            with file.open() as stream:
                lines = [line for line in stream if line[: len(last)] <= last]
            if lines:
                kept.append(RawFile.in_memory(file.name, b"".join(lines)))
        if kept:
            yield vm, tuple(kept)


def _anchor(bundle: Path, material: Material) -> datetime:
    """Say when the recorded failover was: to the millisecond where its story tells."""
    story = bundle / STORY
    if story.is_file():
        first: datetime = tomllib.loads(story.read_text("utf-8"))["incidents"][0]["at"]
        return first
    if material.incident.at is None:
        raise UserError(f"{bundle.name} names no moment.", "Name it in incident.toml.")
    return material.incident.at


def _nothing(request: Request, why: str) -> Material:
    name = request.cluster.name
    lost = Gap("winrm", name, why, "Choose a story of the demo.")
    return Material(name, Incident(name, request.at), gaps=(lost,))


def _asked_for(material: Material, request: Request) -> Material:
    """Leave out systems that were not asked, and tell of those that gave no answer."""
    if not request.site.vcenters:
        material = replace(material, vms={}, vcenter=VCenterAnswers())
    if not request.site.veeams:
        material = replace(material, veeam=VeeamAnswers())
    return replace(material, gaps=(*material.gaps, *_unanswered(material, request)))


def _unanswered(material: Material, request: Request) -> Iterator[Gap]:
    """Tell of a vCenter that was silent, or that let nobody read a vmware.log."""
    for access in request.site.vcenters:
        if material.vcenter == VCenterAnswers():
            why = f"it did not answer within {request.whole:.0f} s"
            yield Gap("vcenter", access.name, why, AGAIN)
        elif not material.vms:
            for vm in material.incident.nodes.values():
                yield Gap("vmware.log", vm, UNREADABLE, RIGHTS)

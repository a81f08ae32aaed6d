"""A pile of files that becomes the material of one incident, each file in its place."""

import re
from dataclasses import dataclass, field
from pathlib import PurePath

from sources.bundle.configuration import read_configuration
from sources.bundle.folder import READABLE, Found
from sources.bundle.incident import read_incident
from sources.bundle.recognise import (
    NODE_KINDS,
    FileKind,
    display_name_of,
    head_of,
    kind_of_head,
    kind_of_json,
    kind_of_name,
    owner_of,
)
from sources.material import Configuration, Incident, Material, VCenterAnswers, VeeamAnswers
from sources.names import same, short
from sources.raw import RawFile
from verdict.facts import Gap

MIB = 1 << 20
TOML_LIMIT = MIB
"""An incident.toml is written by hand; Python's TOML reader takes seconds for a few MB."""
XML_LIMIT = 512 * MIB
"""More than the largest event log anybody exports for one incident."""
JSON_LIMIT = 64 * MIB
"""A day of a large vCenter's tasks is some 10 MB; all logs of Veeam's tasks share one limit."""

PLACES = {
    ("incident.toml",): FileKind.INCIDENT,
    ("cluster.json",): FileKind.CLUSTER,
    ("vcenter", "inventory.json"): FileKind.INVENTORY,
    ("vcenter", "tasks.json"): FileKind.TASKS,
    ("vcenter", "events.json"): FileKind.EVENTS,
    ("veeam", "sessions.json"): FileKind.SESSIONS,
    ("veeam", "task_sessions.json"): FileKind.TASK_SESSIONS,
}
"""Files that are known by where they lie."""

SUBJECTS = {
    FileKind.INCIDENT: ("incident.toml", "incident.toml"),
    FileKind.CLUSTER: ("cluster.json", "cluster.json"),
    FileKind.INVENTORY: ("vcenter", "inventory"),
    FileKind.TASKS: ("vcenter", "tasks"),
    FileKind.EVENTS: ("vcenter", "events"),
    FileKind.SESSIONS: ("veeam", "sessions"),
    FileKind.TASK_SESSIONS: ("veeam", "task sessions"),
    FileKind.TASK_LOG: ("veeam", "task logs"),
}
"""Source and subject of the gap when such a file cannot be used."""

VM_CLUTTER = re.compile(
    r".*\.(vmx|vmxf|vmsd|vmsn|vmss|vmdk|vmem|vswp|nvram|hlog|lck|scoreboard|png)"
)
"""What else lies in a VM's folder on a datastore."""
NOTES = frozenset({".toml", ".md", ".rst", ".png", ".jpg", ".pdf", ".docx"})
"""What people lay beside the files; a TOML that is not recognised is no incident.toml."""
PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")


OWN_NAME = re.compile(r"[-_. ]*vmware(-\d+)?$", re.IGNORECASE)


@dataclass(slots=True)
class Pile:
    """Files of one incident, sorted as they come: those with a place first, the loose ones last."""

    label: str
    gaps: list[Gap] = field(default_factory=list)
    answers: dict[FileKind, bytes] = field(default_factory=dict)
    task_logs: dict[str, bytes] = field(default_factory=dict)
    nodes: dict[str, tuple[str, list[RawFile]]] = field(default_factory=dict)
    vms: dict[str, tuple[str, list[RawFile]]] = field(default_factory=dict)
    loose: list[Found] = field(default_factory=list)
    loose_logs: dict[Found, str] = field(default_factory=dict)
    """Every loose vmware.log with the name of the VM that stands in it, if one does."""

    @property
    def empty(self) -> bool:
        """Whether nothing usable was found."""
        return not (self.answers or self.task_logs or self.nodes or self.vms)

    def add(self, found: Found) -> None:
        """Put a file in its place; one without a place waits for `sort`."""
        folded = tuple(part.casefold() for part in found.parts)
        kind = kind_of_name(folded[-1])
        match folded:
            case _ if folded in PLACES:
                self._answer(PLACES[folded], found)
            case ("veeam", "logs", _):
                self._answer(FileKind.TASK_LOG, found)
            case ("nodes", _, *_, _) if kind in NODE_KINDS:
                self._node(found.parts[1], kind, found)
            case ("vms", _, *_, _) if kind is FileKind.VMWARE_LOG:
                self._vm(found.parts[1], found)
            case ("vms", _, *_, _) if VM_CLUTTER.fullmatch(folded[-1]):
                pass
            case _:
                self.loose.append(found)

    def sort(self) -> None:
        """Recognise the loose files by what they hold."""
        for found in self.loose:
            try:
                self._recognise(found)
            except OSError as error:
                self._refuse(found, f"it cannot be read: {error.strerror}")
        for found in self.loose_logs:
            self._vm(_vm_name(found, self.loose_logs), found)
        self.loose, self.loose_logs = [], {}

    def material(self) -> Material:
        """Give everything that was added and sorted."""
        incident, sheet = Incident(), Configuration()
        gaps = tuple(self.gaps)
        if FileKind.INCIDENT in self.answers:
            incident, wrong = read_incident(self.answers[FileKind.INCIDENT])
            gaps += wrong
        if FileKind.CLUSTER in self.answers:
            sheet, wrong = read_configuration(self.answers[FileKind.CLUSTER])
            gaps += wrong
        return Material(
            label=self.label,
            incident=incident,
            cluster=sheet,
            nodes=_spelt(self.nodes),
            vms=_spelt(self.vms),
            vcenter=VCenterAnswers(
                inventory=self.answers.get(FileKind.INVENTORY),
                tasks=self.answers.get(FileKind.TASKS),
                events=self.answers.get(FileKind.EVENTS),
            ),
            veeam=VeeamAnswers(
                sessions=self.answers.get(FileKind.SESSIONS),
                task_sessions=self.answers.get(FileKind.TASK_SESSIONS),
                logs=self.task_logs,
            ),
            gaps=gaps,
        )

    def _recognise(self, found: Found) -> None:
        head = head_of(found.file)
        kind = kind_of_name(found.parts[-1])
        kind = kind_of_head(head) if kind is FileKind.UNKNOWN else kind
        if kind is FileKind.JSON:
            if found.file.size > JSON_LIMIT:
                self._refuse(found, f"it is larger than {JSON_LIMIT // MIB} MiB, so it is not read")
                return
            with found.file.open() as stream:
                kind = kind_of_json(stream.read(JSON_LIMIT))
        top, folder = _folder(found)
        if kind in NODE_KINDS:
            owner = folder if top == "nodes" else owner_of(found.file, kind)
            self._node(owner or folder or PurePath(found.parts[-1]).stem, kind, found)
        elif kind is FileKind.VMWARE_LOG and top == "vms":
            self._vm(folder, found)
        elif kind is FileKind.VMWARE_LOG:
            self.loose_logs[found] = display_name_of(found.file)
        elif kind in SUBJECTS:
            self._answer(kind, found)
        elif PurePath(found.parts[-1].casefold()).suffix not in NOTES:
            packed = head.startswith(PACKED)
            why = "it is packed" if packed else "nothing known here begins like it"
            self._refuse(found, f"{why}, so it is not used", "unpack it" if packed else None)

    def _node(self, node: str, kind: FileKind, found: Found) -> None:
        if kind is FileKind.EVENTS_XML and found.file.size > XML_LIMIT:
            self._refuse(
                found,
                f"it is larger than {XML_LIMIT // MIB} MiB, so it is not read",
                "export the hours around the failover only: wevtutil qe LOG /q:... /f:xml",
            )
            return
        self.nodes.setdefault(same(node), (short(node), []))[1].append(found.file)

    def _vm(self, vm: str, found: Found) -> None:
        self.vms.setdefault(vm.casefold(), (vm, []))[1].append(found.file)

    def _answer(self, kind: FileKind, found: Found) -> None:
        """Read a small file whole; what cannot be is a gap of its source, so no coverage."""
        source, subject = SUBJECTS[kind]
        limit = TOML_LIMIT if kind is FileKind.INCIDENT else JSON_LIMIT
        limit -= sum(map(len, self.task_logs.values())) if kind is FileKind.TASK_LOG else 0
        try:
            with found.file.open() as stream:
                data = stream.read(limit + 1) if found.file.size <= limit else b""
        except OSError as error:
            self.gaps.append(Gap(source, subject, f"{found.place}: {error.strerror}", READABLE))
            return
        if found.file.size > limit or len(data) > limit:
            why = f"{found.place} is larger than {limit // MIB} MiB, so it is not read"
            self.gaps.append(Gap(source, subject, why, "collect a shorter time"))
        elif kind is FileKind.TASK_LOG:
            self.task_logs[PurePath(found.parts[-1]).stem] = data
        elif kind in self.answers:
            why = f"{found.place} is a second {subject} file, and only the first is used"
            self.gaps.append(Gap(source, subject, why, "put everything into one file"))
        else:
            self.answers[kind] = data

    def _refuse(self, found: Found, why: str, remedy: str | None = None) -> None:
        self.gaps.append(Gap("bundle", found.place, why, remedy))


def _folder(found: Found) -> tuple[str, str]:
    """Give the top folder in lower case, and the folder a file lies in."""
    *folders, _ = found.parts
    top = folders[0].casefold() if len(folders) > 1 else ""
    return top, folders[1 if top in ("nodes", "vms") else -1] if folders else ""


def _vm_name(found: Found, names: dict[Found, str]) -> str:
    """Name the VM of a loose vmware.log.

    The log's own settings know it best; a rotated log may lack them and shares its folder with
    one that does not; a renamed log may carry the name; else the folder is the VM's.
    """
    stem = OWN_NAME.sub("", PurePath(found.parts[-1]).stem)
    near = {name for other, name in names.items() if other.parts[:-1] == found.parts[:-1] and name}
    only = next(iter(near)) if len(near) == 1 else ""
    return names[found] or stem or only or _folder(found)[1] or found.parts[-1]


def _spelt(piles: dict[str, tuple[str, list[RawFile]]]) -> dict[str, tuple[RawFile, ...]]:
    return {name: tuple(files) for name, files in piles.values()}

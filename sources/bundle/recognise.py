"""What a file is: by its name where the name says, else by how it begins."""

import re
from collections.abc import Mapping
from enum import StrEnum

from sources.json_rows import UnreadableError, load
from sources.names import short
from sources.raw import RawFile
from sources.text import decode

HEAD = 256 * 1024
"""Bytes that are looked at: a vmware.log prints its settings in the first 100 KB or so."""


class FileKind(StrEnum):
    """The kinds of file that a bundle may hold."""

    INCIDENT = "incident.toml"
    CLUSTER = "cluster.json"
    EVTX = "Windows event file"
    EVENTS_XML = "Windows events as XML"
    CLUSTER_LOG = "cluster.log"
    ERRORLOG = "SQL Server ERRORLOG"
    VMWARE_LOG = "vmware.log"
    INVENTORY = "inventory.json"
    TASKS = "tasks.json"
    EVENTS = "events.json"
    SESSIONS = "sessions.json"
    TASK_SESSIONS = "task_sessions.json"
    TASK_LOG = "log of a Veeam task session"
    JSON = "JSON"
    UNKNOWN = "unknown"


NODE_KINDS = frozenset(
    {FileKind.EVTX, FileKind.EVENTS_XML, FileKind.CLUSTER_LOG, FileKind.ERRORLOG}
)
"""What a node's folder holds."""

NAMES = (
    (FileKind.EVTX, re.compile(r".*\.evtx")),
    (FileKind.EVENTS_XML, re.compile(r".*\.xml")),
    # Get-ClusterLog -Destination writes NODE_cluster.log
    (FileKind.CLUSTER_LOG, re.compile(r"(.*[_.-])?cluster\.log")),
    (FileKind.ERRORLOG, re.compile(r"errorlog([._-].*)?")),
    (FileKind.VMWARE_LOG, re.compile(r"vmware(-\d+)?\.log")),
    (FileKind.INCIDENT, re.compile(r"incident\.toml")),
    (FileKind.CLUSTER, re.compile(r"cluster\.json")),
)

SHAPES = (
    (FileKind.EVENTS_XML, re.compile(r"<Events?[\s>]|win/2004/08/events/event")),
    (
        FileKind.CLUSTER_LOG,
        re.compile(r"^(?:\[\w+\] )?[0-9a-f]{8}\.[0-9a-f]{8}::\d{4}/\d\d/\d\d-", re.MULTILINE),
    ),
    (
        FileKind.ERRORLOG,
        re.compile(
            r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{2,3} +(?:spid\d+\w?|Server|Logon|Backup)\b",
            re.MULTILINE,
        ),
    ),
    (  # a new header has the level in brackets behind the stamp, an old one a bar
        FileKind.VMWARE_LOG,
        re.compile(
            r"^\S+Z [A-Z][a-z]\(\d\d\) \S+ \S+ |^(?:[^|\n]{10,40}\| )?(?:vmx|vcpu-\d+|mks|svga)\| ",
            re.MULTILINE,
        ),
    ),
    (
        FileKind.INCIDENT,
        re.compile(r"^\s*\[(?:failover|nodes|clocks|utc_offset|collected)\]", re.MULTILINE),
    ),
    (FileKind.JSON, re.compile(r"\s*[\[{]")),
)

KEYS = (  # of the first row; in this order, because a task session has the keys of a session too
    (FileKind.TASKS, {"descriptionId"}),
    (FileKind.TASKS, {"queueTime"}),
    (FileKind.EVENTS, {"eventTypeId"}),
    (FileKind.INVENTORY, {"moref"}),
    (FileKind.INVENTORY, {"guest_host_name"}),
    (FileKind.TASK_SESSIONS, {"sessionId", "name"}),
    (FileKind.SESSIONS, {"sessionType", "creationTime"}),
    (FileKind.TASK_LOG, {"title", "startTime"}),
)

OWNERS = (
    re.compile(r"<Computer>\s*([^<\s]+)\s*</Computer>"),
    re.compile(r"Current node: *([\w.-]+)"),
    # a clustered instance prints the virtual name as its server name, so the node's goes first
    re.compile(r"local node that is running the server is '([^'\\]+)"),
    re.compile(r"Server name is '([^'\\]+)"),
)
DISPLAY_NAME = re.compile(r'\bdisplayName = "([^"\n]+)"')


def recognise(file: RawFile) -> FileKind:
    """Say what a file is; of JSON only that it is JSON. Raises OSError."""
    by_name = kind_of_name(file.name)
    return kind_of_head(head_of(file)) if by_name is FileKind.UNKNOWN else by_name


def kind_of_name(name: str) -> FileKind:
    """Say what a file is by its name alone."""
    found = (kind for kind, shape in NAMES if shape.fullmatch(name.casefold()))
    return next(found, FileKind.UNKNOWN)


def head_of(file: RawFile) -> bytes:
    """Read the beginning of a file. Raises OSError."""
    with file.open() as stream:
        return stream.read(HEAD)


def kind_of_head(head: bytes) -> FileKind:
    """Say what a file is by how it begins."""
    if head.startswith(b"ElfFile\x00"):
        return FileKind.EVTX
    text = text_of(head)
    for kind, shape in SHAPES:
        if shape.match(text) if kind is FileKind.JSON else shape.search(text):
            return kind
    return FileKind.UNKNOWN


def text_of(head: bytes) -> str:
    """Decode a beginning; one that was cut loses its last line, which may be half a letter."""
    end = head.rfind(b"\n") + 1 if len(head) == HEAD else 0
    return decode(head[:end] if end else head)


def kind_of_json(data: bytes) -> FileKind:
    """Say which JSON file this is by the keys of its first row; unreadable JSON is UNKNOWN."""
    try:
        sheet = load(data)
    except UnreadableError:
        return FileKind.UNKNOWN
    if isinstance(sheet, dict):
        if sheet.keys() & {"properties", "availability_groups", "nodes"}:
            return FileKind.CLUSTER
        sheet = sheet.get("data", sheet.get("records"))
    row = sheet[0] if isinstance(sheet, list) and sheet else None
    if not isinstance(row, Mapping):
        return FileKind.UNKNOWN
    found = (kind for kind, keys in KEYS if keys <= row.keys())
    return next(found, FileKind.UNKNOWN)


def owner_of(file: RawFile, kind: FileKind) -> str:
    """Name the node that wrote a log, short, or give the empty string. Raises OSError."""
    text = _first_event(file) if kind is FileKind.EVTX else text_of(head_of(file))
    found = (match[1] for shape in OWNERS if (match := shape.search(text)))
    return short(next(found, ""))


def display_name_of(file: RawFile) -> str:
    """Name the VM by the settings a vmware.log prints at power-on, or give "". Raises OSError."""
    match = DISPLAY_NAME.search(text_of(head_of(file)))
    return match[1].strip() if match else ""


def _first_event(file: RawFile) -> str:
    """Give the first readable event of an .evtx as XML, or the empty string. Raises OSError."""
    from evtx import PyEvtxParser  # noqa: PLC0415  only needed for a loose event file

    with file.open() as stream:
        try:
            record = next(iter(PyEvtxParser(stream, 1).records()), None)
        except (RuntimeError, OSError, ValueError):
            return ""
    return str(record["data"]) if record else ""

"""What people have after an incident, written down as the files of a bundle.

Times are strings as the files carry them: ISO 8601, in UTC unless a story says otherwise.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from sources.bundle import read_bundle
from sources.gather import gather
from verdict.judge import judge
from verdict.verdict import Verdict

CLUSTERING = "Microsoft-Windows-FailoverClustering"
KERNEL, POWER = "Microsoft-Windows-Kernel-General", "Microsoft-Windows-Kernel-Power"
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"

Files = Mapping[str, str | bytes]


def event(
    at: str, node: str, number: int, *data: str,
    provider: str = CLUSTERING, channel: str = "System", names: tuple[str, ...] = (),
    after: str = "",
) -> str:  # fmt: skip
    """Write one event as wevtutil prints it; `after` is what follows its data."""
    given = zip(names or ("",) * len(data), data, strict=True)
    body = "".join(
        f"<Data{f' Name={quoteattr(name)}' if name else ''}>{escape(value)}</Data>"
        for name, value in given
    )
    return (
        f"<Event xmlns='{NAMESPACE}'><System><Provider Name='{provider}'/>"
        f"<EventID>{number}</EventID><Version>0</Version><Level>2</Level>"
        f"<TimeCreated SystemTime='{at}'/><EventRecordID>{_record(at)}</EventRecordID>"
        f"<Channel>{channel}</Channel><Computer>{node}</Computer></System>"
        f"<EventData>{body}</EventData>{after}</Event>\n"
    )


def _record(at: str) -> int:
    """Number records by their time, so that the order of writing does not matter."""
    return round(datetime.fromisoformat(at).timestamp() * 1000) % 10**9


def removed(at: str, by: str, lost: str) -> str:
    """Event 1135: `by` removed `lost`."""
    return event(at, by, 1135, lost, names=("NodeName",))


def no_quorum(at: str, node: str) -> str:
    """Event 1177: the node found itself alone."""
    return event(at, node, 1177)


def cluster(
    *nodes: str, threshold: int | None = 10, delay: int = 1000, windows: str = "2016",
    groups: tuple[str, ...] = (),
) -> str:  # fmt: skip
    """Write a cluster.json; `delay` in ms, no threshold: nobody wrote the values down."""
    values = {"SameSubnetDelay": delay, "SameSubnetThreshold": threshold} if threshold else {}
    sheet = {
        "name": "CLUSTER", "os": windows, "properties": values,
        "nodes": [{"name": name, "vm": name} for name in nodes],
        "availability_groups": [{"name": name} for name in groups],
    }  # fmt: skip
    return json.dumps(sheet)


def task(vm: str, what: str, start: str, end: str, user: str = r"CORP\backup") -> dict[str, str]:
    """Write one of vCenter's tasks by its descriptionId."""
    return {
        "entity": "vm-1", "entityName": vm, "descriptionId": what, "userName": user,
        "queueTime": start, "startTime": start, "completeTime": end, "state": "success",
    }  # fmt: skip


def tasks(*rows: dict[str, str], start: str, end: str) -> dict[str, str]:
    """Give vCenter's tasks and say from when to when they were asked for."""
    return {
        "vcenter/tasks.json": json.dumps(rows),
        "incident.toml": f"[collected]\nvcenter = [{start}, {end}]\n",
    }


def log(*lines: str) -> str:
    """Write the lines of a log."""
    return "\n".join((*lines, ""))


def old(at: str, thread: str, text: str) -> str:
    """Write a line as ESXi printed it up to 7.x, with the level from 5.5 on in the text."""
    return f"{at}| {thread}| {text}"


def new(at: str, thread: str, text: str) -> str:
    """Write a line as ESXi 8 prints it."""
    return f"{at} In(05) {thread} - {text}"


def quiet(first: str, last: str, *lines: str) -> str:
    """Write a vmware.log that begins and ends with lines that tell nothing."""
    return log(old(first, "vmx", "I120: VigorTransport"), *lines, old(last, "vmx", "I120: Guest"))


def lay(folder: Path, files: Files) -> Path:
    """Write the files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def verdicts(folder: Path, files: Files) -> tuple[Verdict, ...]:
    """Judge every failover in the files."""
    return judge(gather(read_bundle(lay(folder, files)), datetime.now(UTC)))


def verdict(folder: Path, files: Files) -> Verdict:
    """Judge files that hold exactly one failover."""
    (only,) = verdicts(folder, files)
    return only


def ending(one: Verdict) -> tuple[str | None, str, str, str, str | None]:
    """Give lost node, backup, cause, confidence and mechanism."""
    return (one.lost_node, one.backup.value, one.cause.value, one.confidence.value,
            one.mechanism.value if one.mechanism else None)  # fmt: skip

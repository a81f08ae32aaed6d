"""A cluster to which nothing happens: its configuration, and logs that tell of nothing."""

from dataclasses import replace
from datetime import datetime

from demo.site import Home
from sources.access import Window
from sources.material import Incident, Material, VCenterAnswers, VeeamAnswers
from sources.raw import RawFile

EVENT = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='Service Control Manager'/><EventID Qualifiers='16384'>7036</EventID>"
    "<Level>4</Level><Keywords>0x8080000000000000</Keywords>"
    "<TimeCreated SystemTime='{at}'/><EventRecordID>{record}</EventRecordID>"
    "<Channel>System</Channel><Computer>{node}.corp.example</Computer><Security/></System>"
    "<EventData><Data Name='param1'>Windows Modules Installer</Data>"
    "<Data Name='param2'>{state}</Data></EventData></Event>\n"
)
"""What every System log is full of: a service that started, one that stopped."""

LOG_LINE = "{at} In(05) vmx - Tools: State change 3 returned: tools status unchanged\n"


def quiet(home: Home, window: Window) -> Material:
    """Give what a pull finds where nothing happened. Raises UserError, OSError."""
    recorded = home.recorded()
    asked = (window.start, max(window.start, window.end))
    return Material(
        label=home.names.cluster,
        incident=replace(
            Incident(home.names.cluster),
            nodes=recorded.incident.nodes,
            clocks=recorded.incident.clocks,
            collected={"vcenter": asked, "veeam": asked},
        ),
        cluster=recorded.cluster,
        nodes={node: (_events(node, asked),) for node in home.names.nodes},
        vms={vm: (_log(asked),) for vm in home.names.vms} if home.logs else {},
        vcenter=VCenterAnswers(recorded.vcenter.inventory, b"[]", b"[]"),
        veeam=VeeamAnswers(b'{"data": []}', b'{"data": []}'),
    )


def stamp(at: datetime) -> str:
    """Write a moment in UTC as vmware.log, vCenter and Windows do, to the millisecond."""
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _events(node: str, span: tuple[datetime, datetime]) -> RawFile:
    states = zip(span, (41001, 41002), ("running", "stopped"), strict=True)
    lines = (
        EVENT.format(at=stamp(at), record=record, node=node, state=state)
        for at, record, state in states
    )
    return RawFile.in_memory("System.xml", "".join(lines).encode())


def _log(span: tuple[datetime, datetime]) -> RawFile:
    return RawFile.in_memory(
        "vmware.log", "".join(LOG_LINE.format(at=stamp(at)) for at in span).encode()
    )

"""Events as wevtutil prints them, for the tests of their readers."""

from xml.sax.saxutils import escape

from sources.findings import Findings
from sources.raw import RawFile
from sources.windows.event_signs import read_findings
from verdict.clock import Clock

CLUSTER = "Microsoft-Windows-FailoverClustering"
AT = "2026-03-01T02:14:10.6123456Z"
NS = "http://schemas.microsoft.com/win/2004/08/events/event"


def logged(  # noqa: PLR0913 - an event has that many parts
    provider: str,
    event_id: int,
    *data: str,
    at: str = AT,
    named: dict[str, str] | None = None,
    record: int = 1,
    channel: str = "System",
    computer: str = "SQL02.corp.local",
    binary: str = "",
) -> str:
    """Print one event on one line, the way `wevtutil qe LOG /f:xml` does."""
    values = "".join(f"<Data>{escape(value)}</Data>" for value in data)
    values += "".join(
        f"<Data Name='{name}'>{escape(value)}</Data>" for name, value in (named or {}).items()
    )
    values += f"<Binary>{binary.encode('utf-16-le').hex().upper()}</Binary>" if binary else ""
    return (
        f"<Event xmlns='{NS}'><System><Provider Name='{provider}' Guid='{{0}}'/>"
        f"<EventID Qualifiers='16384'>{event_id}</EventID><Version>0</Version><Level>2</Level>"
        f"<Task>1</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
        f"<TimeCreated SystemTime='{at}'/><EventRecordID>{record}</EventRecordID><Correlation/>"
        f"<Execution ProcessID='1792' ThreadID='4'/><Channel>{channel}</Channel>"
        f"<Computer>{computer}</Computer><Security/></System>"
        f"<EventData>{values}</EventData></Event>"
    )


def found(*events: str, node: str = "SQL02") -> Findings:
    """Read these events as the System log of a node whose clock is right."""
    return read_findings(
        RawFile.in_memory("System.xml", "\r\n".join(events).encode()), node, Clock(node)
    )

"""A Windows event and how wevtutil prints it as XML."""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

CLUSTERING = "Microsoft-Windows-FailoverClustering"
OPERATIONAL = "Microsoft-Windows-FailoverClustering/Operational"
AVAILABILITY = "Microsoft-Exchange-HighAvailability/Operational"
SCM = "Service Control Manager"
KERNEL = "Microsoft-Windows-Kernel-General"
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"

Pairs = tuple[tuple[str, str], ...]  # field name ("" for none) and value, in the order of %1, %2...


@dataclass(frozen=True, slots=True)
class Event:
    """One event at a true moment, before any clock stamped it."""

    at: datetime
    number: int
    provider: str
    channel: str
    data: Pairs = ()
    level: int = 4
    version: int = 0
    user_data: bool = False


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one node's export looks: quotes, digits of a second, named fields, a root element."""

    quote: str
    digits: int
    named: bool
    rooted: bool
    newest_first: bool
    encoding: str


def event_xml(event: Event, stamp: datetime, record: int, computer: str, how: Spelling) -> str:
    """Return one Event element, stamped in UTC by the node's clock."""
    q = how.quote
    digits = f"{stamp.microsecond:06d}000"[: how.digits]
    when = f"{stamp:%Y-%m-%dT%H:%M:%S}.{digits}Z"
    system = (
        f"<Provider Name={q}{escape(event.provider)}{q}/><EventID>{event.number}</EventID>"
        f"<Version>{event.version}</Version><Level>{event.level}</Level><Task>0</Task>"
        f"<Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
        f"<TimeCreated SystemTime={q}{when}{q}/><EventRecordID>{record}</EventRecordID>"
        f"<Correlation/><Execution ProcessID={q}2116{q} ThreadID={q}3412{q}/>"
        f"<Channel>{escape(event.channel)}</Channel><Computer>{computer}</Computer><Security/>"
    )
    return f"<Event xmlns={q}{NAMESPACE}{q}><System>{system}</System>{_payload(event, how)}</Event>"


def _payload(event: Event, how: Spelling) -> str:
    if event.user_data:
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in event.data)
        return f"<UserData><EventXML xmlns={how.quote}myNs{how.quote}>{inner}</EventXML></UserData>"
    if not event.data:
        return "<EventData></EventData>"
    keep = how.named or event.provider == KERNEL
    inner = "".join(
        f"<Data Name={quoteattr(name)}>{escape(value)}</Data>"
        if name and keep
        else f"<Data>{escape(value)}</Data>"
        for name, value in event.data
    )
    return f"<EventData>{inner}</EventData>"

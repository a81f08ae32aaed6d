"""One Windows event and how its XML is read."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""Outside of these a time stamp is taken as broken: FILETIME 0 prints as the year 1601."""

CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}));")
"""Characters that XML 1.0 forbids, bare or escaped: wevtutil prints them where a program logged
them. NUL is not among the bare ones: no program logs it, a hole in the file does."""

LEGAL = (
    range(0x9, 0xB),
    range(0xD, 0xE),
    range(0x20, 0xD800),
    range(0xE000, 0xFFFE),
    range(0x10000, 0x110000),
)
"""The Char production of XML 1.0."""

NAMELESS = frozenset({"Data", "string"})
"""Elements whose own name says nothing; the evtx package nests `string` in `Data`."""


class EventError(ValueError):
    """The text is no whole event."""


@dataclass(frozen=True, slots=True)
class WindowsEvent:
    """One event as Windows logged it, without any localised text.

    `time` is TimeCreated in UTC by the node's own clock, 100 ns digits cut to microseconds.
    `data` is what the message's %1, %2 stand for, in order, each with its name where it has one;
    a `Binary` element comes under that name and is no %n.
    """

    channel: str
    provider: str
    id: int
    version: int
    time: datetime
    record: int | None
    computer: str
    data: tuple[tuple[str | None, str], ...] = ()
    level: int = 0

    def at(self, position: int) -> str:
        """Give %1, %2, ... of the message; empty where there is none."""
        values = [value for name, value in self.data if name != "Binary"]
        return values[position - 1] if 0 < position <= len(values) else ""

    def named(self, name: str) -> str:
        """Give the value of this name; empty where there is none."""
        return next((value for known, value in self.data if known == name), "")


def event_time(stamp: str) -> datetime:
    """Read an ISO time as events write it, 0 to 9 digits of a second, UTC.

    Raises EventError for anything else and for years that cannot be.
    """
    try:
        time = datetime.fromisoformat(stamp.strip().replace("\u200e", "").removesuffix(" UTC"))
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise EventError(f"no time: {stamp[:40]!r}") from error
    if not EARLIEST <= time < LATEST:
        raise EventError(f"an impossible time: {stamp[:40]!r}")
    return time


def read_event(xml: str) -> WindowsEvent:
    """Read one `<Event>` element. Raises EventError where it is not one."""
    try:
        return _event(_element(xml))
    except EventError:
        legal = REFERENCE.sub(_legal, CONTROL.sub("\ufffd", xml))
        if legal == xml:
            raise
        return _event(_element(legal))


def _legal(reference: re.Match[str]) -> str:
    """Keep a character reference XML allows, replace any other."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if any(code in part for part in LEGAL) else "\ufffd"


def _element(xml: str) -> Element:
    try:
        return fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise EventError(str(error)) from error


def _event(root: Element) -> WindowsEvent:
    sections = {_local(child): child for child in root}
    if "System" not in sections:
        raise EventError("no System element")
    system = {_local(child): child for child in sections["System"]}
    text = {name: (child.text or "").strip() for name, child in system.items()}
    created = system.get("TimeCreated")
    provider = system.get("Provider")
    if created is None or provider is None:
        raise EventError("no Provider or TimeCreated")
    body = sections.get("EventData", sections.get("UserData"))
    return WindowsEvent(
        channel=text.get("Channel", ""),
        provider=provider.get("Name") or provider.get("EventSourceName") or "",
        id=_number(text.get("EventID", "")),
        version=_number(text.get("Version") or "0"),
        time=event_time(created.get("SystemTime", "")),
        record=_number(text["EventRecordID"]) if text.get("EventRecordID") else None,
        computer=text.get("Computer", ""),
        data=() if body is None else tuple(_data(body)),
        level=_number(text.get("Level") or "0"),
    )


def _data(body: Element) -> list[tuple[str | None, str]]:
    """Give every leaf in order: EventData/Data, UserData/EventXML/Name, Data/string."""
    values: list[tuple[str | None, str]] = []
    for element in body.iter():
        if len(element) or element is body:
            continue
        tag = _local(element)
        name = element.get("Name") or (None if tag in NAMELESS else tag)
        values.append((name, (element.text or "").strip()))
    return values


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(2**64))):
        raise EventError(f"no number: {text[:40]!r}")
    return int(text)

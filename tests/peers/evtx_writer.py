"""Writes small .evtx files, so that the real parser can be tested without a Windows machine.

After the public description of the format by libyal (github.com/libyal/libevtx, documentation):
a file header, one chunk, records of BinXML without templates.
"""

import struct
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
HEADER, CHUNK, RECORDS = 4096, 65536, 512
"""Sizes of file header and chunk, and where in a chunk its records begin."""
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
STRING = 1


def evtx(events: Sequence[str]) -> bytes:
    """Write the XML of a few events as an .evtx file of one chunk."""
    chunk = _chunk(events)
    head = struct.pack("<8sQQQIHHHH76x", b"ElfFile\0", 0, 0, len(events) + 1, 128, 1, 3, HEADER, 1)
    head += struct.pack("<II", 0, zlib.crc32(head))
    return head.ljust(HEADER, b"\0") + chunk


def _chunk(events: Sequence[str]) -> bytes:
    records, last = b"", RECORDS
    for number, xml in enumerate(events, 1):
        last = RECORDS + len(records)
        records += _record(number, xml, last)
    free = RECORDS + len(records)
    if free > CHUNK:
        raise ValueError("more events than one chunk holds")
    counts = (1, len(events), 1, len(events))
    head = struct.pack(
        "<8sQQQQIIII64x", b"ElfChnk\0", *counts, 128, last, free, zlib.crc32(records)
    )
    tables = bytes(RECORDS - 128)
    head += struct.pack("<II", 0, zlib.crc32(head + tables))
    return (head + tables + records).ljust(CHUNK, b"\0")


def _record(number: int, xml: str, offset: int) -> bytes:
    body = b"\x0f\x01\x01\x00" + _element(fromstring(xml), offset + 28) + b"\x00"
    size = 24 + len(body) + 4
    written = (datetime(2026, 3, 1, tzinfo=UTC) - FILETIME_EPOCH).total_seconds() * 10**7
    return struct.pack("<IIQQ", 0x2A2A, size, number, int(written)) + body + struct.pack("<I", size)


def _element(element: Element, offset: int) -> bytes:
    """Write an element at this offset of the chunk; names point at themselves."""
    tag = element.tag.rpartition("}")[2]
    given = dict(element.attrib) | ({"xmlns": NAMESPACE} if tag == "Event" else {})
    name = _name(tag, offset + 5)
    listed = _attributes(given, offset + 5 + len(name) + 4) if given else b""
    body = name + (struct.pack("<I", len(listed)) + listed if given else b"") + b"\x02"
    if element.text and element.text.strip():
        body += b"\x05" + _value(element.text)
    for child in element:
        body += _element(child, offset + 5 + len(body))
    body += b"\x04"
    return struct.pack("<BI", 0x41 if given else 0x01, len(body)) + body


def _attributes(given: dict[str, str], offset: int) -> bytes:
    written = b""
    for left, (key, value) in zip(range(len(given), 0, -1), given.items(), strict=True):
        written += b"\x46" if left > 1 else b"\x06"
        written += _name(key, offset + len(written)) + b"\x05" + _value(value)
    return written


def _name(name: str, offset: int) -> bytes:
    """Write a name where it is used: its own offset, no next one, hash, length, text, NUL."""
    code = 0
    for letter in name:
        code = (code * 65599 + ord(letter)) & 0xFFFFFFFF
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<IIHH", offset + 4, 0, code & 0xFFFF, len(name)) + text


def _value(text: str) -> bytes:
    return struct.pack("<BH", STRING, len(text)) + text.encode("utf-16-le")

"""A log file as it comes: plain, with a byte order mark, gzip or UTF-16."""

import codecs
import gzip
import io
from collections.abc import Callable
from typing import BinaryIO, cast

Fill = Callable[[memoryview], int]
"""Fills a view with the next bytes of a log; says how many there were, 0 at its end."""


def opened(file: BinaryIO) -> tuple[Fill, int]:
    """How to fill a view with the log's bytes, and how many there are (0: not known)."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(3)
    file.seek(len(codecs.BOM_UTF8) if head == codecs.BOM_UTF8 else 0)
    if head[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=file).readinto, 0
    if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return _utf16(file, "utf-16"), 0
    if head[1:2] == b"\0" != head[:1]:
        return _utf16(file, "utf-16-le"), 0
    # Every binary file of `io` has it; only the abstract BinaryIO does not say so.
    return cast("io.BufferedIOBase", file).readinto, size


def _utf16(file: BinaryIO, encoding: str) -> Fill:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def fill(view: memoryview) -> int:
        while raw := file.read(len(view) // 2):  # two bytes become three at most
            text = decoder.decode(raw).encode(errors="replace")
            if text:
                view[: len(text)] = text
                return len(text)
        return 0

    return fill

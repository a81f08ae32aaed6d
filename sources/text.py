"""Text out of bytes: which encoding it is, and the lines of a file however large or damaged."""

import codecs
from collections.abc import Iterable, Iterator
from functools import partial

from sources.raw import RawFile
from verdict.words import listing

CHUNK = 1 << 20
"""Bytes read at a time; with LONGEST_LINE it bounds the memory whatever the file's size."""

LONGEST_LINE = 1 << 16
"""Bytes of one line that are kept: 64 KiB, twice the longest message of an event log."""

HEAD = 4096
"""Bytes at the beginning that tell the encoding where there is no byte order mark."""

FEWEST_NULS = 4
"""One in so many bytes is NUL: UTF-16. Latin letters give one in two, Chinese text some."""

UTF8 = "utf-8"
LITTLE = "utf-16-le"
BIG = "utf-16-be"
_NUL = b"\0"
_MARKS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, LITTLE), (codecs.BOM_UTF16_BE, BIG))


def decode(data: bytes) -> str:
    """Decode a whole small file: by its mark, as UTF-16 by its NULs, as UTF-8, else as cp1252."""
    encoding, mark = sniff(data[:HEAD])
    body = data[mark:]
    return body.decode(encoding, "replace") if encoding != UTF8 else _eight_bit(body)


def sniff(head: bytes) -> tuple[str, int]:
    """Name the encoding that the first bytes of a file show, and the length of its mark.

    `utf-8` stands for every 8-bit text; what is not valid UTF-8 in it is read as cp1252.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    # In UTF-16 the zero byte of a Latin letter is always on the same side of it.
    even, odd = head[0::2].count(_NUL), head[1::2].count(_NUL)
    if odd * FEWEST_NULS > len(head) and odd > FEWEST_NULS * even:
        return LITTLE, 0
    if even * FEWEST_NULS > len(head) and even > FEWEST_NULS * odd:
        return BIG, 0
    return UTF8, 0


class Lines:
    """The lines of a file, read as a stream, and a count of what was wrong with them.

    Line ends are taken off. A line beyond LONGEST_LINE is cut; NUL bytes, which a power cut
    leaves, are taken out. Both count as damage: a reader that compares `damage` before and
    after a line knows that something is missing there. Iterating raises OSError.
    """

    def __init__(self, file: RawFile) -> None:
        self.file = file
        self.cut = 0
        self.nuls = 0

    @property
    def damage(self) -> int:
        """How many lines so far were cut or held NUL bytes."""
        return self.cut + self.nuls

    @property
    def trouble(self) -> str:
        """Say what was wrong, "3 lines held NUL bytes"; empty if nothing was."""
        told = [
            f"{count} line{'s' * (count > 1)} {what}"
            for count, what in ((self.nuls, "held NUL bytes"), (self.cut, "had to be cut"))
            if count
        ]
        return listing(told) if told else ""

    def __iter__(self) -> Iterator[str]:
        with self.file.open() as stream:
            head = stream.read(HEAD)
            encoding, mark = sniff(head)
            end = "\n".encode(encoding)
            tail = head[mark:]
            while chunk := stream.read(CHUNK):
                block, found, tail = (tail + chunk).rpartition(end)
                # A little more than is kept, so that the cut is seen when the line ends.
                tail = tail[: LONGEST_LINE + 2]
                if found:
                    yield from self._block(block, encoding)
            yield from self._block(tail, encoding)

    def _block(self, block: bytes, encoding: str) -> Iterable[str]:
        """Split a block of lines: all at once where it is plain, as most are, else one by one."""
        try:
            text = block.decode(encoding)
        except UnicodeDecodeError:
            text = "\0"
        if text.isascii() and "\0" not in text:
            lines = text.replace("\r\n", "\n").removesuffix("\r").split("\n")
            if max(map(len, lines)) * (1 if encoding == UTF8 else 2) <= LONGEST_LINE:
                return lines
        read = self._narrow if encoding == UTF8 else partial(self._wide, encoding)
        return (line for raw in block.split("\n".encode(encoding)) for line in read(raw))

    def _narrow(self, raw: bytes) -> tuple[str]:
        if _NUL in raw:
            self.nuls += 1
            raw = raw.replace(_NUL, b"")
        return (_eight_bit(self._short(raw)).rstrip("\r"),)

    def _wide(self, encoding: str, raw: bytes) -> Iterable[str]:
        if _NUL not in raw and _is_utf8(raw):
            # PowerShell 5 appends 8-bit text to a UTF-16 file (Add-Content after Out-File).
            return [line for part in raw.split(b"\n") for line in self._narrow(part)]
        text = self._short(raw).decode(encoding, "replace").rstrip("\r")
        if "\0" in text:
            self.nuls += 1
            text = text.replace("\0", "")
        return (text,)

    def _short(self, raw: bytes) -> bytes:
        if len(raw) > LONGEST_LINE:
            self.cut += 1
        return raw[:LONGEST_LINE]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _eight_bit(raw: bytes) -> str:
    try:
        return raw.decode(UTF8)
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":  # cut inside its last letter
            return raw[: error.start].decode(UTF8) + "\ufffd"
        # Western Windows' own code page; it decodes nearly every byte to something.
        return raw.decode("cp1252", "replace")

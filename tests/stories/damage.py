"""What goes wrong with files on their way into a bundle, done to them at random with a seed.

`TRACED` leaves something that a careful reader can notice. `TRACELESS` does not: a whole line or
row cleanly taken out, another VM's log in the place of a VM's own. Nobody can tell such a file
from a sound one, so after it the answer may be wrong; only a crash is forbidden.
"""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

Damage = Callable[[Random, Path], None]
"""Spoils one file, or what lies beside it."""

YEAR = re.compile(rb"\b20\d\d(?=[-/]\d\d[-/]\d\d)")
TELLING = re.compile(rb"stun|Stun|1135|19407|19419|<Event|napshot")
BLOCK = 4096

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><Events><Event>&a11;</Event></Events>\n"
)
ENTITY = (
    b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><Events><Event>&x;</Event></Events>'
)


def files(bundle: Path) -> list[Path]:
    """Give every file of a bundle but the truth."""
    found = (path for path in bundle.rglob("*") if path.is_file() and path.name != "truth.json")
    return sorted(found)


def cut(random: Random, path: Path) -> None:
    """The copy broke off."""
    data = path.read_bytes()
    path.write_bytes(data[: random.randrange(len(data) + 1)])


def behead(random: Random, path: Path) -> None:
    """The beginning is missing: `tail -c`."""
    data = path.read_bytes()
    path.write_bytes(data[random.randrange(len(data) + 1) :])


def empty(_: Random, path: Path) -> None:
    """The file was made and never filled."""
    path.write_bytes(b"")


def delete(_: Random, path: Path) -> None:
    """Somebody forgot the file."""
    path.unlink()


def nuls(random: Random, path: Path) -> None:
    """A power cut left blocks of zero bytes."""
    _overwrite(random, path, bytes(random.randrange(1, BLOCK)))


def noise(random: Random, path: Path) -> None:
    """A bad disk or a copy in text mode."""
    _overwrite(random, path, random.randbytes(random.randrange(1, BLOCK)))


def _overwrite(random: Random, path: Path, block: bytes) -> None:
    data = bytearray(path.read_bytes())
    at = random.randrange(len(data) + 1)
    data[at : at + len(block)] = block[: len(data) - at]
    path.write_bytes(data)


def scatter(random: Random, path: Path) -> None:
    """Single bytes flipped."""
    data = bytearray(path.read_bytes())
    for _ in range(random.randrange(1, 30) if data else 0):
        data[random.randrange(len(data))] = random.choice(b"\0\xff\x80<>{}[]\"'\n")
    path.write_bytes(data)


def spoil(random: Random, path: Path) -> None:
    """A line that tells of a stun or a failover is the one that was hit."""
    lines = path.read_bytes().splitlines(keepends=True)
    telling = [number for number, line in enumerate(lines) if TELLING.search(line)]
    for number in random.sample(telling, min(len(telling), random.choice((1, 1, 3, 1000)))):
        lines[number] = random.choice(HITS)(random, lines[number])
    path.write_bytes(b"".join(lines))


def _at(random: Random, line: bytes) -> int:
    return random.randrange(len(line) + 1)


HITS: tuple[Callable[[Random, bytes], bytes], ...] = (
    lambda random, line: line[: _at(random, line)],  # the next line is joined to its rest
    lambda random, line: line[: _at(random, line)] + b"\n",
    lambda random, line: line[_at(random, line) :],
    lambda random, line: line[: (at := _at(random, line))] + b"\n" + line[at:],
    lambda _, line: bytes(len(line) - 1) + b"\n",
    lambda random, line: random.randbytes(len(line)),
    lambda random, line: bytes(random.randrange(0x80, 0x100) for _ in line[1:]) + b"\n",
    lambda random, line: line[: (at := _at(random, line))] + b"\xff\xfe" + line[at + 2 :],
)


def encode(random: Random, path: Path) -> None:
    """Saved by an editor in another encoding."""
    text = path.read_bytes().decode("utf-8", "replace")
    encoding = random.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252", "utf-32"))
    path.write_bytes(text.encode(encoding, "replace"))


def carriage(random: Random, path: Path) -> None:
    """Line ends of another system, or twice those of Windows."""
    path.write_bytes(path.read_bytes().replace(b"\n", random.choice((b"\r\n", b"\r", b"\r\r\n"))))


def pack(random: Random, path: Path) -> None:
    """Packed under its old name, now and then cut as well."""
    data = gzip.compress(path.read_bytes())
    path.write_bytes(data[: random.choice((len(data), random.randrange(len(data))))])


def double(random: Random, path: Path) -> None:
    """Lines stand twice."""
    _each(random, path, lambda line: [line, line])


def future(random: Random, path: Path) -> None:
    """The clock was wrong by decades: in the whole file, or in some lines."""
    year = random.choice((b"2099", b"9999", b"2031"))
    _each(random, path, lambda line: [YEAR.sub(year, line)], random.choice((1.0, 0.05)))


def impossible(random: Random, path: Path) -> None:
    """Times that no calendar has."""
    year = random.choice((b"0000", b"0001", b"1601"))
    _each(random, path, lambda line: [YEAR.sub(year, line)], random.choice((1.0, 0.05)))


def shuffle(random: Random, path: Path) -> None:
    """Put together from parts in the wrong order."""
    lines = path.read_bytes().splitlines(keepends=True)
    random.shuffle(lines)
    path.write_bytes(b"".join(lines))


def mangle(random: Random, path: Path) -> None:
    """Values of another type: what a script of ten lines exports."""
    odd = ("null", "-1", "[]", "{}", '""', "1e999", "true", '"\\ud800"', '"0001-01-01T00:00:00"')
    text = path.read_text("utf-8", "replace")
    wild = random.choice(odd)
    every = random.choice((0.01, 0.2))
    path.write_text(
        re.sub(
            r'(?<=": )("[^"]*"|\d+)',
            lambda found: wild if random.random() < every else found[0],
            text,
        ),
        "utf-8",
        "replace",
    )


def long_line(random: Random, path: Path) -> None:
    """Somewhere all line ends are gone, or something endless was put in."""
    data = path.read_bytes()
    at = random.randrange(len(data) + 1)
    path.write_bytes(data[:at] + random.choice(b'x\0\xff[<"').to_bytes() * 300_000 + data[at:])


def one_line(_: Random, path: Path) -> None:
    """No line end is left at all."""
    path.write_bytes(path.read_bytes().replace(b"\n", b" "))


def bomb(random: Random, path: Path) -> None:
    """A document type that unfolds to gigabytes, or reads another file."""
    data = path.read_bytes()
    at = random.choice((0, data.find(b"\n") + 1, len(data)))
    path.write_bytes(data[:at] + random.choice((BOMB, ENTITY)) + data[at:])


def deep(random: Random, path: Path) -> None:
    """Nested deeper than any reader can follow."""
    path.write_bytes(random.choice((b"[", b'{"a":', b"a=[")) * 100_000)


def other_kind(random: Random, path: Path) -> None:
    """Two files of different kinds have changed places."""
    top = next(parent for parent in path.parents if (parent / "truth.json").exists())
    others = [other for other in files(top) if other.suffix != path.suffix]
    if others:
        _swap(path, random.choice(others))


def rotations(random: Random, path: Path) -> None:
    """Logs of one VM, or files of one node, have changed names."""
    others = [other for other in path.parent.iterdir() if other.is_file() and other != path]
    if others and path.parent.parent.name in ("vms", "nodes"):
        _swap(path, random.choice(sorted(others)))


def clockless(_: Random, path: Path) -> None:
    """Nobody measured a clock."""
    top = next(parent for parent in path.parents if (parent / "truth.json").exists())
    toml = top / "incident.toml"
    if toml.exists():
        kept = re.sub(rb"(?s)\[clocks\].*?\n\n", b"", toml.read_bytes())
        toml.write_bytes(kept)


def delete_lines(random: Random, path: Path) -> None:
    """Traceless: lines cleanly taken out."""
    _each(random, path, lambda _: [])


def delete_telling(_: Random, path: Path) -> None:
    """Traceless: all lines that tell of stuns and failovers cleanly taken out."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not TELLING.search(line)))


def drop_rows(random: Random, path: Path) -> None:
    """Traceless: rows of a JSON answer cleanly taken out."""
    try:
        sheet = json.loads(path.read_bytes())
    except ValueError:
        return
    if isinstance(sheet, list):
        path.write_text(json.dumps([row for row in sheet if random.random() < 0.5]))


def strangers(random: Random, path: Path) -> None:
    """Traceless: the log of another VM in the place of this one's."""
    top = next(parent for parent in path.parents if (parent / "truth.json").exists())
    others = [other for other in files(top) if other.name == path.name]
    _swap(path, random.choice(others))


def past(random: Random, path: Path) -> None:
    """Traceless: some lines' years moved within what is possible."""
    _each(random, path, lambda line: [YEAR.sub(b"2011", line)], random.choice((1.0, 0.05)))


def _each(
    random: Random, path: Path, change: Callable[[bytes], list[bytes]], part: float = 0.1
) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    spoilt = (change(line) if random.random() < part else [line] for line in lines)
    path.write_bytes(b"".join(line for lot in spoilt for line in lot))


def _swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


TRACED: tuple[Damage, ...] = (
    cut, behead, empty, delete, nuls, noise, scatter, spoil, encode, carriage, pack, double, future,
    impossible, shuffle, mangle, long_line, one_line, bomb, deep, other_kind, rotations,
)  # fmt: skip
TRACELESS: tuple[Damage, ...] = (delete_lines, delete_telling, drop_rows, strangers, past)

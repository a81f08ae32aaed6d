"""Names as people and machines write them: short, printable, and the nearest known one."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")

LONGEST_VALUE = 60
"""Characters of somebody's value that are quoted back to them."""

ODD = "\ufffd"
"""What decoders and the reader of events put in the place of a character that cannot be."""

NETBIOS = 15
"""Characters of a computer's NetBIOS name, by which a cluster calls its nodes."""


def short(name: str) -> str:
    """Cut a host name to its first DNS label; an IPv4 address stays whole."""
    whole = plain(name).strip()
    label, _, rest = whole.partition(".")
    return whole if label.isdigit() and rest else label or whole


def same(name: str) -> str:
    """Give the form in which two spellings of one node's name are equal."""
    return short(name).casefold()


def find(spelling: Mapping[str, T], name: str) -> T | None:
    """Look a node up in a mapping by `same`; None for a stranger.

    A cluster knows its nodes by their NetBIOS names, their logs may have the longer DNS label.
    """
    key = same(name)
    if key in spelling:
        return spelling[key]
    if len(key) > NETBIOS:
        return spelling.get(key[:NETBIOS])
    if len(key) < NETBIOS:
        return None
    longer = [spelt for known, spelt in spelling.items() if known.startswith(key)]
    return longer[0] if len(longer) == 1 else None


def plain(name: str) -> str:
    """Replace what cannot be printed, such as a line break in the name of a file.

    Every source gives its names through this, so that one name is the same in all of them: XML
    holds U+FFFD where JSON holds an escape, and a blank that does not break is a blank.
    """
    if name.isprintable() and ODD not in name:
        return name
    text = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(_printable(c) for c in text)


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() and character != ODD else "?"


def shown(value: object) -> str:
    """Quote a value back, cut to a length that fits in a sentence."""
    try:
        text = plain(str(value))
    except (ValueError, RecursionError):  # a number of 5000 digits, a list 5000 deep
        text = f"this {type(value).__name__}"
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def nearest(word: str, known: Iterable[str]) -> str:
    """Name the known word that was probably meant, or the empty string."""
    from difflib import get_close_matches  # noqa: PLC0415  only needed after a typing mistake

    spelt = {k.casefold(): k for k in known}
    close = get_close_matches(word.casefold()[:LONGEST_VALUE], spelt, n=1)
    return spelt[close[0]] if close else ""

"""Names from outside, made harmless: no control character reaches a terminal or a picture."""

import unicodedata

SPACES = {"\t": " ", "\n": " ", "\r": " ", "\u2028": " ", "\u2029": " ", "\x85": " "}
"""What breaks a line becomes a space: a VM's name must not begin a line of its own."""

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Controls (escape sequences), formats (text turned right to left), halves of characters."""


def plain(text: str) -> str:
    r"""Give `text` on one line with every unsafe character written out, as in ``\x1b[31m``."""
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in SPACES:
        return SPACES[character]
    if unicodedata.category(character) in UNSAFE:
        return character.encode("unicode_escape").decode("ascii")
    return character

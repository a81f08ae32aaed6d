"""What is wrong in stuncheck.toml, said so that it can be put right; never with a secret."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from bot.configuration_lines import Place, line_of
from bot.mask import mask
from sources.errors import UserError
from sources.names import nearest, plain, shown

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from bot.configuration_fields import Table

LITERAL = ("password", "passwd", "pwd", "pass", "passphrase", "secret", "token")
"""Keys under which people write a password out."""

WRITTEN_OUT = (
    "is written out; a {noun} never stands in this file. Put it into a file of its own with "
    'mode 0600 and write {key}_file = "PATH", or into an environment variable and write '
    '{key}_env = "NAME".'
)
NO_PLACE = (
    "is no key; a password never stands in this file. password_file or password_env belong to "
    "the account: in [winrm], [cluster.winrm], [[vcenter]] or [[veeam]]. Tokens have their keys "
    "in [slack] and [server]."
)

NO_SECRET = re.compile(
    r"|true|false|-?\d{1,5}(\.\d{1,3})?|nan|-?inf"  # also in quotes
    r"|#[\w -]{1,80}"  # a channel
    r"|https?://[\w.-]+(:\d{1,5})?(/[a-z]{0,8})*|[\w.-]+:\d{1,5}/?"  # an address
)
"""What is surely no password and no token, as people write it by mistake."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, and a sentence that begins after the place."""

    place: Place
    text: str


class ConfigurationError(UserError):
    """A stuncheck.toml that cannot be used; `faults` has a line for each thing that is wrong."""

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        count = "one thing is" if len(faults) == 1 else f"{len(faults)} things are"
        told = "\n".join(faults)
        super().__init__(
            f"{file} cannot be used, {count} wrong:\n{told}",
            "docs/settings.md names every key; stuncheck.example.toml shows them all.",
        )
        self.faults = tuple(faults)


def words_of(
    fault: Fault, file: str, lines: Mapping[Place, int], names: Mapping[Place, str]
) -> str:
    """Say one fault in one line, beginning as a compiler does: FILE:LINE: place text."""
    line = line_of(fault.place, lines)
    at = f"{file}:{line}" if line else file
    where = _where(fault.place, names)
    return plain(f"{at}: {where}{' ' if where else ''}{fault.text}")


def _where(place: Place, names: Mapping[Place, str]) -> str:
    """Name a place as it is written: "[cluster.winrm] port of SQLAG01"."""
    if not place:
        return ""
    keys = [str(part) for part in place if isinstance(part, str)]
    deep = len(place) > 1 and isinstance(place[1], int)
    tables = _tables(keys, deep=deep)
    header = ".".join(keys[:tables])
    header = f"[[{header}]]" if deep and tables == 1 else f"[{header}]"
    said = " ".join((header, *(shown(key) for key in keys[tables:])))
    if not deep:
        return said
    name = names.get(place[:2])
    return f"{said} of {shown(name)}" if name else f"{said} (number {int(place[1]) + 1})"


def _tables(keys: Sequence[str], *, deep: bool) -> int:
    """Count the keys of a place that are the name of its table."""
    if deep:
        return 2 if len(keys) > 1 and keys[1] in {"winrm", "vms"} else 1
    if keys[:2] != ["slack", "patterns"]:
        return 1
    return 3 if keys[2:3] == ["failovers"] else 2


def faults_of(error: "ValidationError", model: "type[Table]", place: Place) -> Iterator[Fault]:
    """Say what pydantic found wrong with the table at `place`."""
    for detail in error.errors(include_url=False, include_context=False):
        yield _fault(detail, model, place)


def _fault(detail: "ErrorDetails", model: "type[Table]", place: Place) -> Fault:
    here = (*place, *detail["loc"])
    table, wanted = _field(model, detail["loc"])
    if detail["type"] == "missing":
        return Fault(here, f"is missing; wanted: {wanted}.")
    if detail["type"] == "extra_forbidden":
        return Fault(here, unknown_key(str(detail["loc"][-1]), table))
    secret = any(word in str(here[-1]) for word in ("password", "token", "secret"))
    secret = secret or (bool(_secrets(table)) and not _harmless(detail, table))
    value = "hidden" if secret else quoted(detail["input"])
    return Fault(here, f"is {value}, which cannot be used; wanted: {wanted}.")


def _harmless(detail: "ErrorDetails", table: "type[Table]") -> bool:
    """Whether a value may be told although it stands where secrets belong.

    Somebody may have written one to the wrong key, so only what is near to a wanted word, or
    surely something else, is told.
    """
    value = detail["input"]
    if not isinstance(value, str | bool | int | float):
        return True  # `quoted` tells no more than its kind
    text = shown(value).lower()
    field = table.model_fields.get(str(detail["loc"][-1]))
    words = _words(field.annotation) if field else []
    return bool(NO_SECRET.fullmatch(text) or nearest(text, words))


def _secrets(table: "type[Table]") -> list[str]:
    """Name the secrets that belong to a table, by the keys that say where each comes from."""
    return [one.removesuffix("_env") for one in table.model_fields if one.endswith("_env")]


def _words(annotation: Any) -> list[str]:  # noqa: ANN401 - annotations have no type
    """Give the words of which a field takes one; none where it takes others, too."""
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    return [word for one in get_args(annotation) for word in _words(one)]


def unknown_key(key: str, table: "type[Table]") -> str:
    """Say that there is no such key, or where a password belongs; never its value."""
    known = [*table.model_fields]
    secrets = _secrets(table)
    guess = nearest(key, [*known, *secrets, *LITERAL])
    if guess in (*secrets, *LITERAL):
        meant = guess if guess in secrets else next(iter(secrets), "")
        written = WRITTEN_OUT.format(key=meant, noun=meant.replace("_", " "))
        return written if meant else NO_PLACE
    right = f"perhaps {guess} is meant." if guess else f"known here: {', '.join(known)}."
    return f"is no key; {right}"


def _field(model: "type[Table]", loc: Place) -> tuple["type[Table]", str]:
    """Find the table and the words of the field that a place leads to."""
    wanted = "a table"
    for part in loc:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        if field is None:
            break
        wanted = field.description or wanted
        inner = [one for one in _types(field.annotation) if hasattr(one, "model_fields")]
        if not inner:
            break
        model = inner[0]
    return model, wanted


def _types(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401 - annotations have no type
    return getattr(annotation, "__args__", (annotation,))


def quoted(value: object) -> str:
    """Quote a value back, but nothing that could hold a password: tables, lists, URLs."""
    if isinstance(value, str):
        hidden = "@" in value or mask(value) != value
        return "hidden" if hidden else json.dumps(shown(value))
    if isinstance(value, bool | int | float):
        return shown(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "a date or a time"

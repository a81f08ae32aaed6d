"""What tables of stuncheck.toml are made of: types of values, and what is wanted in words."""

import re
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST_NAME = 253
"""Characters of a name: those of a DNS name."""

HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


def _printable(text: str) -> str:
    stripped = text.strip()
    if not stripped or not stripped.isprintable() or len(stripped) > LONGEST_NAME:
        raise ValueError("not a name")
    return stripped


def _host(text: str) -> str:
    stripped = _printable(text)
    if not HOST.fullmatch(stripped):
        ip_address(stripped)
    return stripped


def _path(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("not a path")
    return text


Name = Annotated[str, AfterValidator(_printable)]
Host = Annotated[str, AfterValidator(_host)]
File = Annotated[str, AfterValidator(_path)]

A_HOST = "a host name or an IP address in quotes, without https:// and without a port"
A_PORT = "a whole number from 1 to 65535, without quotes"
TRUE_OR_FALSE = "true or false, without quotes"
A_PEM = "the path of a PEM file, in quotes"
A_NAME = "a name in quotes"


def wanting(wanted: str, default: Any = None, **limits: Any) -> Any:  # noqa: ANN401 - as pydantic's
    """Make a field that says in words what is wanted; an error and docs/settings.md use them."""
    return Field(default, description=wanted, **limits)


class Table(BaseModel):
    """A table: no unknown keys, no guessing of types, and no value in an error of pydantic's."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class WithPassword(Table):
    """A table with a password, which never stands in the file itself."""

    password_file: File | None = wanting("the path of a file with only the password in it")
    password_env: Name | None = wanting("the name of an environment variable with the password")

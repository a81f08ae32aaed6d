"""How WinRM is reached: [winrm] for all, overridden key by key for one cluster or Veeam server."""

from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bot.configuration_faults import Fault
from bot.configuration_lines import Place
from bot.configuration_secrets import Passwords, Source, usual_variable
from bot.configuration_tables import WinRmTable
from sources.access import WinRmAccess

ACCOUNT = ("user", "password_file", "password_env")
PATHS = ("ca_file", "certificate_file", "key_file")


@dataclass(frozen=True, slots=True)
class WinRm:
    """The default table and where paths begin; makes one WinRmAccess after the other."""

    default: WinRmTable
    folder: Path
    passwords: Passwords

    def access(self, own: WinRmTable | None, place: Place, *names: str) -> WinRmAccess:
        """Give the access of one system; what it does not say is taken from [winrm].

        An account of its own never gets the password of another: a user of its own needs a
        password of its own, and a `tls` of its own does not keep the port of [winrm].
        """
        mine = _written(own)
        said = _written(self.default)
        theirs: Place = (*place, "winrm")
        account: Place = ("winrm",)
        usual = usual_variable("winrm")
        if mine.keys() & set(ACCOUNT):
            said = {key: said[key] for key in said if key == "user" or key not in ACCOUNT}
            account, usual = theirs, usual_variable(*names, "winrm")
        if "tls" in mine:
            said.pop("port", None)
        said |= mine
        if said.get("verify") is False:
            where = " ".join((*names, "winrm")) if "verify" in mine else "winrm"
            self.passwords.warnings.append(UNVERIFIED.format(where=where))
        return self._made(said, account, theirs if mine else ("winrm",), usual)

    def _made(self, said: dict[str, Any], account: Place, at: Place, usual: str) -> WinRmAccess:
        transport = said.get("transport", WinRmAccess().transport)
        faults = self.passwords.faults
        password = None
        if transport == "certificate":
            faults += _certificate_faults(said, at)
        else:
            if not said.get("user") and transport == "ntlm":
                faults.append(Fault((*account, "user"), USER))
            source = Source(account, said.get("password_file"), said.get("password_env"), usual)
            password = self.passwords.find(source, needed=transport == "ntlm")
        plain = {key: said[key] for key in said if key in KNOWN and key not in PATHS}
        files: dict[str, Any] = {
            key: file_at(self.folder, said[key], (*at, key), faults) for key in PATHS if key in said
        }
        if "key_file" in files:
            with suppress(OSError, ValueError):  # told by file_at
                self.passwords.guard(files["key_file"], files["key_file"].stat().st_mode)
        return WinRmAccess(password=password, **plain, **files)


KNOWN = {one.name for one in fields(WinRmAccess)} - {"password"}

USER = r"is missing; wanted: an account in quotes, user = 'CORP\svc-stuncheck'."

UNVERIFIED = (
    "{where}: verify = false: whoever sits in between can read the password; use ca_file instead"
)


def file_at(folder: Path, written: str, place: Place, faults: list[Fault]) -> Path:
    """Give a path as seen from the folder of stuncheck.toml; it is a fault if no file is there."""
    path = folder / written
    try:
        there = path.is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        faults.append(Fault(place, f"names no file: there is none at {path}."))
    return path


def _written(table: WinRmTable | None) -> dict[str, Any]:
    return table.model_dump(exclude_unset=True) if table else {}


def _certificate_faults(said: dict[str, Any], at: Place) -> list[Fault]:
    missing = [key for key in ("certificate_file", "key_file") if key not in said]
    text = 'is missing; transport = "certificate" takes the path of a PEM file.'
    faults = [Fault((*at, key), text) for key in missing]
    if said.get("tls") is False:
        faults.append(Fault((*at, "tls"), 'is false; transport = "certificate" works over TLS.'))
    return faults

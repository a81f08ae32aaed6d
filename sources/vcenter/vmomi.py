"""pyvmomi, without its types: they are generated and do not pass a strict check.

Importing it takes some 0.1 s: import what uses it only on use.
"""

from importlib import import_module
from typing import Any

_pyvmomi: Any = import_module("pyVmomi")
_support: Any = import_module("pyVmomi.VmomiSupport")

vim: Any = _pyvmomi.vim
vmodl: Any = _pyvmomi.vmodl
SoapStubAdapter: Any = _pyvmomi.SoapStubAdapter

VERSIONS: dict[str, str] = {
    number: name
    for name, number in _support.versionIdMap.items()
    if name.startswith("vim.version.")
}
"""The API versions pyvmomi speaks, `8.0.3.0` to its name for it."""

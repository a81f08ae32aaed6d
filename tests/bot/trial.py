"""A stuncheck.toml to try things on, and the secret that must not come out."""

import re
from pathlib import Path

import pytest

from bot.configuration import NAME, Settings, load
from bot.configuration_bot_tables import PatternsTable
from bot.configuration_faults import ConfigurationError
from bot.configuration_fields import Table
from bot.configuration_tables import MANY, SINGLE

ROOT = Path(__file__).parents[2]
MARKER = "Sup3r-S3cret"

SMALL = """\
[winrm]
user = 'CORP\\svc'
[[cluster]]
name = "SQLAG01"
hosts = ["sql01.corp.example"]
"""
PASSWORD = {"STUNCHECK_WINRM_PASSWORD": MARKER}

VCENTER = """\
[[vcenter]]
name = "vc01"
host = "vc01.corp.example"
user = "reader"
"""
VC_PASSWORD = {"STUNCHECK_VCENTER_VC01_PASSWORD": MARKER}

TABLES: list[tuple[str, type[Table]]] = [
    *SINGLE.items(),
    *MANY.items(),
    ("slack.patterns", PatternsTable),
]


class Trial:
    """Writes a stuncheck.toml and loads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, text: str, **environ: str) -> Settings:
        """Load the text."""
        (self.folder / NAME).write_text(text, encoding="utf-8")
        return load(self.folder / NAME, environ)

    def wrong(self, text: str, **environ: str) -> list[str]:
        """Give what is wrong with the text, without the path before it and without a secret."""
        with pytest.raises(ConfigurationError) as caught:
            self.read(text, **environ)
        assert MARKER not in str(caught.value) + repr(caught.value)
        return [re.sub(r"^.*?stuncheck\.toml", "", fault) for fault in caught.value.faults]

"""A store of its own for every test, and one for a whole module of examples."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "stuncheck.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For examples by the hundred: each of them uses names of its own."""
    with Store.open(tmp_path_factory.mktemp("shared") / "stuncheck.db") as opened:
        yield opened

"""The home: margins, what waits for somebody, the last verdicts."""

from datetime import timedelta

from commands.context import Context
from commands.home import home
from demo.past import seed
from demo.site import site
from storage.people import Person
from storage.proposing import Draft, propose
from storage.store import Store
from tests.storage.conftest import store
from tests.storage.told import ZERO

__all__ = ["store"]

VALUES = {
    "SameSubnetDelay": 1000,
    "SameSubnetThreshold": 10,
    "CrossSubnetDelay": 1000,
    "CrossSubnetThreshold": 20,
}


def shown(store: Store) -> dict[str, str]:
    """Give the tables of the home by their titles, as words."""
    context = Context(site(), store, now=lambda: ZERO)
    return {table.title: str(table.rows) for table in home(context).tables}


def test_every_cluster_has_its_margin_and_the_last_verdicts_are_there(store: Store) -> None:
    seed(store, ZERO)
    tables = shown(store)
    assert "SQLAG01" in tables["Margins of 30 days"]
    assert "SQLAG06" in tables["Last verdicts"]
    assert "Open proposals" not in tables


def test_a_proposal_that_waits_is_named_with_who_asked(store: Store) -> None:
    draft = Draft("SQLAG01", VALUES, {"SameSubnetThreshold": 15}, "stuns of 12 s",
                  Person("U1", "anna"), ZERO + timedelta(hours=24), None, None)  # fmt: skip
    propose(store, draft, at=ZERO)
    told = shown(store)["Open proposals"]
    assert "SameSubnetThreshold 15" in told
    assert "anna" in told


def test_a_cluster_that_was_never_read_is_said_to_be_so(store: Store) -> None:
    context = Context(site(), store, now=lambda: ZERO)
    assert any("SQLAG01" in line for line in home(context).closing)

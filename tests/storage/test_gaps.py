"""Gaps: those of the last survey, and of no earlier one."""

from storage.gaps import known_gaps, set_gaps
from storage.store import Store
from tests.storage.told import at
from verdict.facts import Gap

DOWN = Gap("vcenter", "vc01", "it did not answer", "Is it running?")
RIGHT = Gap("vmware.log", "sql01", "the account may not read the datastore", None)


def test_a_survey_takes_the_place_of_the_one_before(store: Store) -> None:
    set_gaps(store, "SQLAG01", [DOWN, RIGHT], at(0))
    set_gaps(store, "SQLAG02", [DOWN], at(0))
    set_gaps(store, "sqlag01", [RIGHT], at(60))
    found = known_gaps(store, 9)
    assert [(one.cluster, one.gap, one.at) for one in found] == [
        ("sqlag01", RIGHT, at(60)), ("SQLAG02", DOWN, at(0)),
    ]  # fmt: skip


def test_they_are_told_in_their_order_and_only_so_many(store: Store) -> None:
    set_gaps(store, "SQLAG01", [RIGHT, DOWN, DOWN], at(0))
    assert [one.gap for one in known_gaps(store, 2)] == [RIGHT, DOWN]

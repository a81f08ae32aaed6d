"""Clocks: every measurement, and the last one of each."""

from datetime import timedelta

from storage.clocks import add_clocks, last_offsets, offsets_of
from storage.store import Store
from tests.storage.told import DAY, ZERO

SECOND = timedelta(seconds=1)


def test_measurements_are_kept_in_order_and_the_last_of_each_clock_is_known(store: Store) -> None:
    add_clocks(store, {"SQL01": 2 * SECOND}, ZERO + DAY)
    assert add_clocks(store, {"SQL01": SECOND, "veeam": -SECOND}, ZERO) == 2
    assert add_clocks(store, {"sql01": SECOND}, ZERO) == 0
    assert offsets_of(store, "sql01", ZERO) == ((ZERO, SECOND), (ZERO + DAY, 2 * SECOND))
    assert last_offsets(store) == {"SQL01": 2 * SECOND, "veeam": -SECOND}

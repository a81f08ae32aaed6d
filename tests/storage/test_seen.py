"""Seen: what is delivered twice is done once, and forgotten when nobody delivers it any more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from storage.posts import Wish, post_named, want
from storage.retention import keeping, prune
from storage.seen import claim
from storage.store import Store
from tests.storage.told import ZERO

DAY = timedelta(days=1)


def test_of_many_who_take_a_key_at_once_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda _: claim(store, "trigger 1", ZERO), range(50)))
    assert won.count(True) == 1


def test_a_key_is_forgotten_after_a_week_and_a_post_with_everything_else(store: Store) -> None:
    claim(store, "trigger 1", ZERO)
    want(store, Wish("card 1", "{}"), ZERO)
    prune(store, keeping(400 * DAY), ZERO + 8 * DAY)
    assert claim(store, "trigger 1", ZERO)
    assert post_named(store, "card 1")
    prune(store, keeping(400 * DAY), ZERO + 401 * DAY)
    assert post_named(store, "card 1") is None

"""Incidents: several alerts of one disturbance join one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from storage.incidents import amend, incident_of, open_or_join
from storage.store import Store
from tests.storage.told import ZERO, at

WITHIN = timedelta(minutes=5)


def test_an_alert_near_an_incident_joins_it_in_any_case_of_the_name(store: Store) -> None:
    first = open_or_join(store, "SQLAG01", at(0), WITHIN, ZERO)
    second = open_or_join(store, "sqlag01", at(200), WITHIN, ZERO)
    assert (first.joined, second.joined) == (False, True)
    assert second.id == first.id


def test_an_alert_of_another_cluster_or_another_hour_opens_its_own(store: Store) -> None:
    alerts = [("SQLAG01", 0), ("SQLAG02", 0), ("SQLAG01", 3600)]
    opened = [open_or_join(store, name, at(s), WITHIN, ZERO) for name, s in alerts]
    assert len({incident.id for incident in opened}) == 3


def test_the_nearest_incident_is_joined(store: Store) -> None:
    early = open_or_join(store, "SQLAG01", at(0), timedelta(0), ZERO)
    late = open_or_join(store, "SQLAG01", at(100), timedelta(0), ZERO)
    assert open_or_join(store, "SQLAG01", at(40), WITHIN, ZERO).id == early.id
    assert open_or_join(store, "SQLAG01", at(60), WITHIN, ZERO).id == late.id


def test_alerts_that_come_at_once_open_one_incident(store: Store) -> None:
    def alert(seconds: int) -> str:
        return open_or_join(store, "SQLAG01", at(seconds), WITHIN, ZERO).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(alert, range(40)))) == 1


def test_an_incident_learns_its_moment_and_its_node(store: Store) -> None:
    incident = open_or_join(store, "SQLAG01", at(30), WITHIN, ZERO)
    amend(store, incident.id, at(10.6), "SQL01")
    amend(store, incident.id, at(10.7), None)
    found = incident_of(store, incident.id)
    assert (found.at, found.lost_node, found.opened) == (at(10.7), "SQL01", ZERO)


def test_an_unknown_incident_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        incident_of(store, "none")
    with pytest.raises(KeyError):
        amend(store, "none", ZERO, None)

"""Stuns: what was measured comes back, and reading a log again adds nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.store import Store
from storage.stuns import add_stuns, longest_stun, stuns_of
from storage.vms import Vm, vm_names, vms_named
from tests.storage.told import DAY, RIGHT, ZERO, fresh, stun, stuns
from verdict.clock import Clock
from verdict.facts import Phase, Stun


def all_of(store: Store, name: str) -> tuple[Stun, ...]:
    (vm,) = vms_named(store, name)
    return stuns_of(store, vm, ZERO - 60_000 * DAY, ZERO + 60_000 * DAY)


@given(data=st.data())
def test_a_stun_comes_back_as_it_was_told(shared: Store, data: st.DataObject) -> None:
    told = data.draw(stuns(f"round {next(fresh)}"))
    assert add_stuns(shared, [told]) == 1
    assert all_of(shared, told.vm) == (told,)


@given(data=st.data())
def test_telling_again_adds_nothing(shared: Store, data: st.DataObject) -> None:
    vm = f"again {next(fresh)}"
    told = data.draw(st.lists(stuns(vm), min_size=1, max_size=6))
    add_stuns(shared, told)
    before = all_of(shared, vm)
    assert add_stuns(shared, told) == 0
    assert all_of(shared, vm) == before


def test_a_stun_whose_clock_was_measured_anew_is_the_same_stun(store: Store) -> None:
    """Offsets move by milliseconds from hour to hour; the stamp in the log does not."""
    late = timedelta(milliseconds=120)
    add_stuns(store, [stun(0, 12.4, clock=Clock("esx07", late))])
    drifted = stun(-0.003, 12.4, clock=Clock("esx07", late + timedelta(milliseconds=3)))
    assert add_stuns(store, [drifted]) == 0
    assert len(all_of(store, "sql01")) == 1


def test_a_stun_gains_the_phase_snapshot_and_clock_it_lacked(store: Store) -> None:
    bare = stun(0, 12.4, phase=Phase.UNKNOWN, clock=Clock("esxi"))
    known = stun(-0.5, 12.4, clock=Clock("esx07", timedelta(seconds=0.5)), snapshot="NIGHTLY")
    add_stuns(store, [bare])
    assert add_stuns(store, [known]) == 1
    assert add_stuns(store, [bare]) == 0
    assert all_of(store, "sql01") == (known,)


# KB 417644: Checkpoint_Unstun and "CPT: vm was stunned" of one stun start 0.4 to 0.6 ms apart
@pytest.mark.parametrize("order", [1, -1])
def test_of_two_lines_of_one_stun_read_on_two_days_the_longer_stays(
    store: Store, order: int
) -> None:
    shorter, longer = stun(0, 12.376), stun(-0.0005, 12.4)
    for told in (shorter, longer)[::order]:
        add_stuns(store, [told])
    assert all_of(store, "sql01") == (longer,)


def test_two_short_stuns_in_a_row_stay_two(store: Store) -> None:
    told = (stun(0, 0.004), stun(0.02, 0.004))
    add_stuns(store, told)
    assert all_of(store, "sql01") == told


def test_a_vm_is_the_same_in_any_case_and_another_in_another_vcenter(store: Store) -> None:
    add_stuns(store, [stun(0, 1, vm="SQL01")], {"SQL01": "vc1"})
    add_stuns(store, [stun(9, 1, vm="sql01")], {"sql01": "vc1"})
    add_stuns(store, [stun(0, 2, vm="sql01")], {"sql01": "vc2"})
    found = vms_named(store, "Sql01")
    assert [(vm.vcenter, vm.name) for vm in found] == [("vc1", "SQL01"), ("vc2", "sql01")]
    assert longest_stun(store, found[1], ZERO) == stun(0, 2)


def test_a_vm_whose_vcenter_was_not_known_is_found_again_when_it_is(store: Store) -> None:
    add_stuns(store, [stun(0, 1)])
    add_stuns(store, [stun(9, 1)], {"sql01": "vc1"})
    add_stuns(store, [stun(18, 1)])
    assert vms_named(store, "sql01") == (Vm(1, "vc1", "sql01"),)
    assert vm_names(store) == ("sql01",)
    assert len(all_of(store, "sql01")) == 3


def test_half_a_surrogate_pair_in_a_name_is_stored_as_a_question_mark(store: Store) -> None:
    add_stuns(store, [stun(0, 1, vm="sql\ud83d", snapshot="\udc00")])
    assert all_of(store, "sql\ud83d") == (stun(0, 1, vm="sql?", snapshot="?"),)


def test_a_time_without_an_offset_is_refused_and_nothing_is_stored(store: Store) -> None:
    naive = replace(stun(0, 1), start=datetime(2026, 3, 1))  # noqa: DTZ001 - this is the mistake
    with pytest.raises(TypeError):
        add_stuns(store, [stun(9, 1, vm="other"), naive])
    assert vm_names(store) == ()


def test_the_longest_stun_is_that_since_the_moment_asked_about(store: Store) -> None:
    add_stuns(store, [stun(-100, 9), stun(0, 2), stun(50, 4, clock=RIGHT)])
    (vm,) = vms_named(store, "sql01")
    assert longest_stun(store, vm, ZERO) == stun(50, 4)
    assert longest_stun(store, vm, ZERO + DAY) is None

"""vCenter's inventory and its lookups."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.vcenter.inventory import Inventory, Vm, bare_moref, read_inventory

SQL01 = {
    "name": "sql01",
    "moref": "vm-48",
    "guest_host_name": "SQL01.corp.local",
    "host": "esx07.corp.local",
    "datastores": [{"name": "nfs1", "type": "NFS"}, {"name": "vmfs2"}, {"type": "VMFS"}, 3],
}


def test_a_vm_is_found_by_name_moref_and_guest_host_name() -> None:
    inventory, gaps = read_inventory(json.dumps([SQL01, {"name": "web01"}]).encode())
    vm = inventory.named("SQL01")
    assert vm == Vm(
        "sql01",
        "vm-48",
        "SQL01.corp.local",
        "esx07.corp.local",
        (("nfs1", "NFS"), ("vmfs2", "")),
    )
    assert inventory.with_moref("vim.VirtualMachine:vm-48") == vm
    assert inventory.with_guest("sql01") == vm
    assert inventory.with_guest("sql01.other.local") == vm
    assert inventory.named("sql02") is None
    assert inventory.with_guest("") is None
    assert not gaps


def test_a_name_that_two_vms_share_belongs_to_neither() -> None:
    rows = [SQL01, {"name": "SQL01", "moref": "vm-48", "guest_host_name": "sql01"}]
    inventory, gaps = read_inventory(json.dumps(rows).encode())
    assert inventory.named("sql01") is None
    assert inventory.with_moref("vm-48") is None
    assert inventory.with_guest("sql01") is None
    assert inventory.names_by_moref() == {}
    assert [(gap.subject, gap.source) for gap in gaps] == [("sql01", "vcenter")]


def test_vms_without_a_moref_are_no_twins() -> None:
    inventory = Inventory((Vm("a"), Vm("b"), Vm("c", "vm-3")))
    assert inventory.names_by_moref() == {"vm-3": "c"}


def test_a_vm_without_a_name_is_a_gap() -> None:
    inventory, gaps = read_inventory(json.dumps([SQL01, {"moref": "vm-49"}]).encode())
    assert len(inventory.vms) == 1
    assert gaps[0].why == "1 of 2 rows were unreadable: no name (1)"


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b'[{"name": "sq', b"\xff\xfe\x00"])
def test_a_damaged_inventory_is_a_gap(data: bytes) -> None:
    inventory, gaps = read_inventory(data)
    assert inventory == Inventory()
    assert [(gap.source, gap.subject) for gap in gaps] == [("vcenter", "inventory")]


@pytest.mark.parametrize(
    "text", ["vm-48", "'vim.VirtualMachine:vm-48'", "VirtualMachine:vm-48", " vm-48 "]
)
def test_every_spelling_of_a_moref_is_cut_to_its_core(text: str) -> None:
    assert bare_moref(text) == "vm-48"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SQL01, "type"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(rows=st.lists(ANYTHING, max_size=5))
def test_rows_of_any_type_are_vms_or_a_gap(rows: list[object]) -> None:
    inventory, gaps = read_inventory(json.dumps(rows).encode())
    assert len(inventory.vms) == len(rows) or gaps

"""Which VM a node runs in, as vCenter and Windows name it."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.vcenter.mapping import Mapping, map_nodes, same_machine, unasked
from sources.vcenter.properties import Estate, LiveVm, unescaped
from sources.vcenter.wanted import Wanted, WantedNode

# Of one VM: config.uuid, and what Windows prints where SMBIOS is 2.6 or newer.
VMWARE, WINDOWS = "42123456-789a-bcde-f012-345678900001", "56341242-9A78-DEBC-F012-345678900001"


def found(node: WantedNode, *vms: LiveVm) -> Mapping:
    return map_nodes(Wanted((node,)), Estate(vms), "vc1")


def vm(ref: str, name: str, *, uuid: str | None = None, on: bool = True) -> LiveVm:
    return LiveVm(ref, name, uuid, on=on)


@given(st.uuids())
def test_a_machine_is_known_by_its_uuid_in_either_order_of_bytes(uuid: UUID) -> None:
    swapped = UUID(bytes_le=uuid.bytes)
    assert same_machine(str(uuid), str(uuid))
    assert same_machine(str(swapped).upper(), str(uuid))


@given(st.text(), st.uuids())
def test_no_text_is_taken_for_a_uuid_it_is_not(text: str, uuid: UUID) -> None:
    try:
        other = UUID(text)
    except ValueError:
        assert not same_machine(text, str(uuid))
    else:
        assert same_machine(text, str(uuid)) == (uuid in {other, UUID(bytes_le=other.bytes)})


def test_the_uuid_decides_where_names_say_something_else() -> None:
    node = WantedNode("SQL01", WINDOWS)
    mapping = found(node, vm("vm-1", "SQL01"), vm("vm-2", "db-prod-7", uuid=VMWARE))
    assert mapping.vms["SQL01"].ref == "vm-2"


def test_of_copies_with_one_uuid_the_running_one_is_meant() -> None:
    replica = vm("vm-2", "SQL01_replica", uuid=VMWARE, on=False)
    mapping = found(WantedNode("SQL01", WINDOWS), vm("vm-1", "SQL01", uuid=VMWARE), replica)
    assert mapping.vms["SQL01"].ref == "vm-1"


def test_two_running_copies_are_nobodys_vm() -> None:
    mapping = found(WantedNode("A", VMWARE), *(vm(f"vm-{n}", f"v{n}", uuid=VMWARE) for n in "12"))
    assert mapping.unknown == ("A",)
    assert "v1, v2" in mapping.gaps[0].why


def test_the_guest_name_decides_where_there_is_no_uuid() -> None:
    guest = LiveVm("vm-1", "prod-7", guest="sql01.corp.example", on=True)
    assert found(WantedNode("SQL01"), guest).vms["SQL01"] is guest
    assert found(WantedNode("NODE1", host_names=("SQL01",)), guest).vms["NODE1"] is guest


def test_a_vm_named_like_the_node_with_another_guest_is_not_its_vm() -> None:
    reused = LiveVm("vm-1", "SQL01", guest="web07", on=True)
    assert found(WantedNode("SQL01"), reused).unknown == ("SQL01",)


def test_what_somebody_said_decides_and_a_slip_is_pointed_at() -> None:
    vms = vm("vm-1", "sql-01-prod"), vm("vm-2", "SQL01")
    assert found(WantedNode("SQL01", vm="SQL-01-PROD"), *vms).vms["SQL01"].ref == "vm-1"
    missed = found(WantedNode("SQL01", vm="sql-01-prd"), *vms)
    assert "perhaps sql-01-prod is meant" in missed.gaps[0].why


def test_a_template_is_nobodys_vm() -> None:
    template = LiveVm("vm-1", "SQL01", uuid=VMWARE, template=True)
    assert found(WantedNode("SQL01", WINDOWS), template).unknown == ("SQL01",)


def test_a_node_without_a_vm_leaves_neither_tasks_nor_events_complete() -> None:
    assert [gap.subject for gap in unasked("SQL01")] == ["tasks", "events"]


# vSphere API, ManagedEntity.name: these three characters are escaped, others never are.
@pytest.mark.parametrize(
    ("name", "plain"), [("a%2fb", "a/b"), ("100%25", "100%"), ("c%5Cd", "c\\d"), ("%41", "%41")]
)
def test_names_lose_the_escapes_of_vcenter(name: str, plain: str) -> None:
    assert unescaped(name) == plain

"""Whose VMs are meant: the nodes of a cluster and by what their VMs can be found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedNode:
    """One node. `vm` is the VM's name in vCenter where somebody has said it, and then decides."""

    name: str
    bios_uuid: str | None = None
    """Win32_ComputerSystemProduct.UUID, in either order of its bytes."""
    vm: str | None = None
    host_names: tuple[str, ...] = ()
    """By which other names its guest may be known, with or without a domain."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The nodes whose VMs are looked for."""

    nodes: tuple[WantedNode, ...] = ()

    @classmethod
    def vms(cls, names: tuple[str, ...]) -> "Wanted":
        """Mean VMs by their names in vCenter."""
        return cls(tuple(WantedNode(name, vm=name) for name in names))

"""Giving a recorded incident other names, so that it can happen to another cluster.

Four of the recorded incidents are of SQLAG01. Played one after the other they would be one
disturbance of it; each has a cluster of its own in the demo.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.inventory import Names
from demo.texts import rewritten
from sources.errors import UserError
from sources.material import Configuration, Incident, Material
from sources.names import same


def cast(material: Material, names: Names) -> Material:
    """Put a cluster, its nodes, VMs and groups in the place of those recorded, in their order.

    A VM is called like its node. Raises UserError where there are fewer or more, OSError.
    """
    parts = _parts(material, names)
    if all(old == new for old, new in parts.items()):
        return material
    said = _sayer(parts)
    called = rewritten(material, said)
    return replace(
        called,
        incident=_incident(material.incident, said),
        cluster=_cluster(material.cluster, said),
        nodes={said(node): files for node, files in called.nodes.items()},
        vms={said(vm): files for vm, files in called.vms.items()},
    )


def _parts(material: Material, names: Names) -> dict[str, str]:
    cluster, nodes = material.incident.cluster, tuple(material.incident.nodes)
    groups = tuple(group.name for group in material.cluster.groups)
    if cluster is None or (len(nodes), len(groups)) != (len(names.nodes), len(names.roles)):
        raise UserError(
            f"{material.label} does not name as many nodes and groups as {names.cluster} has.",
            "Choose an incident of a like cluster.",
        )
    new = (names.cluster, *names.nodes, *names.roles)
    return dict(zip((cluster, *nodes, *groups), new, strict=True))


def _sayer(parts: Mapping[str, str]) -> Callable[[str], str]:
    """Exchange whole words: SQL01 in sql01.corp.example and in SQL01_1.vmdk, not in SQL012."""
    known = {same(old): new for old, new in parts.items()}
    either = "|".join(re.escape(old) for old in sorted(parts, key=len, reverse=True))
    word = re.compile(rf"(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])", re.IGNORECASE)

    def other(found: re.Match[str]) -> str:
        new = known[same(found[0])]
        return new.lower() if found[0].islower() else new

    return lambda text: word.sub(other, text)


def _incident(incident: Incident, said: Callable[[str], str]) -> Incident:
    return replace(
        incident,
        cluster=said(incident.cluster) if incident.cluster else None,
        nodes={said(node): said(vm) for node, vm in incident.nodes.items()},
        clocks={said(name): ahead for name, ahead in incident.clocks.items()},
        utc_offset={said(node): offset for node, offset in incident.utc_offset.items()},
    )


def _cluster(sheet: Configuration, said: Callable[[str], str]) -> Configuration:
    return replace(
        sheet,
        name=said(sheet.name) if sheet.name else None,
        nodes={said(node): said(vm) if vm else None for node, vm in sheet.nodes.items()},
        groups=tuple(replace(group, name=said(group.name)) for group in sheet.groups),
    )

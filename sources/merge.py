"""Merging: what several live sources answered becomes the raw material of one incident."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sources.material import Configuration, Incident, Material, VCenterAnswers, VeeamAnswers
from sources.names import find, same
from sources.pulled import Pulled
from sources.vcenter.mapping import unasked


def merge(
    label: str,
    incident: Incident,
    parts: Sequence[Pulled],
    *,
    vcenters: Sequence[Pulled],
    veeams: Sequence[Pulled],
) -> Material:
    """Put everything into one Material. `parts` are the cluster and its nodes.

    Of several vCenters or Veeam servers only those count that know the cluster's VMs, unless
    none does.
    """
    vcenter = _join(_knowing(vcenters, lambda p: bool(_named(p))), "vcenter")
    veeam = _join(_knowing(veeams, lambda p: bool(p.veeam.logs)), "veeam")
    vcenter = _settled(vcenter)
    every = [*parts, vcenter, veeam]
    heads = [p.cluster for p in parts if p.cluster != Configuration()]
    cluster = heads[0] if heads else Configuration()
    vms = {same(node): vm for node, vm in _named(vcenter).items()}
    nodes = {node: vm or find(vms, node) for node, vm in cluster.nodes.items()}
    return Material(
        label=label,
        incident=replace(
            incident,
            nodes={node: vm for node, vm in nodes.items() if vm},
            clocks={name: ahead for p in every for name, ahead in p.clocks.items()},
            collected={name: span for p in every for name, span in p.collected.items()},
        ),
        cluster=replace(cluster, nodes=nodes),
        nodes={name: files for p in every for name, files in p.nodes.items()},
        vms={name: files for p in every for name, files in p.vms.items()},
        vcenter=vcenter.vcenter,
        veeam=veeam.veeam,
        gaps=tuple(dict.fromkeys(gap for p in every for gap in p.gaps)),
    )


def _settled(vcenter: Pulled) -> Pulled:
    """Take back that a node's VM is not known where another vCenter knows it."""
    found = set(_named(vcenter))
    settled = {gap for node in found for gap in unasked(node)}
    gaps = tuple(
        gap for gap in vcenter.gaps
        if gap not in settled and not (gap.source == "vcenter" and gap.subject in found)
    )  # fmt: skip
    return replace(vcenter, gaps=gaps)


def _named(pulled: Pulled) -> dict[str, str]:
    return {node: vm for node, vm in pulled.cluster.nodes.items() if vm}


def _knowing(answers: Sequence[Pulled], knows: Callable[[Pulled], bool]) -> list[Pulled]:
    """Keep the servers that know these VMs; all of them where none does.

    Of the others only their gaps are kept: what a server could not say about its own VMs
    matters as long as nobody found ours.
    """
    return [answer for answer in answers if knows(answer)] or list(answers)


def _join(answers: Sequence[Pulled], source: str) -> Pulled:
    """Make one answer of several servers of one kind.

    Their clocks are several, and facts of one source have one clock: with more than one server
    it counts as not measured. What was collected is what all of them were asked for.
    """
    if not answers:
        return Pulled()
    if len(answers) == 1:
        return answers[0]
    clocks = {name: ahead for p in answers for name, ahead in p.clocks.items() if name != source}
    return Pulled(
        cluster=Configuration(nodes={n: vm for p in answers for n, vm in _named(p).items()}),
        vms={name: files for p in answers for name, files in p.vms.items()},
        vcenter=VCenterAnswers(
            inventory=_rows(p.vcenter.inventory for p in answers),
            tasks=_rows(p.vcenter.tasks for p in answers),
            events=_rows(p.vcenter.events for p in answers),
        ),
        veeam=VeeamAnswers(
            sessions=_rows(p.veeam.sessions for p in answers),
            task_sessions=_rows(p.veeam.task_sessions for p in answers),
            logs={name: log for p in answers for name, log in p.veeam.logs.items()},
        ),
        clocks=clocks,
        collected=_common(answers),
        gaps=tuple(gap for p in answers for gap in p.gaps),
    )


def _rows(answers: Iterable[bytes | None]) -> bytes | None:
    """Put lists of rows together; None where nobody answered. Veeam's lists lie under `data`."""
    given = [json.loads(answer) for answer in answers if answer is not None]
    lists = [answer["data"] if isinstance(answer, dict) else answer for answer in given]
    return json.dumps([row for rows in lists for row in rows]).encode() if given else None


def _common(answers: Sequence[Pulled]) -> dict[str, tuple[datetime, datetime]]:
    """Give what every server was asked for."""
    common = {}
    for name in set.intersection(*(set(p.collected) for p in answers)):
        start = max(p.collected[name][0] for p in answers)
        end = min(p.collected[name][1] for p in answers)
        if start < end:
            common[name] = (start, end)
    return common

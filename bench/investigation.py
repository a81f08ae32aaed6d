"""A whole investigation with every source slowed, against asking one source after the other.

The longest chain of what depends on each other is the cluster, which names its nodes, and then the
slower of the nodes and of Veeam, which waits for vCenter to say what the VMs are called. Aim: at
most 1.25 times that chain.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.configuration import load
from sources.deadline import Deadline
from sources.pull import Request, pull
from sources.vcenter.pull import pull_vcenter
from sources.vcenter.wanted import Wanted
from sources.veeam.pull import pull_veeam
from sources.veeam.wish import WantedVm
from sources.windows.pull import pull_cluster, pull_nodes
from tests.peers.slow_wire import slow_wire
from tests.stories.live_scene import Live, live

SLOW = 2.0
"""Seconds that every command over WinRM and every answer of vCenter and Veeam takes longer."""

AIM = 1.25
LONG = 300.0


def main() -> bool:
    """Print the figures; True when the aim is met."""
    with tempfile.TemporaryDirectory() as folder, live(Path(folder)) as scene:
        for node in scene.winrm.server.cluster.nodes:
            node.faults.slow = SLOW
        scene.veeam.slow = SLOW
        with slow_wire(scene.vcenter.host, scene.vcenter.port, SLOW) as port:
            text = scene.config.read_text()
            scene.config.write_text(text.replace(f"port = {scene.vcenter.port}", f"port = {port}"))
            times = _alone(scene)
            whole = _timed(lambda: pull(_request(scene)))
    chain = times["cluster"] + max(times["nodes"], times["vcenter"] + times["veeam"])
    one_by_one = sum(times.values())
    for name, seconds in times.items():
        print(f"{name} alone {seconds:.1f} s")
    print(
        f"whole {whole:.1f} s, longest chain {chain:.1f} s: ratio {whole / chain:.2f} (aim {AIM})"
    )
    print(f"one after the other {one_by_one:.1f} s: {one_by_one / whole:.1f} times as long")
    return whole <= AIM * chain


def _request(scene: Live) -> Request:
    site = load(scene.config, scene.environ).site("SQLAG01")
    return Request(site.clusters[0], site, scene.at, each=LONG, whole=LONG)


def _alone(scene: Live) -> dict[str, float]:
    request = _request(scene)
    site, window = request.site, request.window
    wanted, vms = Wanted.vms((scene.vm,)), [WantedVm(scene.vm)]
    hosts = {"SQL01": "127.0.0.1", "SQL02": "127.0.0.2"}
    work: dict[str, Callable[[], object]] = {
        "cluster": lambda: pull_cluster(request.cluster, Deadline.after(LONG)),
        "nodes": lambda: pull_nodes(request.cluster, hosts, window, Deadline.after(LONG)),
        "vcenter": lambda: pull_vcenter(site.vcenters[0], wanted, window, Deadline.after(LONG)),
        "veeam": lambda: pull_veeam(site.veeams[0], vms, window, Deadline.after(LONG)),
    }
    return {name: _timed(one) for name, one in work.items()}


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start

"""The stories of the demo: a failover that happens a moment ago, and who tells of it first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from demo.alerts import (
    Post,
    alertmanager,
    datadog,
    nagios,
    prtg,
    redgate,
    scom,
    sql_agent,
    zabbix,
)
from demo.recorded import Recorded
from demo.site import INCIDENTS
from demo.slack.channel import Channel
from demo.slack.message import Message
from demo.slack.workspace import Workspace

CHANNEL = "sql-alerts"
"""Where monitoring tools post in the demo."""

AGO = timedelta(seconds=20)
"""How long before its alert a failover happened: tools look every half minute or so."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One story: an incident of `demo/incidents`, the cluster it happens to, and its alerts."""

    key: str
    title: str
    told: str
    cluster: str
    alerts: tuple[Callable[[datetime], Post], ...]
    ago: timedelta = AGO
    """How long before the alert it happened."""

    @property
    def bundle(self) -> str:
        """Name the folder of the recorded incident."""
        return self.key


SCENES = (
    Scene(
        "removal-stun",
        "The backup did it",
        "A snapshot removal stuns SQL01 for 12.4 s of the 10.0 s tolerated; three tools alert.",
        "SQLAG01",
        (
            partial(alertmanager, node="SQL01", cluster="SQLAG01"),
            partial(sql_agent, node="SQL01", group="AG-ORDERS"),
            partial(redgate, cluster="SQLAG01", group="AG-ORDERS"),
        ),
    ),
    Scene(
        "innocent-network",
        "It was not the backup",
        "A backup of SQL11 is running when its host loses an uplink.",
        "SQLAG02",
        (partial(zabbix, node="SQL11", group="AG-SHOP"),),
    ),
    Scene(
        "no-vmware-log",
        "Suspected, not measured",
        "SQL41 falls silent inside a snapshot removal, and nobody may read its vmware.log.",
        "SQLAG04",
        (partial(scom, node="SQL41", cluster="SQLAG04"),),
        ago=timedelta(seconds=40),  # the removal of the snapshot ends after 20 s
    ),
    Scene(
        "not-enough-evidence",
        "Nobody can say",
        "vCenter does not answer and the log that mattered is gone: no verdict, but what to get.",
        "SQLAG10",
        (partial(prtg, node="SQL101", cluster="SQLAG10"),),
        ago=timedelta(minutes=18),  # its vmware.log begins 17 min after the failover
    ),
    Scene(
        "lease-lost",
        "Heartbeats held, the lease did not",
        "A stun of 13.2 s is survived by the cluster and not by the lease of AG-CRM.",
        "SQLAG07",
        (partial(sql_agent, node="SQL71", group="AG-CRM"),),
    ),
    Scene(
        "vmotion-stun",
        "A stun, but a migration's",
        "DRS moves SQL61 to another host and the switchover takes 11.2 s.",
        "SQLAG06",
        (partial(datadog, node="SQL61", group="AG-BI"),),
    ),
    Scene(
        "patch-reboot",
        "Windows Update restarted it",
        "SQL32 is restarted for patches in the middle of its backup.",
        "SQLAG03",
        (partial(nagios, node="SQL32", cluster="SQLAG03"),),
    ),
    Scene(
        "host-failure",
        "The host died",
        "esx14 loses its power while SQL51 is being backed up.",
        "SQLAG05",
        (partial(redgate, cluster="SQLAG05", group="AG-WMS"),),
        ago=timedelta(minutes=1),  # vSphere HA restarts the VM after 30 s
    ),
)
"""All stories, the one to begin with first."""


def play(
    scene: Scene,
    workspace: Workspace,
    recorded: Recorded,
    now: datetime,
    channel: Channel | str = CHANNEL,
) -> tuple[Message, ...]:
    """Let the incident happen shortly before `now` (UTC), then post its alerts; give those.

    Raises UserError where the incident cannot be read, ImpossibleError without the channel.
    """
    at = now - scene.ago
    recorded.happen(scene.cluster, INCIDENTS / scene.bundle, at)
    posts = [alert(at) for alert in scene.alerts]
    return tuple(
        workspace.posts_as_tool(post.tool, channel, post.text, post.attachments, post.blocks)
        for post in posts
    )

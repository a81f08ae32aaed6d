"""A night of a cluster of three nodes: what each wrote into its event logs, for those who watch."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.sources.logged import CLUSTER, logged

NIGHT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
NODES = ("SQL01", "SQL02", "SQL03")
OPERATIONAL = f"{CLUSTER}/Operational"

Entry = tuple[float, str, str, str, int, tuple[str, ...]]
"""Seconds into the disturbance, node, channel, provider, event id, data."""


def moment(seconds: float) -> datetime:
    """Give a moment of the night."""
    return NIGHT + timedelta(seconds=seconds)


@dataclass(slots=True)
class Writing:
    """Writes events with the record ids that each channel of each node counts."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def xml(self, at: datetime, entry: Entry) -> str:
        """Print one event."""
        _, node, channel, provider, event_id, data = entry
        record = self.counts[node, channel] = self.counts.get((node, channel), 40) + 1
        return logged(
            provider, event_id, *data, at=f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
            record=record, channel=channel, computer=f"{node}.corp.example",
        )  # fmt: skip


def removal(lost: str, late: float) -> list[Entry]:
    """A node is removed by both others, loses its lease and comes back."""
    others = [node for node in NODES if node != lost]
    told: list[Entry] = [
        (0.0 + n, node, "System", CLUSTER, 1135, (lost,)) for n, node in enumerate(others)
    ]
    return [
        *told,
        (2.5, lost, "Application", "MSSQLSERVER", 19407, ("AG1",)),
        (3.0, lost, "System", CLUSTER, 1177, ()),
        (4.0, others[0], OPERATIONAL, CLUSTER, 1153, ("AG1", lost, others[0])),
        (5.0 + late, others[0], "System", CLUSTER, 1201, ("AG1",)),
        (60.0 + late, lost, "System", CLUSTER, 1062, ()),
    ]


def lease(lost: str, late: float) -> list[Entry]:
    """A lease is lost, and the group moves."""
    other = next(node for node in NODES if node != lost)
    return [
        (0.0, lost, "Application", "MSSQLSERVER", 19407, ("AG1",)),
        (1.0, lost, "System", CLUSTER, 1069, ("AG1", "AG1", "SQL Server Availability Group")),
        (2.0 + late, other, "Application", "MSSQLSERVER", 19406, ("AG1", "R", "PRIMARY_NORMAL")),
        (40.0, other, "System", CLUSTER, 1201, ("AG1",)),
    ]


def moved(lost: str, late: float) -> list[Entry]:
    """A role moves; nobody was lost."""
    other = next(node for node in NODES if node != lost)
    return [
        (0.0, lost, OPERATIONAL, CLUSTER, 1641, ("FS", lost, other)),
        (3.0 + late, other, "System", CLUSTER, 1201, ("FS",)),
    ]


SHAPES = (removal, lease, moved)


@st.composite
def nights(draw: st.DrawFn) -> list[tuple[datetime, str, str]]:
    """Give the events of a night in order: when, on which node, as XML."""
    writing, written = Writing(), []
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.floats(0, 1500) | st.floats(0, 300))
        shape, lost = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(NODES))
        entries = shape(lost, draw(st.sampled_from([0.0, 20.0, 55.0])))
        written += [(moment(start + entry[0]), entry) for entry in entries]
    written.sort(key=lambda pair: pair[0])
    return [(at, entry[1], writing.xml(at, entry)) for at, entry in written]

"""However a night is cut into looks, each disturbance is told, under one key, and none invented."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.disturbance import SETTLED, Disturbance, View
from commands.watch import Habits, read_marks, recall, start, understand
from commands.watch_memory import Known, Memory, owner
from sources.access import ClusterAccess, WinRmAccess
from sources.deadline import Deadline
from sources.gather import gather
from sources.material import Configuration, Incident, Material
from sources.raw import RawFile
from sources.windows.node_watch import WATCHED, NodeSeen, read_node
from sources.windows.output import Output
from sources.windows.queries import Line
from sources.windows.watch import Look, Mark, Roster, put_together
from tests.commands.nights import NODES, moment, nights
from tests.peers.cluster_model import ClusterModel, NodeModel
from tests.peers.node_shell import NodeShell
from verdict.failover import Failover, failovers

ACCESS = ClusterAccess("SQLAG01", ("127.0.0.1",), WinRmAccess())
SHEET = Configuration("SQLAG01", nodes=dict.fromkeys(NODES))
ROSTER = Roster(dict.fromkeys(NODES, ""), {}, SHEET, Deadline.after(1e9))
HABITS = Habits(patience=timedelta(days=1))
END = 1500 + 130 + SETTLED.total_seconds()
BEGIN = moment(-60) - HABITS.first

Night = Sequence[tuple[datetime, str, str]]


@dataclass(slots=True)
class Keeper:
    """Stores what a look gives back, as the bot does, and asks the logs as they are then."""

    night: Night
    marks: dict[str, str] = field(default_factory=dict)
    told: list[Disturbance] = field(default_factory=list)

    def look(self, now: datetime, down: frozenset[str]) -> None:
        """Look once; the nodes that are down cannot be asked."""
        memory = recall(self.marks, HABITS, now)
        look = Look(read_marks(self.marks), start(memory, now), now - HABITS.first)
        begin = Mark(0, look.begin)
        before = {
            f"{n}/{c.name}": look.marks.get(f"{n}/{c.name}", begin) for n in NODES for c in WATCHED
        }
        parts = [self.node(name, now, before, look.since, down) for name in NODES]
        seen = put_together(look, before, ROSTER, (), parts)
        view = View(look.since, now, seen.whole, seen.oldest, HABITS.patience)
        watched = understand(ACCESS, seen, view, memory)
        self.marks = dict(watched.marks)
        self.told += watched.disturbances

    def node(
        self,
        name: str,
        now: datetime,
        before: dict[str, Mark],
        since: datetime,
        down: frozenset[str],
    ) -> NodeSeen:
        marks = {c.name: before[f"{name}/{c.name}"] for c in WATCHED}
        if name in down:
            return NodeSeen(name, marks=marks, whole=False)
        events = [xml for at, node, xml in self.night if node == name and at <= now]
        model = NodeModel(name, events=events)
        shell = NodeShell(ClusterModel("SQLAG01", [model]))

        def run(line: Line) -> Output:
            ended = shell.run(model, " ".join([line[0], *line[1]]))
            at = datetime.now(UTC)
            return Output(ended.stdout, ended.stderr, ended.code, at, at)

        return read_node(run, name, marks, since)


def whole(night: Night) -> tuple[Failover, ...]:
    """Read the whole stream at once."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for _, node, xml in night:
        texts[node].append(xml)
    files = {n: (RawFile.in_memory("a.xml", "\n".join(t).encode()),) for n, t in texts.items()}
    material = Material("", Incident(cluster="SQLAG01"), SHEET, files)
    return failovers(gather(material, moment(END)))


looks = st.lists(
    st.tuples(st.floats(0, END) | st.floats(0, 400), st.frozensets(st.sampled_from(NODES))),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(nights(), looks)
def test_any_split_of_a_night_tells_each_disturbance_under_one_key_and_no_other(
    night: Night, cuts: list[tuple[float, frozenset[str]]]
) -> None:
    keeper = Keeper(night)
    keeper.look(moment(-60), frozenset())
    for seconds, down in sorted(cuts):
        keeper.look(moment(seconds), down)
    for extra in range(4):
        keeper.look(moment(END + extra * 15), frozenset())
    told = keeper.told
    true = whole(night)
    keys: defaultdict[int, set[str]] = defaultdict(set)
    for one in told:
        known = Known.of("SQLAG01", one.failover, moment(END), loud=one.loud)
        mine = owner("SQLAG01", Known(one.key, known.at, known.until, known.told, one.loud), true)
        assert mine is not None, "invented"
        keys[true.index(mine)].add(one.key)
    assert set(keys) == set(range(len(true)))
    assert all(len(found) == 1 for found in keys.values())
    assert len(set().union(*keys.values()) if keys else ()) == len(true)


def test_a_memory_is_read_back_as_it_was_written() -> None:
    known = Known("k", moment(0), moment(1), moment(2), loud=True)
    memory = Memory(moment(-1), moment(3), (known,))
    assert Memory.of(str(memory)) == memory

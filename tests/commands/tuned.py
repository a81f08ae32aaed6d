"""A cluster whose heartbeat values can be read and set without a wire, and people who click."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from commands.change import carry_out
from commands.cluster_change import Change
from commands.context import Context
from commands.decide import Click, approve
from commands.kept import read
from commands.proposal_post import post_of
from commands.reply import Card
from commands.rights import Rights
from commands.telling import tell
from commands.tune import Asked, tune
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import LateError
from sources.windows.apply import Applied, Outcome
from sources.windows.heartbeat_values import Values
from storage.audit import entries
from storage.people import Person
from storage.posts import Post, post_named
from storage.proposals import Proposal
from storage.store import Store
from tests.commands.stored import NOW, SITE, cluster, fill, nightly

ANNA, BEN, CARL = (Person(f"U0{name.upper()}", name) for name in ("Anna", "Ben", "Carl"))
RIGHTS = Rights(frozenset({BEN.id, ANNA.id}))
"""Ben and Anna approve; Anna is also the one who asks."""
WANTED = {"SameSubnetThreshold": 15}
HOUR = timedelta(hours=1)
LATE = LateError("winrm", "SQL01", "it does not answer", "Ask again.")


@dataclass(slots=True)
class Recorded:
    """A cluster in memory. `now` is the time of the story."""

    values: dict[str, int] = field(
        default_factory=lambda: {
            "SameSubnetDelay": 1000,
            "SameSubnetThreshold": 10,
            "CrossSubnetDelay": 1000,
            "CrossSubnetThreshold": 40,
        }
    )
    now: datetime = NOW
    down: bool = False
    lost: bool = False
    """Whether the connection is lost right after a change was sent."""
    done: bool = True
    """Whether what is sent is done."""
    sent: list[dict[str, int]] = field(default_factory=list)
    objection: str | None = None
    before_sending: Callable[[], None] = lambda: None

    @property
    def change(self) -> Change:
        """The way to it."""
        return Change(self.read, self.apply, self.may_change)

    def read(self, _: ClusterAccess, __: Deadline) -> Values:
        """Give the values."""
        if self.down:
            raise LATE
        return Values(dict(self.values), datetime.now(UTC), "SQL01")

    def may_change(self, _: ClusterAccess, __: Deadline) -> str | None:
        """Say why not."""
        return self.objection

    def apply(
        self, _: ClusterAccess, expected: Mapping[str, int], wanted: Mapping[str, int], __: Deadline
    ) -> Applied:
        """Set the values as `sources.windows.apply` does, with the outcomes that it has."""
        self.before_sending()
        old = dict(self.values)
        if self.down:
            return Applied(Outcome.FAILED, {}, None, "SQL01: it does not answer.")
        if old != dict(expected):
            return Applied(Outcome.DRIFTED, old, old, "Somebody changed the values meanwhile.")
        self.sent.append(dict(wanted))
        if self.done:
            self.values |= wanted
        if self.lost:
            self.down = True
            return Applied(Outcome.UNKNOWN, old, None, "It was sent to SQL01, and then nothing.")
        if not self.done:
            return Applied(Outcome.FAILED, old, old, "Nothing was changed.")
        return Applied(Outcome.APPLIED, old, dict(self.values), node="SQL01")


@dataclass(slots=True)
class Story:
    """A cluster, a store, and what people do."""

    context: Context
    live: Recorded

    @property
    def store(self) -> Store:
        """What survives."""
        return self.context.store

    def asks(
        self,
        wanted: Mapping[str, int] = WANTED,
        lasts: timedelta | None = None,
        who: Person = ANNA,
        why: str = "stun of 12.4 s",
    ) -> Proposal:
        """Propose."""
        asked = Asked("sqlag01", wanted, why, who, lasts)
        return tune(self.context, asked, RIGHTS, self.live.change)

    def click(self, key: str, who: Person = BEN, rights: Rights = RIGHTS) -> Click:
        """Click on a card."""
        return Click(key, who, rights)

    def approves(self, key: str, who: Person = BEN, rights: Rights = RIGHTS) -> Proposal:
        """Approve."""
        return approve(self.context, self.click(key, who, rights), self.live.change)

    def applied(self, lasts: timedelta | None = None) -> str:
        """Propose, approve and apply; give the id."""
        key = self.asks(lasts=lasts).id
        self.approves(key)
        carry_out(self.context, key, self.live.change)
        return key

    def card(self, key: str) -> Card:
        """Give the card of a proposal as Slack is told to show it by now."""
        return read(self._post(key).reply).cards[0]

    def offered(self, key: str) -> list[str]:
        """Give the buttons that it has by now."""
        return list(self._post(key).offered)

    def said(self, key: str) -> list[str]:
        """Give the lines that were said below it, oldest first."""
        tell(self.context, ())
        mine = [one for one in entries(self.store) if one.proposal == key]
        posts = [post_named(self.store, f"audit {one.number}") for one in mine]
        return [read(post.reply).closing[0] for post in posts if post]

    def _post(self, key: str) -> Post:
        tell(self.context, ())
        found = post_of(self.context, key)
        assert found
        return found

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        self.live.now += by


@contextmanager
def story(folder: Path) -> Iterator[Story]:
    """Begin with a cluster of Windows Server 2016 that was stunned 12.4 s last night."""
    live = Recorded()
    with Store.open(folder / "stuncheck.db") as store:
        context = Context(SITE, store, lambda: live.now)
        fill(context, cluster(), *nightly(0.4, 12.4))
        yield Story(context, live)


def other(rights: Rights, *approvers: Person) -> Rights:
    """Give the rights with other approvers."""
    return replace(rights, approvers=frozenset(one.id for one in approvers))

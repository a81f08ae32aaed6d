"""Rights: who may propose, approve, reject and revert, by user id when somebody clicks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from commands.drift import by_hand
from sources.errors import UserError
from storage.people import Person
from storage.proposals import Proposal

NOBODY = "Nobody may approve: set approvers or approver_groups under [tuning]."


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may do what, read when somebody clicks; groups are given by their members' ids.

    An empty list of approvers means nobody. `requesters` None means everybody.
    """

    approvers: frozenset[str] = frozenset()
    break_glass: frozenset[str] = frozenset()
    requesters: frozenset[str] | None = None
    expires: timedelta = timedelta(hours=24)
    """How long a proposal waits."""
    called: tuple[str, ...] = ()
    """The ids of the people and groups who may approve, to call them."""
    doubt: str = ""
    """What of these rights could not be read; nobody has a right by it."""
    foreign: bool = False
    """Whether whoever clicked belongs to another workspace: then they may do nothing here."""

    def check_propose(self, who: Person) -> None:
        """Raise UserError for somebody who may not propose."""
        self._check_home()
        if self.requesters is not None and not _in(who, self.requesters):
            raise UserError("You may not propose changes.", "[tuning] requesters says who may.")

    def check_approve(self, who: Person, proposal: Proposal, *, break_glass: bool) -> None:
        """Raise UserError for somebody who may not approve; the requester never may.

        To break the glass it takes to be listed for that, and nothing else.
        """
        self._check_home()
        if break_glass:
            if not _in(who, self.break_glass):
                raise UserError("You are not listed to break the glass.", self.asking)
            return
        if who.same(proposal.asked_by):
            raise UserError("Nobody approves what they asked for themselves.", self.asking)
        if not _in(who, self.approvers):
            raise UserError("You may not approve changes.", self.asking)

    def check_reject(self, who: Person, proposal: Proposal) -> None:
        """Raise UserError for who is neither an approver nor the one who asked."""
        self._check_home()
        if not who.same(proposal.asked_by) and not _in(who, self.approvers):
            raise UserError("You may not reject this proposal.", self.asking)

    def check_revert(self, who: Person, proposal: Proposal) -> None:
        """Raise UserError for who is not an approver, did not ask, and may not break the glass.

        Back to what was is the safe way: the one who asked needs nobody else for it. But where
        somebody else has set other values since, only an approver may overwrite those.
        """
        self._check_home()
        if by_hand(proposal, proposal.after):
            self.check_keep(who)
            return
        mine = who.same(proposal.asked_by)
        if not mine and not _in(who, self.approvers | self.break_glass):
            raise UserError("You may not revert this change.", self.asking)

    def check_keep(self, who: Person) -> None:
        """Raise UserError for who is not an approver and would decide on somebody else's values."""
        self._check_home()
        if not _in(who, self.approvers):
            raise UserError("You may not decide on values that somebody else has set.", self.asking)

    def needs_glass(self, who: Person, proposal: Proposal) -> bool:
        """Whether somebody may approve only by breaking the glass."""
        alone = who.same(proposal.asked_by) or not _in(who, self.approvers)
        return alone and not self.foreign and _in(who, self.break_glass)

    def others(self, proposal: Proposal) -> bool:
        """Whether anybody else than the one who asked may approve."""
        return any(not Person(one, "").same(proposal.asked_by) for one in self.approvers)

    @property
    def asking(self) -> str:
        """Say whom to ask, and who could not be read."""
        whom = "Ask an approver." if self.approvers or self.doubt else NOBODY
        return f"{whom} {self.doubt}".strip()

    def _check_home(self) -> None:
        if self.foreign:
            raise UserError(
                "You belong to another workspace; only members of this one may change anything."
            )


def _in(who: Person, listed: Iterable[str]) -> bool:
    return any(who.same(Person(one, "")) for one in listed)

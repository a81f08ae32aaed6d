"""How long a vCenter keeps its tasks and events."""

from datetime import datetime, timedelta

from sources.errors import SourceError
from sources.vcenter.session import Session
from sources.vcenter.vmomi import vim

DEFAULT = 30
"""Days, since vCenter 6.5."""

SHORTEST = timedelta(days=1)
"""No vCenter keeps less, so that nobody needs to ask about younger items."""

KINDS = ("task", "event")


def kept_since(session: Session, now: datetime, begin: datetime) -> datetime:
    """Give the moment from which on nothing was thrown away yet, `begin` or later."""
    if now - begin < SHORTEST:
        return begin
    days = [age for kind in KINDS if (age := _days(session, kind)) is not None]
    return max([begin, *(now - timedelta(days=age) for age in days)])


def _days(session: Session, kind: str) -> int | None:
    """How many days items of a kind are kept; None for ever."""
    settings = session.content.setting

    def query() -> dict[str, object]:
        found: dict[str, object] = {}
        for key in (f"{kind}.maxAgeEnabled", f"{kind}.maxAge"):
            try:
                found |= {option.key: option.value for option in settings.QueryOptions(key)}
            except vim.fault.InvalidName:
                continue
        return found

    try:
        found = session.run(query)
    except SourceError:  # it does not say
        return DEFAULT
    if found.get(f"{kind}.maxAgeEnabled") in {False, "false"}:
        return None
    try:
        return int(str(found.get(f"{kind}.maxAge", DEFAULT)))
    except ValueError:
        return DEFAULT

"""What is asked of the systems about one moment, as it was configured."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sources.pull import Request

if TYPE_CHECKING:
    from bot.configuration import Settings


Asking = Callable[[str, datetime], Request]
"""`request` for a configuration: cluster and moment (UTC) give what is asked."""


def request(settings: "Settings", cluster: str, at: datetime) -> Request:
    """Ask about a moment (UTC) of a cluster. Raises UserError for a stranger."""
    site = settings.site(cluster)
    return Request(
        site.clusters[0],
        site,
        at,
        before=settings.before,
        after=settings.after,
        each=settings.source_deadline.total_seconds(),
        whole=settings.whole_deadline.total_seconds(),
    )

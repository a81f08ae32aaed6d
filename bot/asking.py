"""What is asked of the systems about one moment, as it was configured."""

from datetime import datetime
from typing import TYPE_CHECKING

from sources.pull import Request

if TYPE_CHECKING:
    from bot.configuration import Settings


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

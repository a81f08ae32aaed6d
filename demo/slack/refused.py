"""A refusal: what Slack says instead of doing what it was asked."""

from typing import Any

Row = dict[str, Any]
"""A JSON object, as it goes over the wire."""


class RefusedError(Exception):
    """Slack says no; `error` is its word for it, e.g. "channel_not_found"."""

    def __init__(
        self, error: str, why: tuple[str, ...] = (), *, status: int = 200, retry_after: int = 0
    ) -> None:
        super().__init__(error)
        self.error, self.why = error, why
        self.status, self.retry_after = status, retry_after

    def row(self) -> Row:
        """Give the answer's body."""
        body: Row = {"ok": False, "error": self.error}
        if self.why:
            body["errors"] = [*self.why]
            body["response_metadata"] = {"messages": [f"[ERROR] {why}" for why in self.why]}
        return body


class ImpossibleError(Exception):
    """A person at the screen could not do this: no such button, no such modal, not a member."""

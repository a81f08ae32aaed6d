"""Asked: what a person typed in Slack, and where the answer belongs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked what, and where. `key` is the same if it comes again.

    `teams` are the workspaces that Slack names for the person; `trigger` lets us open a form for
    three seconds, where there is one.
    """

    key: str
    user: str
    channel: str
    thread: str | None
    text: str
    name: str = ""
    teams: tuple[str, ...] = ()
    trigger: str = ""

"""What is wrong with an answer of wevtutil, in words."""

from sources.errors import SourceError
from sources.windows import queries
from sources.windows.output import Output
from sources.windows.queries import Channel

READERS = "Put the account into Event Log Readers on the node. See docs/permissions.md."


def trouble(channel: Channel, output: Output | SourceError) -> tuple[str, str | None] | None:
    """Say what is wrong with an answer, and what to do; None where nothing is."""
    if isinstance(output, SourceError):
        return f"not read, {output.message}", output.hint
    if output.fault:
        part = "read only in part" if output.stdout else "not read"
        return f"{part}, {output.fault.message}", output.fault.hint
    if output.code == 0 or (output.code == queries.NOT_THERE and not channel.needed):
        return None
    if output.code == queries.DENIED:
        return "this account may not read it", READERS
    said = " ".join(output.stderr.decode("utf-8", "replace").split())[:200]
    why = f"not read to its end, wevtutil ended with {output.code} {said}".strip()
    return why, f"Run on the node: wevtutil gl {channel.name}"

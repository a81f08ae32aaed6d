"""A storm: one message that counts the failovers that came at once."""

from typing import TYPE_CHECKING

from commands.limit_words import count
from commands.reply import Card, Reply, Section, Tone
from commands.wording import HEADLINES
from storage.posts import Post, below_storm
from verdict.verdict import Blame

if TYPE_CHECKING:
    from storage.store import Store

TONES = ((Blame.CAUSED, Tone.RED), (Blame.SUSPECTED, Tone.YELLOW))
"""What colours the whole: the worst that was found."""


def storm_reply(store: "Store", storm: Post | None) -> Reply:
    """Count what stands below a storm, by verdict. Raises UserError."""
    found = below_storm(store, storm.id) if storm else {}
    total, waiting = sum(found.values()), found.get(None, 0)
    judged = {blame: found.get(blame.value, 0) for blame in Blame}
    tone = next((tone for blame, tone in TONES if judged[blame]), Tone.GREY)
    items = tuple(f"{HEADLINES[blame]}: {number}" for blame, number in judged.items() if number)
    still = (f"Being checked: {waiting}",) if waiting else ()
    card = Card(
        tone,
        f"{count(total, 'more failover')} at once" if total else "Many failovers at once",
        (),
        ("Each is answered below, one after the other.",),
        sections=(Section("So far", (*items, *still)),) if items or still else (),
    )
    return Reply(payload={}, cards=(card,))

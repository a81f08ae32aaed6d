"""A Reply for Slack: the one place that knows Block Kit.

Texts from outside are plain_text, in which Slack formats and links nothing; mrkdwn is used where
a title is bold or a table stands in a code block, always verbatim, so that no name becomes a
link and no "@here" a ping.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot import limits
from bot.actions import CONFIRMED, LABELS, PRIMARY, Action
from bot.alt_text import alt_text
from bot.code_table import lines
from bot.escape import clip, escape, fit, formats, units
from commands.reply import Card, Problem, Reply, Section, Table, Tone

Block = dict[str, Any]
"""One block, or an object in it, as Slack takes it."""

CIRCLES = {Tone.RED: "🔴", Tone.GREEN: "🟢", Tone.YELLOW: "🟡", Tone.GREY: "⚪"}
"""Never without the word beside it."""

NOTHING = "-"
"""Slack refuses an empty text."""

ROW = "actions"
"""The block_id of the row of buttons."""

CALLABLE = re.compile(r"[UWS][A-Z0-9]{2,20}")
"""An id of a person or of a user group; nothing else is ever put between Slack's brackets."""

MORE = len("and 1,000,000 more")
"""Room for the line that says what was left out."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, the text for notifications and old clients, words for pictures.

    `alts` has one text for each card that has a picture, in the order of the cards.
    """

    blocks: tuple[Block, ...]
    text: str
    alts: tuple[str, ...] = ()

    def body(self) -> Block:
        """Give the arguments that chat.postMessage and chat.update have in common.

        chat.update needs blocks and text, else it removes the blocks, and would look for names
        and links in the text by itself (https://docs.slack.dev/reference/methods/chat.update).
        """
        return {
            "blocks": list(self.blocks),
            "text": self.text,
            "parse": "none",
            "link_names": False,
        }

    def whispered(self) -> Block:
        """Give the arguments for what one person sees alone; a response_url takes no others."""
        return {"blocks": list(self.blocks), "text": self.text}


def render(
    reply: Reply, subject: str = "", offered: Sequence[Action] = (), called: Sequence[str] = ()
) -> Message:
    """Show a reply, with the buttons that are offered for an incident or a proposal.

    `subject` is what a click brings back, at most 2000 characters; `called` are the ids of people
    and user groups whom the message calls. What has no room in one message is left out from the
    end and counted; buttons and calls never are.
    """
    last = [_calling(called)] if any(map(CALLABLE.fullmatch, called)) else []
    last += [_buttons(subject, offered)] if offered else []
    alts = (clip(alt_text(card), limits.ALT) for card in reply.cards)
    return Message(
        blocks=(*_within(list(_blocks(reply)), spare=len(last)), *last),
        text=_fallback(reply),
        alts=tuple(alt for alt in alts if alt),
    )


def _blocks(reply: Reply) -> Iterator[Block]:
    for number, card in enumerate(reply.cards):
        if number:
            yield {"type": "divider"}
        yield from _card(card)
    yield from map(_problem, reply.problems)
    for table in reply.tables:
        yield from _table(table)
    if closing := fit("  ".join(reply.closing), limits.SECTION):
        yield _section(_plain(closing))


def _within(blocks: list[Block], *, spare: int) -> list[Block]:
    """Keep what Slack takes in one message, and say how much is left out."""
    kept, room = 0, limits.WHOLE
    for block in blocks:
        room -= sum(map(units, texts(block)))
        if room < 0:
            break
        kept += 1
    most = limits.BLOCKS - spare
    if kept == len(blocks) <= most:
        return blocks
    kept = min(kept, most - 1)
    left_out = len(blocks) - kept
    parts = "1 more part" if left_out == 1 else f"{left_out:,} more parts"
    words = f"Slack has no room for {parts} of this answer; the terminal shows all of it."
    return [*blocks[:kept], _context(words)]


def texts(block: Block) -> Iterator[str]:
    """Give the texts of a block's text objects, escaped as they are."""
    held = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
    yield from (one["text"] for one in held if one and isinstance(one.get("text"), str))


def _card(card: Card) -> Iterator[Block]:
    headline = f"{CIRCLES[card.tone]} {card.tone.value}  {card.headline}"
    yield {"type": "header", "text": _plain(fit(headline, limits.HEADER))}
    if context := fit(", ".join(card.context), limits.FIELD):
        yield _context(context)
    for paragraph in card.paragraphs:
        if words := fit(paragraph, limits.SECTION):
            yield _section(_plain(words))
    for first in range(0, len(card.figures), limits.FIELDS):
        some = card.figures[first : first + limits.FIELDS]
        yield {"type": "section", "fields": [_figure(name, value) for name, value in some]}
    yield from (listed(section) for section in card.sections if section.items)


def _figure(name: str, value: str) -> Block:
    """Give a name above its value."""
    label = fit(name, limits.BUTTON) or NOTHING
    return _titled(label, fit(value, limits.FIELD - 2 * limits.BUTTON) or NOTHING)


def listed(section: Section) -> Block:
    """Give a title above its sentences, as many as there is room for."""
    title = fit(section.title, limits.HEADER) or NOTHING
    room = limits.SECTION - units(title) - MORE - 4
    told: list[str] = []
    for item in section.items:
        line = f"• {fit(item, limits.ITEM)}"
        room -= units(line) + 1
        if room < 0:
            told.append(_more(len(section.items) - len(told)))
            break
        told.append(line)
    return _section(_titled(title, "\n".join(told)))


def _titled(title: str, words: str) -> Block:
    """Make the title bold, unless the words would then be read as formatting (both escaped)."""
    if formats(title) or formats(words):
        return _plain(f"{title}\n{words}")
    return _marked(f"*{title}*\n{words}")


def _problem(problem: Problem) -> Block:
    half = limits.SECTION // 2
    told = [fit(problem.message, half) or NOTHING, fit(problem.hint or "", half - 1)]
    return _section(_plain("\n".join(line for line in told if line)))


def _table(table: Table) -> Iterator[Block]:
    """Give the title above a code block with as many rows as there is room for."""
    titles, *rows = map(escape, lines(table, limits.ROWS))
    title = fit(table.title, limits.HEADER)
    head = f"*{title}*\n" if title and not formats(title) else ""
    if title and not head:
        yield _section(_plain(title))
    room = limits.SECTION - units(head) - units(titles) - len("```\n\n```") - MORE
    kept = [titles]
    for row in rows:
        room -= units(row) + 1
        if room < 0:
            break
        kept.append(row)
    if left_out := len(table.rows) - len(kept) + 1:
        kept.append(_more(left_out))
    body = "\n".join(kept)
    yield _section(_marked(f"{head}```\n{body}\n```"))


def _more(count: int) -> str:
    return f"and {count:,} more"


def _fallback(reply: Reply) -> str:
    """Say in one text what a notification shows and what a client without blocks needs."""
    told = [_summary(card) for card in reply.cards]
    told += [" ".join(filter(None, (one.message, one.hint))) for one in reply.problems]
    told += [table.title for table in reply.tables]
    told += reply.closing
    return fit("  ".join(told), limits.FALLBACK) or NOTHING


def _summary(card: Card) -> str:
    context = ", ".join(card.context)
    headline = f"{card.tone.value}: {card.headline}" + (f" ({context})" if context else "")
    return "  ".join((headline, *card.paragraphs))


def _calling(called: Sequence[str]) -> Block:
    """Call people: the one place where a message pings, and only ids that were configured."""
    ids = [ident for ident in dict.fromkeys(called) if CALLABLE.fullmatch(ident)]
    names = (f"<!subteam^{ident}>" if ident[0] == "S" else f"<@{ident}>" for ident in ids)
    return {"type": "context", "elements": [_marked(f"cc {' '.join(names)}")]}


def _buttons(subject: str, offered: Sequence[Action]) -> Block:
    return {
        "type": "actions",
        "block_id": ROW,
        "elements": [_button(subject, action) for action in dict.fromkeys(offered)],
    }


def _button(subject: str, action: Action) -> Block:
    button: Block = {
        "type": "button",
        "action_id": action.value,
        "text": _plain(LABELS[action]),
    }
    if subject:
        button["value"] = subject
    if action in PRIMARY:
        button["style"] = "primary"
    if action in CONFIRMED:
        asked = CONFIRMED[action]
        button["confirm"] = {
            "title": _plain(asked.title),
            "text": _plain(asked.text),
            "confirm": _plain(LABELS[action]),
            "deny": _plain("Cancel"),
        }
    return button


def _section(text: Block) -> Block:
    return {"type": "section", "text": text}


def _context(words: str) -> Block:
    return {"type": "context", "elements": [_plain(words)]}


def _plain(words: str) -> Block:
    """Make a text in which Slack reads nothing; the words are escaped and fit."""
    return {"type": "plain_text", "text": words, "emoji": False}


def _marked(words: str) -> Block:
    """Make a text with markup, in which nothing becomes a link by itself."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}

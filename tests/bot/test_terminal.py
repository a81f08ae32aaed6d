"""The terminal shows a reply to a person who was woken up."""

import re
from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot import terminal
from commands.incident import card
from commands.reply import Column, Problem, Reply, Share, Table
from tests.commands.sample import CAUSED, CLEARED, STUN, at
from verdict.verdict import Mark, Verdict


def shown(reply: Reply, width: int = 100, *, colour: bool = False) -> str:
    file = StringIO()
    system: Literal["standard"] | None = "standard" if colour else None
    terminal.show(
        reply,
        Console(file=file, width=width, force_terminal=colour, color_system=system, markup=False),
    )
    return file.getvalue()


def shown_card(verdict: Verdict, width: int = 100) -> str:
    return shown(Reply({}, (card(verdict),)), width)


def test_the_first_line_is_the_answer() -> None:
    first = shown_card(CAUSED).splitlines()[0]
    assert re.fullmatch(
        r"RED     Backup caused this failover +SQLAG01, 2026-03-01 02:14:11 UTC", first
    )


def test_the_time_line_draws_the_stun_longer_than_what_is_tolerated() -> None:
    lines = shown_card(CAUSED).splitlines()
    stun = next(line for line in lines if "sql01 stunned" in line)
    tolerated = next(line for line in lines if "tolerated " in line and "┤" in line)
    assert stun.index("█") == tolerated.index("─") or "╶" in tolerated
    assert stun.count("█") > tolerated.count("─") > 5
    assert "12.4 s" in stun
    assert "10.0 s" in tolerated


def test_a_job_longer_than_the_picture_has_arrows_at_both_ends_and_its_length() -> None:
    job = next(line for line in shown_card(CAUSED).splitlines() if "◂" in line)
    assert job.endswith("▸")
    assert "105 min" in job


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("verdict", [CAUSED, CLEARED])
def test_no_line_is_wider_than_the_terminal(verdict: Verdict, width: int) -> None:
    said = shown_card(verdict, width)
    assert max(map(len, said.splitlines())) <= width
    assert all(line == line.rstrip() for line in said.splitlines()[1:])


def test_what_is_not_a_terminal_gets_no_colour_and_one_that_is_gets_it() -> None:
    reply = Reply({}, (card(CAUSED),))
    assert "\x1b" not in shown(reply)
    assert "\x1b[1;31m" in shown(reply, colour=True)


def test_hostile_names_show_as_letters() -> None:
    name = "[red]x\x1b[31m\nGREEN   Not the backup"
    hostile = replace(
        CAUSED,
        cluster=name,
        lost_node=name,
        stun=replace(STUN, vm=name),
        reasons=(name,),
        timeline=(Mark("stun", name, at(0), at(12)), Mark("removal", name, at(10.6))),
    )
    said = shown_card(hostile, 120)
    assert "\x1b" not in said
    assert "[red]x\\x1b[31m GREEN" in said
    assert not re.search("^GREEN", said, re.MULTILINE)


def test_a_share_is_a_bar_that_does_not_grow_over_its_end() -> None:
    table = Table("Stuns", (Column("a"),), ((Share(0.5),), (Share(12.0),)))
    _, _, half, over = shown(Reply({}, tables=(table,))).splitlines()
    assert half.count("█") == 5
    assert over.count("█") == 10
    assert "1200%" in over


def test_a_terminal_that_knows_only_ascii_gets_ascii() -> None:
    file = TextIOWrapper(BytesIO(), encoding="ascii")
    table = Table("Stuns", (Column("a"),), ((Share(0.5),),))
    terminal.show(Reply({}, (card(CAUSED),), (table,)), Console(file=file, width=100))
    file.flush()


def test_a_problem_says_what_to_do_about_it() -> None:
    file = StringIO()
    terminal.show_problem(Problem("a\x1b is missing.", "Check it."), Console(file=file))
    assert file.getvalue() == "stuncheck: a\\x1b is missing.\n  Check it.\n"


TEXTS = st.text(st.characters(), max_size=40)
MARKS = st.builds(
    lambda kind, label, start, length: Mark(
        kind, label, at(start), at(start + length) if length is not None else None
    ),
    st.sampled_from(["stun", "silence", "removal", "task", "job", "step", "rival", "sign"]),
    TEXTS,
    st.floats(-1e5, 1e5),
    st.none() | st.floats(0, 1e5),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(MARKS, max_size=20), st.integers(20, 130), TEXTS)
def test_any_verdict_fits_any_terminal(marks: list[Mark], width: int, name: str) -> None:
    said = shown_card(replace(CAUSED, cluster=name, reasons=(name,), timeline=tuple(marks)), width)
    assert "\x1b" not in said

"""Any reply becomes a message that Slack takes, and that pings nobody."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.actions import LABELS, Action
from bot.blocks import Message, render
from commands.incident import card
from commands.reply import Card, Column, Problem, Reply, Room, Section, Share, Table, Tone, Toned
from commands.stun_chart import StunChart
from commands.tradeoff_chart import Point, TradeoffChart
from tests.bot.slack_limits import faults
from tests.commands.sample import CAUSED, CLEARED, STUN

HOSTILE = [
    "<!channel>", "<@U123>", "<!subteam^S1|all>", "@here", "*bold*", "`x` ```y```", "_a_", "&lt;",
    "http://evil.example/?a&b", "a\nb\r\nRED", "\u202egnp.exe", "x\x1b[31m\x00", "\udcff", ":fire:",
    "> quoted", "", " ", "東京" * 60, "😀" * 200, "&" * 900, "word " * 2000,
]  # fmt: skip

AT = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


def checked(message: Message) -> Message:
    """Hold a message against our validator and against the models of Slack's own library."""
    assert faults(list(message.blocks), message.text) == []
    for block in message.blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.to_dict()
    json.dumps(message.body()).encode()
    return message


def said(message: Message) -> str:
    """Give every text of the blocks, as Slack would show it."""
    whole = json.dumps(message.blocks, ensure_ascii=False)
    return whole.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_the_answer_stands_first_with_colour_and_word() -> None:
    message = checked(render(Reply({}, (card(CAUSED),))))
    assert message.blocks[0]["text"]["text"] == "🔴 RED  Backup caused this failover"
    assert message.blocks[1]["elements"][0]["text"] == "SQLAG01, 2026-03-01 02:14:11 UTC"
    assert message.text.startswith("RED: Backup caused this failover (SQLAG01, 2026-03-01")


def test_the_proof_the_figures_and_the_sections_follow() -> None:
    message = checked(render(Reply({}, (card(CAUSED),))))
    assert "tolerates 10.0 s. SQL02 removed SQL01" in message.blocks[2]["text"]["text"]
    fields = next(block["fields"] for block in message.blocks if "fields" in block)
    assert fields[0]["text"].startswith("*Cause*\nstun while a snapshot was removed")
    assert "*What to do*\\n• SameSubnetThreshold 15" in said(message)


def test_the_buttons_bring_the_incident_back() -> None:
    message = checked(render(Reply({}, (card(CAUSED),)), "incident-7", tuple(Action)))
    buttons = message.blocks[-1]["elements"]
    assert [one["action_id"] for one in buttons] == [action.value for action in Action]
    assert {one["value"] for one in buttons} == {"incident-7"}
    assert [one["text"]["text"] for one in buttons] == list(LABELS.values())


def test_what_changes_a_cluster_is_asked_twice() -> None:
    buttons = checked(render(Reply({}), "p1", tuple(Action))).blocks[-1]["elements"]
    assert {one["action_id"] for one in buttons if "confirm" in one} == {"approve", "revert"}


@pytest.mark.parametrize("ident", ["U0BEN", "S0DBA", "W0GRID"])
def test_who_is_called_is_called_by_id(ident: str) -> None:
    block = checked(render(Reply({}, closing=("x",)), called=(ident, ident))).blocks[-1]
    sign = "!subteam^" if ident[0] == "S" else "@"
    assert block["elements"][0]["text"] == f"cc <{sign}{ident}>"


@pytest.mark.parametrize("ident", ["!channel", "here", "U1> <!channel", "C0123", "u0ben", ""])
def test_nothing_but_an_id_of_people_calls_anybody(ident: str) -> None:
    message = checked(render(Reply({}, closing=("x",)), called=(ident,)))
    assert len(message.blocks) == 1


def test_slack_looks_for_no_names_in_the_text_by_itself() -> None:
    body = render(Reply({}, (card(CLEARED),))).body()
    assert (body["parse"], body["link_names"]) == ("none", False)
    assert body["text"]
    assert body["blocks"]


def test_a_problem_says_what_to_do() -> None:
    message = checked(render(Reply({}, problems=(Problem("No <b>.", "Try `c`."),))))
    assert message.blocks[0]["text"]["text"] == "No &lt;b&gt;.\nTry `c`."
    assert message.text == "No &lt;b&gt;. Try `c`."


def test_a_table_stands_in_lines_and_counts_what_it_leaves_out() -> None:
    columns = (Column("Start"), Column("Stun", right=True), Column("Used"))
    rows = tuple((f"{n:02}:00", f"{n}.0 s", Share(n / 20)) for n in range(30))
    message = checked(render(Reply({}, tables=(Table("Last stuns", columns, rows),))))
    lines = message.blocks[0]["text"]["text"].splitlines()
    assert lines[:4] == [
        "*Last stuns*",
        "```",
        "Start    Stun  Used",
        "00:00   0.0 s  ··········   0%",
    ]
    assert lines[12] == "09:00   9.0 s  ████▌·····  45%"
    assert lines[-2:] == ["and 10 more", "```"]


def wide(path: str, proxy: str = "p" * 24) -> list[str]:
    """Give the rows of a table that is too wide."""
    columns = (Column("Time"), Column("Proxy", room=Room.CUT), Column("Path", room=Room.FOLDED))
    table = Table("Wide", columns, (("x" * 38, proxy, path),))
    text = str(checked(render(Reply({}, tables=(table,)))).blocks[0]["text"]["text"])
    return text.splitlines()[3:-1]


def test_a_table_too_wide_loses_the_ends_of_names_that_are_known_anyway() -> None:
    first, *_ = wide("q" * 40, "p" * 30)
    assert "x" * 38 in first
    assert "p…  q" in first


def test_what_must_be_read_whole_goes_on_in_the_next_line() -> None:
    first, *rest = wide("SameSubnetThreshold 20 to 40, CrossSubnetThreshold 20 to 40")
    assert "x" * 38 in first
    assert rest
    assert all(line.startswith(" " * 38) and len(line) <= 96 for line in rest)
    told = " ".join(line[60:].strip() for line in (first, *rest))
    assert told.count("20 to 40") == 2


def test_what_never_ends_is_cut_after_some_lines() -> None:
    lines = wide("word " * 200)
    assert len(lines) == 4
    assert lines[-1].endswith("…")


def test_an_answer_too_long_for_one_message_says_so_and_keeps_its_buttons() -> None:
    reply = Reply({}, (card(CAUSED),) * 20)
    message = checked(render(reply, "7", (Action.EVIDENCE,)))
    assert len(message.blocks) == 50
    assert "more parts of this answer; the terminal shows" in said(message)
    assert message.blocks[-1]["type"] == "actions"


def test_the_pictures_are_told_in_words() -> None:
    stuns = StunChart(AT, AT + timedelta(days=30), (STUN,), (("heartbeat", STUN.duration),), (),
                      frozenset({STUN.start}))  # fmt: skip
    point = Point("now", timedelta(seconds=10), 3, "3 stuns lost", current=True)
    curve = TradeoffChart((), timedelta(seconds=1), (point,), timedelta(seconds=9), 30.0)
    bare = Card(Tone.GREY, "x", ())
    cards = (card(CAUSED), bare, replace(bare, chart=stuns), replace(bare, chart=curve))
    alts = render(Reply({}, cards)).alts
    assert "sql01 stunned: 12.4 s from 02:14:00.1" in alts[0]
    assert alts[1].startswith("1 stun from 2026-03-01 02:14:00 UTC to")
    assert alts[2].endswith("now tolerates 10.0 s, 3 stuns lost. The lease breaks at 9.0 s.")
    assert all(len(alt) <= 1000 for alt in alts)


@pytest.mark.parametrize(("name", "tone"), list(product(HOSTILE, [Tone.RED, Tone.GREY])))
def test_a_hostile_name_is_only_a_name_wherever_it_stands(name: str, tone: Tone) -> None:
    hostile = Card(
        tone, name, (name, name), (name,) * 3, ((name, name), ("VM", name)),
        sections=(Section(name, (name, name)), Section("Why", (name,))),
    )  # fmt: skip
    row = (name, Toned(name, tone), Share(2.0))
    table = Table(name, (Column(name), Column("b"), Column("c")), (row,) * 3)
    checked(
        render(Reply({}, (hostile,), (table,), (name,), (Problem(name, name),)), "1", [*Action])
    )


@pytest.mark.parametrize("name", ["<!channel>", "*bold*", "_a_", ":fire:", "@here", "a & b"])
def test_a_name_is_shown_as_its_owner_wrote_it(name: str) -> None:
    figure = Card(Tone.GREY, "x", (), figures=(("VM", name),), sections=(Section("Why", (name,)),))
    message = checked(render(Reply({}, (figure,))))
    assert said(message).count(name) == 2


words = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=40))
many = st.lists(words, max_size=14).map(tuple)
cells = st.one_of(
    words, st.builds(Share, st.floats(-1, 9)), st.builds(Toned, words, st.just(Tone.RED))
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(
        st.lists(
            st.builds(Column, words, st.booleans(), st.sampled_from(Room)), min_size=1, max_size=8
        )
    )
    row = st.tuples(*[cells] * len(columns))
    return Table(draw(words), tuple(columns), tuple(draw(st.lists(row, max_size=30))))


cards = st.builds(
    Card,
    tone=st.sampled_from(Tone),
    headline=words,
    context=many,
    paragraphs=many,
    figures=st.lists(st.tuples(words, words), max_size=23).map(tuple),
    timeline=st.none(),
    sections=st.lists(st.builds(Section, words, many), max_size=6).map(tuple),
    chart=st.none(),
)
replies = st.builds(
    Reply,
    payload=st.just({}),
    cards=st.lists(cards, max_size=4).map(tuple),
    tables=st.lists(tables(), max_size=3).map(tuple),
    closing=many,
    problems=st.lists(st.builds(Problem, words, st.none() | words), max_size=9).map(tuple),
)


@given(replies, st.lists(st.sampled_from(Action)), st.text("ab&<", max_size=2000))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_reply_is_a_message_that_slack_takes(
    reply: Reply, offered: list[Action], incident: str
) -> None:
    checked(render(reply, incident, offered))


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001, "verbatim": True}},
        {"type": "section", "text": {"type": "plain_text", "text": "<!here>", "emoji": False}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a*\n*b*", "verbatim": True}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a*\nb"}},
        {"type": "section", "text": {"type": "plain_text", "text": "", "emoji": False}},
        {"type": "section", "fields": [{"type": "plain_text", "text": "x", "emoji": False}] * 11},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151, "emoji": False}},
        {"type": "nonsense"},
    ],
)
def test_the_validator_is_as_strict_as_slack(broken: dict[str, Any]) -> None:
    assert faults([broken], "text")


def test_the_validator_counts_the_blocks_of_a_message() -> None:
    assert faults([{"type": "divider"}] * 51, "text")
    assert faults([{"type": "divider"}] * 50, "text") == []

"""A verdict becomes a card for people and an entry for machines."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from commands.incident import card, entry
from commands.reply import Tone
from tests.commands.sample import CAUSED, CLEARED, STUN
from verdict.facts import Gap
from verdict.verdict import Blame, Cause


@pytest.mark.parametrize(
    ("blame", "tone", "headline"),
    [
        (Blame.CAUSED, Tone.RED, "Backup caused this failover"),
        (Blame.CLEARED, Tone.GREEN, "Not the backup"),
        (Blame.SUSPECTED, Tone.YELLOW, "The backup is suspected"),
        (Blame.UNKNOWN, Tone.GREY, "Not enough evidence"),
    ],
)
def test_the_answer_comes_first_in_words_and_colour(
    blame: Blame, tone: Tone, headline: str
) -> None:
    said = card(replace(CAUSED, backup=blame))
    assert (said.tone, said.headline) == (tone, headline)
    assert said.context == ("SQLAG01", "2026-03-01 02:14:11 UTC")


def test_two_reasons_are_proof_and_the_rest_is_why() -> None:
    said = card(CAUSED)
    assert said.paragraphs[0] == " ".join(CAUSED.reasons[:2])
    assert said.sections[0].items == CAUSED.reasons[2:]


def test_what_did_it_instead_of_the_backup_is_named_as_surely_as_it_is_known() -> None:
    assert "Likely cause: network." in card(CLEARED).paragraphs
    assert not any("cause:" in said.casefold() for said in card(CAUSED).paragraphs)


def test_a_cause_that_is_not_known_is_not_named() -> None:
    said = card(replace(CLEARED, cause=Cause.UNKNOWN))
    assert not any("cause" in text.casefold() for text in said.paragraphs)
    assert "Cause" not in dict(said.figures)


def test_a_tolerance_that_was_assumed_says_so() -> None:
    assert dict(card(CAUSED).figures)["Tolerance"] == "10.0 s"
    assert "by default" in dict(card(CLEARED).figures)["Tolerance"]


def test_what_is_missing_says_how_to_get_it_in_whole_sentences() -> None:
    missing = next(s for s in card(CAUSED).sections if s.title == "Missing")
    assert missing.items == ("vcenter, events: vCenter keeps them 30 days. Raise its retention.",)


def test_a_gap_about_a_file_names_it_once() -> None:
    gap = Gap("incident.toml", "incident.toml", "it is not TOML")
    missing = card(replace(CAUSED, missing=(gap,))).sections[2]
    assert missing.items == ("incident.toml: it is not TOML.",)


def test_sections_without_anything_to_say_are_left_out() -> None:
    assert card(CLEARED).sections == ()


def test_the_entry_has_the_keys_of_the_contract_in_their_order() -> None:
    keys = (
        "bundle cluster at lost_node backup cause confidence mechanism stun tolerance_ms job "
        "reasons rivals missing advice"
    )
    said = entry(CAUSED, "incidents/a")
    assert list(said) == keys.split()
    assert list(said["stun"]) == ["vm", "start", "end", "ms", "phase"]
    assert list(said["job"]) == ["product", "name", "vm", "transport"]
    assert list(said["rivals"][0]) == ["cause", "confidence", "reasons"]
    assert list(said["missing"][0]) == ["source", "subject", "why"]
    assert list(said["advice"][0]) == ["kind", "text"]
    assert json.loads(json.dumps(said)) == said


def test_the_entry_says_times_in_utc_and_lengths_in_milliseconds() -> None:
    said = entry(CAUSED, "a")
    assert said["at"] == "2026-03-01T02:14:10.600Z"
    assert said["stun"] == {
        "vm": "sql01",
        "start": "2026-03-01T02:14:00.100Z",
        "end": "2026-03-01T02:14:12.500Z",
        "ms": 12400,
        "phase": "remove",
    }
    assert said["tolerance_ms"] == 10000


def test_what_is_not_there_is_null_in_the_entry() -> None:
    said = entry(CLEARED, "a")
    assert (said["stun"], said["job"], said["mechanism"]) == (None, None, None)


def test_a_time_is_rounded_not_cut() -> None:
    stun = replace(STUN, start=STUN.start - timedelta(microseconds=1))
    assert entry(replace(CAUSED, stun=stun), "a")["stun"]["start"] == "2026-03-01T02:14:00.100Z"

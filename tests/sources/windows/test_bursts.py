"""Of a burst of signs that say the same, the most telling one is kept."""

from datetime import UTC, datetime, timedelta

from sources.windows.bursts import first_of_bursts
from verdict.clock import Clock
from verdict.sign import Kind, Sign

START = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
WIDTHS = {Kind.QUORUM_LOST: timedelta(seconds=30)}


def sign(after: float, subject: str | None, text: str = "", detail: str | None = None) -> Sign:
    at = START + timedelta(seconds=after)
    return Sign(Kind.QUORUM_LOST, at, Clock("A"), "cluster.log", text, "A", subject, detail)


def test_the_first_of_a_burst_is_kept_and_a_later_burst_is_another() -> None:
    kept = first_of_bursts([sign(n, "A") for n in (0, 1, 29, 31, 40)], WIDTHS)
    assert [s.at for s in kept] == [START, START + timedelta(seconds=31)]


def test_an_event_goes_before_a_phrase_and_a_subject_before_none() -> None:
    phrase, event, nameless = sign(0, "A"), sign(1, "A", "event 1177"), sign(0, None)
    assert first_of_bursts([phrase, event, nameless], WIDTHS) == (event,)


def test_different_subjects_and_details_are_different_things() -> None:
    signs = [sign(0, "A"), sign(0, "B"), sign(0, "C", detail="x"), sign(0, "C", detail="y")]
    assert first_of_bursts(signs, WIDTHS) == tuple(signs)

"""Progress is shown to a person who waits, and to nobody else."""

from io import StringIO

from rich.console import Console

from bot.progress import Watched


def read(*, terminal: bool, patience: float) -> str:
    """Say what is shown while two thirds of some files are read."""
    file = StringIO()
    with Watched(Console(file=file, force_terminal=terminal, width=80), patience) as meter:
        meter.expect(2_000_000)
        meter.expect(1_000_000)
        meter.advance(2_000_000)
    return file.getvalue()


def test_a_long_reading_shows_how_far_it_is() -> None:
    assert "2.0/3.0 MB" in read(terminal=True, patience=0)


def test_a_short_reading_shows_nothing() -> None:
    assert read(terminal=True, patience=60) == ""


def test_what_is_no_terminal_is_shown_nothing() -> None:
    assert read(terminal=False, patience=0) == ""

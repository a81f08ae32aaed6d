"""A real browser for tests: Chromium by Playwright, in which nothing may go wrong unseen."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that starts where there is no display and asks nothing of the internet."""
PATIENCE = 10_000
"""Milliseconds until something that should be seen counts as missing."""


@contextmanager
def launched() -> Iterator["Browser"]:
    """Give a browser for several tests; skip where there is none."""
    play = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed")
    with play.sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=program, args=[*QUIET])
        yield browser
        browser.close()


@contextmanager
def opened(browser: "Browser", width: int = 1280, height: int = 800) -> Iterator["Page"]:
    """Give an empty tab that knows of no other.

    Fails at the end if the page had an error, or if it asked for anything outside this machine.
    """
    wrong: list[str] = []
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.set_default_timeout(PATIENCE)
    tab.on("console", lambda message: wrong.extend(_complaint(message)))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("request", lambda request: wrong.extend(_outside(request.url)))
    yield tab
    tab.close()
    assert wrong == [], wrong


@contextmanager
def chromium(width: int = 1280, height: int = 800) -> Iterator["Page"]:
    """Give a tab of a browser of its own."""
    with launched() as browser, opened(browser, width, height) as tab:
        yield tab


def _complaint(message: "ConsoleMessage") -> Iterator[str]:
    if message.type in {"error", "warning"}:
        yield message.text


def _outside(address: str) -> Iterator[str]:
    here = ("http://127.0.0.1:", "http://localhost:", "ws://127.0.0.1:", "ws://localhost:")
    if not address.startswith(here):
        yield f"asked for {address}"

"""`make demo` as a person sees it: without a page in the terminal, and clicked through in Chromium.

The pictures stay in build/pictures, to be looked at.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from demo.cli import main
from demo.running import Stage, staged
from demo.stories import SCENES
from tests.demo.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = Path(__file__).parents[2] / "build" / "pictures"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(pace=0.1) as found:
        yield found


def test_without_a_page_one_story_is_played_and_printed() -> None:
    run = CliRunner().invoke(main, ["demo", "--once", "--story", "innocent-network"])
    assert run.exit_code == 0
    assert "Zabbix" in run.output
    assert "Not the backup" in run.output
    assert "network." in run.output


def test_a_story_that_is_not_there_is_wrong_use() -> None:
    run = CliRunner().invoke(main, ["demo", "--once", "--story", "nonesuch"])
    assert run.exit_code == 2
    assert "removal-stun" in run.output


def test_an_alert_is_answered_in_its_thread_and_the_buttons_work(stage: Stage) -> None:
    with chromium() as tab:
        tab.goto(f"{stage.workspace.team.url}/")
        tab.get_by_role("button", name=SCENES[0].title).click()
        tab.get_by_text("3 replies").click()
        keep(tab, "verdict")
        card = tab.get_by_text("RED Backup caused this failover").last
        card.scroll_into_view_if_needed()
        keep(tab, "card")
        tab.get_by_role("button", name="What if...").click()
        tab.get_by_text("Microsoft relaxed").first.wait_for()
        keep(tab, "what-if")
        tab.get_by_role("button", name="Close").last.click()
        tab.get_by_role("button", name="This is wrong").click()
        tab.get_by_text("How do you know?").wait_for()
        keep(tab, "this-is-wrong")


def test_a_command_is_answered_with_its_picture(stage: Stage) -> None:
    with chromium() as tab:
        tab.goto(f"{stage.workspace.team.url}/")
        box = tab.get_by_placeholder("Message #sql-alerts")
        box.fill("/stuncheck vm sql01")
        box.press("Enter")
        tab.get_by_text("Margin of SQL01").first.wait_for()
        tab.get_by_text("1 reply").click()
        tab.locator("img[alt*='stuns']").first.wait_for()
        keep(tab, "vm")


def test_the_home_shows_every_clusters_margin(stage: Stage) -> None:
    with chromium() as tab:
        tab.goto(f"{stage.workspace.team.url}/")
        tab.get_by_role("button", name="stuncheck").first.click()
        tab.get_by_text("Margins of 30 days").wait_for()
        keep(tab, "home")


def keep(tab: "Page", name: str) -> None:
    """Keep a picture of what is seen."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=PICTURES / f"{name}.png")

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


def test_a_change_is_proposed_by_one_approved_by_another_applied_and_put_back(
    stage: Stage,
) -> None:
    with chromium(1500, 1000) as tab:
        tab.goto(f"{stage.workspace.team.url}/")
        tab.get_by_role("button", name=SCENES[0].title).click()
        tab.get_by_text("3 replies").click()
        tab.get_by_role("button", name="What if...").click()
        form = tab.get_by_role("dialog", name="Tune SQLAG01")
        form.get_by_text("it would have survived").wait_for()
        keep(tab, "tune")
        form.get_by_label("SameSubnetThreshold, heartbeats").fill("12")
        form.get_by_text("12.0 s of silence instead of 10.0 s").wait_for()
        form.get_by_label("SameSubnetThreshold, heartbeats").fill("16")
        form.get_by_text("16.0 s of silence instead of 10.0 s").wait_for()
        form.get_by_label("Why?").fill("The stuns of SQL01 reach 12.4 s.")
        form.get_by_label("For how long?").select_option(label="for 8 h")
        keep(tab, "tune-filled-in")
        form.get_by_role("button", name="Propose").click()
        done = tab.get_by_role("dialog", name="Proposed")
        done.get_by_text("An approver decides").wait_for()
        done.get_by_role("button", name="Close").last.click()
        tab.get_by_text("Proposed: SameSubnetThreshold 10 to 16").last.wait_for()
        keep(tab, "proposal")
        tab.get_by_role("button", name="Approve").click()
        sure(tab, "Approve this change?", "Approve")
        tab.get_by_text("Nobody approves what they asked for themselves.").first.wait_for()
        tab.get_by_label("You are").select_option("ben")
        tab.get_by_role("button", name="Approve").click()
        keep(tab, "approve")
        sure(tab, "Approve this change?", "Approve")
        tab.get_by_text("Applied: SameSubnetThreshold 10 to 16").last.wait_for()
        tab.get_by_text("Applied and read back").last.wait_for()
        keep(tab, "applied")
        tab.get_by_role("button", name="Revert").click()
        sure(tab, "Put it back?", "Revert")
        tab.get_by_text("Reverted: SameSubnetThreshold 10 to 16").last.wait_for()
        keep(tab, "reverted")


def sure(tab: "Page", question: str, button: str) -> None:
    """Answer what Slack asks before a click counts."""
    tab.get_by_role("dialog", name=question).get_by_text(button, exact=True).click()


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

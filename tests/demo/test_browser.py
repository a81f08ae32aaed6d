"""A person at the page, in a real browser, with a real Bolt app behind it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from demo.page.page import Page
from demo.page.story import Story
from demo.slack.limits import Limits
from demo.slack.refused import Row
from demo.slack.team import SCOPES
from demo.slack.workspace import Workspace
from tests.demo.bolt_app import Told, actions, button, running, text
from tests.demo.browser import launched, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, WebSocketRoute
    from playwright.sync_api import Page as Tab

HOSTILE = "<!channel> <img src=x onerror=document.title='owned'> *<b>bold</b>*"
ALERT: Row = {
    "color": "danger",
    "title": "SQLAG01 failed over",
    "fields": [{"title": "Cluster", "value": "SQLAG01", "short": True}],
}


def word(text: str) -> Row:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Row:
    return {"text": word(value), "value": value.lower()}


NUMBER = {"type": "number_input", "is_decimal_allowed": False, "min_value": "3", "max_value": "20"}
INPUTS: dict[str, Row] = {
    "threshold": NUMBER,
    "subnet": {"type": "static_select", "options": [option("Same"), option("Cross")]},
    "when": {"type": "radio_buttons", "options": [option("Now"), option("Later")]},
    "tell": {"type": "checkboxes", "options": [option("Ada"), option("Bob")]},
    "note": {"type": "plain_text_input", "multiline": True},
}


def asked(name: str, element: Row) -> Row:
    row = {"type": "input", "block_id": name, "label": word(name), "optional": name == "note"}
    return row | {"element": {"action_id": "it"} | element}


FORM: Row = {
    "type": "modal",
    "callback_id": "form",
    "title": word("Tune"),
    "submit": word("Propose"),
    "blocks": [asked(name, element) for name, element in INPUTS.items()],
}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    place = Workspace.with_limits(Limits(posts_per_minute=6000))
    place.team.scopes = SCOPES | {"reactions:write"}

    def play() -> None:
        place.posts_as_tool("Alertmanager", "alerts", attachments=(ALERT,))

    place.routes += Page(place, [Story("stun", "The backup did it", "A stun.", play)]).routes()
    with place:
        people = [place.adds_user("ada"), place.adds_user("bob")]
        place.adds_channel("alerts", people)
        place.adds_channel("quiet", people)
        with running(place, Told()) as app:
            _opens_form(app)
            yield place


def _opens_form(app: App) -> None:
    """Let the app of the tests open the form, too, and answer with what was filled in."""

    @app.action("form")
    def form(ack: Ack, body: Row, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("form")
    def filled(ack: Ack, view: Row, client: WebClient) -> None:
        ack()
        values = {name: row["it"] for name, row in view["state"]["values"].items()}
        chosen = [one["value"] for one in values["tell"]["selected_options"]]
        words = [values["threshold"]["value"], values["subnet"]["selected_option"]["value"]]
        words += [values["when"]["selected_option"]["value"], *chosen]
        client.chat_postMessage(channel="#alerts", text=f"Proposed: {' '.join(words)}")

    @app.action("silent")
    def silent(body: Row) -> None:
        """Never acknowledge."""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with launched() as program:
        yield program


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return WebClient(token=workspace.team.bot_token, base_url=workspace.api_url)


@pytest.fixture
def tab(workspace: Workspace, browser: "Browser") -> Iterator["Tab"]:
    with opened(browser) as page:
        page.goto(workspace.team.url)
        page.get_by_role("heading", name="alerts").wait_for()
        yield page


def says(tab: "Tab", words: str, box: str = "Message #alerts") -> None:
    tab.get_by_role("textbox", name=box).fill(words)
    tab.keyboard.press("Enter")


def last(tab: "Tab", words: str) -> "Locator":
    """Wait for a message that says so."""
    found = tab.locator("#middle .message", has_text=words).last
    found.wait_for()
    return found


def test_a_command_brings_a_card_and_its_buttons_do_what_they_say(
    workspace: Workspace, tab: "Tab"
) -> None:
    says(tab, "/stuncheck vm sql01")
    whisper = last(tab, "Checking vm sql01")
    whisper.get_by_text("Only visible to you").wait_for()
    last(tab, "Not the backup").get_by_role("button", name="approve").click()
    last(tab, "Approved by @ada").get_by_text("APP", exact=True).wait_for()
    last(tab, "Thank you").get_by_text("Only visible to you").wait_for()
    tab.get_by_label("You are").select_option("bob")
    for mine in ("Checking vm sql01", "Thank you"):
        tab.locator(".message", has_text=mine).wait_for(state="detached")
    last(tab, "Approved by @ada")
    says(tab, "thanks, ada")
    assert workspace.waits_for_words("alerts", "thanks").user == workspace.user("bob").id


def test_a_modal_says_what_is_wrong_then_its_answer_comes_into_the_thread(tab: "Tab") -> None:
    says(tab, "/stuncheck vm sql01")
    card = last(tab, "Not the backup")
    card.get_by_role("button", name="reject").click()
    modal = tab.get_by_role("dialog", name="Reject")
    send = modal.get_by_role("button", name="Reject")
    send.click()
    modal.get_by_text("Please complete this required field.").wait_for()
    modal.get_by_role("textbox", name="Reason").fill("no")
    send.click()
    modal.get_by_text("Say why").wait_for()
    assert modal.get_by_role("textbox", name="Reason").input_value() == "no"
    modal.get_by_role("textbox", name="Reason").fill("too early")
    send.click()
    modal.wait_for(state="detached")
    card.get_by_role("button", name="1 reply").click()
    thread = tab.get_by_role("complementary", name="Thread")
    thread.get_by_text("Rejected: too early").wait_for()
    says(tab, "fine, @stuncheck", "Reply")
    thread.get_by_text("fine, @stuncheck").wait_for()
    thread.get_by_title("eyes: stuncheck").wait_for()
    tab.keyboard.press("Escape")
    thread.wait_for(state="hidden")


def test_a_modal_takes_every_kind_of_answer(tab: "Tab", client: WebClient) -> None:
    client.chat_postMessage(channel="#alerts", text="Form", blocks=[actions(button("form"))])
    tab.get_by_role("button", name="form").click()
    modal = tab.get_by_role("dialog", name="Tune")
    modal.get_by_role("spinbutton", name="threshold").fill("30")
    modal.get_by_role("combobox", name="subnet").select_option("Cross")
    modal.get_by_role("radio", name="Later").check()
    for name in ("Ada", "Bob"):
        modal.get_by_role("checkbox", name=name).check()
    modal.get_by_role("button", name="Propose").click()
    modal.get_by_text("less than or equal to 20").wait_for()
    modal.get_by_role("spinbutton", name="threshold").fill("15")
    modal.get_by_role("button", name="Propose").click()
    last(tab, "Proposed: 15 cross later ada bob")


def test_what_the_app_shows_in_a_modal_goes_when_it_is_closed(
    workspace: Workspace, tab: "Tab", client: WebClient
) -> None:
    client.chat_postMessage(channel="#alerts", text="Form", blocks=[actions(button("form"))])
    tab.get_by_role("button", name="form").click()
    modal = tab.get_by_role("dialog", name="Tune")
    modal.get_by_role("textbox", name="note").fill("kept over an update")
    view = workspace.waits(lambda: workspace.modal("ada"), "the modal")
    client.views_update(view_id=view.id, view=FORM | {"title": word("Tune more")})
    modal = tab.get_by_role("dialog", name="Tune more")
    modal.wait_for()
    assert modal.get_by_role("textbox", name="note").input_value() == "kept over an update"
    tab.keyboard.press("Escape")
    modal.wait_for(state="detached")
    assert workspace.modal("ada") is None


def test_hostile_words_stay_words_wherever_they_stand(
    workspace: Workspace, tab: "Tab", client: WebClient
) -> None:
    says(tab, HOSTILE)
    last(tab, HOSTILE.replace("*", ""))
    raw: Row = {"title": HOSTILE, "text": HOSTILE, "fallback": HOSTILE, "color": "javascript:1"}
    workspace.posts_as_tool(HOSTILE, "alerts", HOSTILE, (raw,))
    select = {"type": "static_select", "action_id": "s", "options": [option(HOSTILE)]}
    label = button("b") | {"text": word(HOSTILE)}
    blocks = [{"type": "header", "text": word(HOSTILE)}, text(HOSTILE), actions(label, select)]
    client.chat_postMessage(channel="#alerts", text=HOSTILE, blocks=blocks)
    tab.locator("#middle h3", has_text=HOSTILE).wait_for()
    assert tab.locator("#middle img, #middle b").count() == 0
    assert "owned" not in tab.title()
    assert tab.locator(".mention", has_text="@channel").count() == 3


def test_markup_is_read_as_slack_reads_it(workspace: Workspace, tab: "Tab") -> None:
    shown = {
        "*bold* _italic_ ~gone~": "<strong>bold</strong> <em>italic</em> <s>gone</s>",
        "2*3*4 sql_prod_01 a~b~c": "2*3*4 sql_prod_01 a~b~c",
        "`a*b*c` &amp;lt; &lt;i&gt;": "<code>a*b*c</code> &amp;lt; &lt;i&gt;",
        "```\n*a* <b>\n```": "<pre><code>*a* &lt;b&gt;</code></pre>",
        "&gt; said\nanswered": "<blockquote>said</blockquote>answered",
        "<javascript:alert(1)|x>": "&lt;javascript:alert(1)|x&gt;",
        "<!date^1^{date}|then> <!subteam^S1|@dba>": "then @dba",
        "at 02:14:10:01 :nonsense:": "at 02:14:10:01 :nonsense:",
    }
    for marked in shown:
        workspace.posts_as_tool("tool", "alerts", marked)
    workspace.posts_as_tool("tool", "alerts", "<https://corp.example/?a=1&amp;b=2|the *plan*>")
    last(tab, "the *plan*")
    found = tab.locator("#middle .text").evaluate_all("rows => rows.map((row) => row.innerHTML)")
    assert found[:-1] == [*shown.values()]
    link = tab.get_by_role("link", name="the *plan*")
    assert link.get_attribute("href") == "https://corp.example/?a=1&b=2"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_an_app_that_does_not_answer_is_told_of_beside_the_button(
    workspace: Workspace, tab: "Tab", client: WebClient
) -> None:
    workspace.team.limits = Limits(acknowledge=timedelta(seconds=0.5))
    client.chat_postMessage(channel="#alerts", text="x", blocks=[actions(button("silent"))])
    tab.get_by_role("button", name="silent").click()
    tab.get_by_role("alert").filter(has_text="did not respond (operation_timeout)").wait_for()
    says(tab, "/deploy")
    tab.get_by_text("/deploy is not a valid command.").wait_for()
    assert len(workspace.messages("alerts")) == 1


def test_a_story_is_played_and_its_alert_checked_from_its_menu(tab: "Tab") -> None:
    tab.get_by_role("button", name="The backup did it").click()
    alert = last(tab, "SQLAG01 failed over")
    alert.hover()
    alert.get_by_role("button", name="More actions").click()
    tab.get_by_role("menuitem", name="Check this alert").click()
    alert.get_by_role("button", name="1 reply").click()
    picture = tab.get_by_role("complementary").get_by_role("img", name="One stun of 12.4 s")
    picture.wait_for()
    assert re.search(r"/page/files/F\w+$", picture.get_attribute("src") or "")


def test_a_question_is_asked_before_what_is_dangerous(tab: "Tab", client: WebClient) -> None:
    sure = {"title": word("Sure?"), "text": word("It changes."), "confirm": word("Do it")}
    asking = button("approve") | {"style": "danger", "confirm": sure | {"deny": word("Leave it")}}
    client.chat_postMessage(channel="#alerts", text="x", blocks=[actions(asking)])
    tab.get_by_role("button", name="approve").click()
    tab.get_by_role("dialog", name="Sure?").get_by_role("button", name="Leave it").click()
    tab.get_by_role("button", name="approve").click()
    tab.get_by_role("dialog", name="Sure?").get_by_role("button", name="Do it").click()
    last(tab, "Approved by")


def test_the_home_tab_is_published_when_it_is_opened(tab: "Tab") -> None:
    tab.get_by_role("button", name="stuncheck").click()
    tab.get_by_text("PROD-FC1: margin 4.2 s").wait_for()
    tab.get_by_role("button", name="Messages", exact=True).click()
    tab.get_by_text("Sending messages to this app has been turned off.").wait_for()


def test_news_elsewhere_are_counted_until_they_are_seen(workspace: Workspace, tab: "Tab") -> None:
    workspace.says("bob", "quiet", "psst")
    tab.get_by_role("button", name="quiet 1 unread").click()
    last(tab, "psst")
    tab.get_by_role("button", name="quiet", exact=True).wait_for()
    tab.reload()
    last(tab, "psst")


def test_a_permalink_leads_to_its_message(workspace: Workspace, tab: "Tab") -> None:
    message = workspace.says("bob", "quiet", "found again")
    link = f"{workspace.team.url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    workspace.posts_as_tool("tool", "alerts", f"<{link}|look there>")
    tab.get_by_role("link", name="look there").click()
    last(tab, "found again")
    tab.get_by_role("button", name="alerts").click()
    tab.goto(link)
    last(tab, "found again")


def test_a_stream_that_was_cut_comes_back_with_what_was_missed(
    workspace: Workspace, tab: "Tab"
) -> None:
    streams: list[WebSocketRoute] = []

    def through(wire: "WebSocketRoute") -> None:
        streams.append(wire)
        wire.connect_to_server()

    tab.route_web_socket("**/page/stream?*", through)
    workspace.says("bob", "alerts", "before")
    tab.reload()
    before = last(tab, "before").element_handle()
    streams[0].close()
    workspace.says("bob", "alerts", "after")
    last(tab, "after")
    assert len(streams) == 2
    assert before.evaluate("node => node.isConnected")


def test_on_a_narrow_window_one_pane_is_seen_at_a_time(
    workspace: Workspace, browser: "Browser"
) -> None:
    with opened(browser, 400, 700) as tab:
        workspace.says("ada", "alerts", "hello")
        tab.goto(workspace.team.url)
        says(tab, "from a phone")
        story = tab.get_by_role("button", name="The backup did it")
        assert not story.is_visible()
        tab.get_by_role("button", name="Channels, apps and stories").click()
        story.click()
        last(tab, "SQLAG01 failed over")
        story.wait_for(state="hidden")
        width = tab.evaluate("document.documentElement.scrollWidth")
    assert width <= 400

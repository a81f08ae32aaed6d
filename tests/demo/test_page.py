"""The page's server: who is told what, what may be done, and by whom."""

import json
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from demo.page.manifest import COMMANDS, SHORTCUTS
from demo.page.page import STATIC, Page
from demo.page.seen import Rows, change
from demo.page.story import Story
from demo.page.typed import typed
from demo.slack.blocks import accepted
from demo.slack.refused import Row
from demo.slack.team import Upload
from demo.slack.view import View
from demo.slack.workspace import Workspace
from tests.demo.bolt_app import MODAL

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def workspace(gate: threading.Event) -> Iterator[Workspace]:
    def lasts() -> None:
        gate.wait(5)

    def fails() -> None:
        raise OSError("the story went wrong")

    place = Workspace()
    stories = Story("long", "Long", "It lasts.", lasts), Story("bad", "Bad", "It fails.", fails)
    place.routes += Page(place, stories).routes()
    with place:
        ada, bob = place.adds_user("ada"), place.adds_user("bob")
        place.adds_channel("alerts", [ada, bob])
        place.adds_channel("secret", [bob], private=True)
        yield place
        gate.set()


@pytest.fixture(scope="module")
def standing() -> Iterator[Workspace]:
    """Give one workspace for all examples of a rule."""
    place = Workspace()
    place.routes += Page(place).routes()
    with place:
        place.adds_channel("alerts", [place.adds_user("ada")])
        yield place


@pytest.fixture
def site(workspace: Workspace) -> Iterator[httpx.Client]:
    own = {"Origin": workspace.team.url}
    with httpx.Client(base_url=workspace.team.url, headers=own) as client:
        yield client


def listening(place: Workspace, query: str = "", origin: str | None = None) -> ClientConnection:
    address = place.team.url.replace("http", "ws") + f"/page/stream{query}"
    return connect(address, origin=Origin(place.team.url if origin is None else origin))


def stream(place: Workspace, user: str = "ada") -> ClientConnection:
    return listening(place, f"?as={place.user(user).id}")


def frame(wire: ClientConnection) -> Row:
    row: Row = json.loads(wire.recv(5))
    return row


def told(wire: ClientConnection, key: str) -> Row:
    """Read on until a row with such a key is told."""
    while True:
        rows: Rows = frame(wire)["set"]
        for name, row in rows.items():
            if name.startswith(key):
                return row


def act(site: httpx.Client, place: Workspace, name: str, user: str = "ada", **row: object) -> Row:
    sent = {"as": place.user(user).id, "channel": place.channel("alerts").id} | row
    answer = site.post(f"/page/acts/{name}", json=sent)
    assert answer.status_code == 200
    body: Row = answer.json()
    return body


class Links(HTMLParser):
    """What a page loads, and whether it holds a script of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        named = dict(attrs)
        self.found += [str(named[name]) for name in ("src", "href") if name in named]
        self.inline += tag == "script" and "src" not in named
        self.inline += any(name.startswith("on") or name == "style" for name in named)


def test_the_page_and_all_it_loads_come_from_here(site: httpx.Client) -> None:
    answer = site.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    links = Links()
    links.feed(answer.text)
    assert links.inline == 0
    assert len(links.found) == 3
    for link in links.found:
        assert site.get(link).status_code == 200
    assert site.get("/archives/C1/p1700000000000100").text == answer.text


def test_every_module_is_there_and_makes_no_markup_of_words(site: httpx.Client) -> None:
    for module in STATIC.glob("*.js"):
        answer = site.get(f"/page/static/{module.name}")
        assert answer.headers["content-type"].startswith("text/javascript")
        assert not re.search(
            r"(inner|outer)HTML|insertAdjacentHTML|document\.write|eval\(", answer.text
        )
        for name in re.findall(r'from "\./([\w.]+)"', answer.text):
            assert (STATIC / name).is_file()


def test_the_page_offers_what_the_manifest_does() -> None:
    features = yaml.safe_load((STATIC.parents[2] / "manifest.yaml").read_text())["features"]
    assert [row["command"] for row in features["slash_commands"]] == [*COMMANDS]
    rows = features["shortcuts"]
    assert {
        row["callback_id"]: row["name"] for row in rows if row["type"] == "message"
    } == SHORTCUTS


@pytest.mark.parametrize("host", ["stuncheck.example", "127.0.0.1.example:80", "[::", ""])
def test_a_foreign_name_that_leads_here_is_refused(site: httpx.Client, host: str) -> None:
    for path in ("/", "/page/static/main.js", "/page/files/F1"):
        assert site.get(path, headers={"Host": host}).status_code == 403
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert site.post("/page/stories/long", headers=headers).status_code == 403


def test_localhost_is_a_name_of_this_machine(workspace: Workspace, site: httpx.Client) -> None:
    here = workspace.team.url.replace("127.0.0.1", "localhost").removeprefix("http://")
    headers = {"Host": here, "Origin": f"http://{here}"}
    assert site.get("/", headers=headers).status_code == 200
    assert site.post("/page/stories/long", headers=headers).json() == {"ok": True}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
def test_another_site_neither_acts_nor_listens(workspace: Workspace, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    for path in ("stories/long", "acts/say"):
        answer = httpx.post(f"{workspace.team.url}/page/{path}", headers=headers, json={})
        assert answer.status_code == 403
    with pytest.raises(InvalidStatus, match="403"):
        listening(workspace, origin=origin or "")


def test_the_stream_begins_with_all_one_sees_and_goes_on_with_what_changes(
    workspace: Workspace,
) -> None:
    first = workspace.says("bob", "alerts", HOSTILE)
    workspace.says("bob", "secret", "not for ada")
    with stream(workspace) as wire:
        start = frame(wire)
        assert start["fresh"]
        assert start["set"]["team"]["me"] == workspace.user("ada").id
        assert "not for ada" not in json.dumps(start)
        assert start["set"][f"message {first.channel} {first.ts}"]["text"] == HOSTILE
        workspace.edits(first, "calm")
        assert told(wire, "message")["text"] == "calm"
        workspace.deletes(first)
        assert frame(wire)["gone"] == [f"message {first.channel} {first.ts}"]


def test_a_burst_comes_together(workspace: Workspace) -> None:
    with stream(workspace) as wire:
        frame(wire)
        for number in range(200):
            workspace.says("ada", "alerts", str(number))
        frames, seen = 0, 0
        while seen < 200:
            seen += len(frame(wire)["set"])
            frames += 1
    assert frames < 20


def test_who_is_not_known_looks_as_the_first_person(workspace: Workspace) -> None:
    for query in ("", "?as=nobody", f"?as={workspace.team.bot.id}"):
        with listening(workspace, query) as wire:
            assert frame(wire)["set"]["team"]["me"] == workspace.user("ada").id


def test_what_is_for_one_person_is_told_to_no_other(
    workspace: Workspace, site: httpx.Client
) -> None:
    assert act(site, workspace, "say", text="/stuncheck status")["ok"]
    workspace.waits(lambda: workspace.whispers("ada", "alerts"), "the failure")
    with stream(workspace) as ada, stream(workspace, "bob") as bob:
        assert "dispatch_failed" in json.dumps(frame(ada))
        assert "dispatch_failed" not in json.dumps(frame(bob))


def test_a_view_is_told_without_what_is_the_apps(workspace: Workspace, site: httpx.Client) -> None:
    who = workspace.user("ada").id
    body = MODAL | {
        "private_metadata": "between us",
        "blocks": [*accepted(MODAL["blocks"], "modal")],
    }
    workspace.team.stacks[who] = [View("V1", who, body, "1")]
    with stream(workspace) as wire:
        row = told(wire, "modal")
        assert "between us" not in json.dumps(row)
        assert row["body"]["title"]["text"] == "Reject"
        assert not act(site, workspace, "close", "bob", view="V1")["ok"]
        assert not act(site, workspace, "submit", "bob", view="V1", answers={"reason": "x"})["ok"]
        assert act(site, workspace, "submit", view="V1", answers={"reason": "x"}) == {
            "ok": True,
            "outcome": "dispatch_failed",
            "complaint": "",
        }
        assert act(site, workspace, "close", view="V1")["ok"]
        assert workspace.modal("ada") is None


def test_what_is_typed_is_posted_as_slack_posts_it(
    workspace: Workspace, site: httpx.Client
) -> None:
    text = f"@stuncheck vm sql01 #alerts @nobody <!channel> {HOSTILE}"
    assert act(site, workspace, "say", text=text)["ok"]
    (message,) = workspace.messages("alerts")
    bot, channel = workspace.team.bot.mention, f"<#{message.channel}>"
    escaped = "&lt;!channel&gt; &lt;img src=x onerror=alert(1)&gt;"
    assert message.text == f"{bot} vm sql01 {channel} @nobody {escaped}"
    assert act(site, workspace, "say", text="a reply", thread=message.ts)["ok"]
    assert [reply.text for reply in workspace.thread(message)] == ["a reply"]


def test_what_nobody_could_do_is_answered_with_the_reason(
    workspace: Workspace, site: httpx.Client
) -> None:
    root = workspace.says("bob", "alerts", "hello")
    direct = workspace.team.direct(workspace.user("ada").id).id
    refused = {
        "/deploy is not a valid command.": {"text": "/deploy now"},
        "/stuncheck is not supported in threads. Sorry!": {"text": "/stuncheck", "thread": root.ts},
        "there is nothing to send": {"text": " \n"},
        "no such channel to be in": {"channel": workspace.channel("secret").id, "text": "x"},
        "the message is gone": {"text": "x", "thread": "1.0"},
        "Sending messages to this app has been turned off.": {"channel": direct, "text": "x"},
        "nobody is called that": {"as": workspace.team.bot.id, "text": "x"},
    }
    for why, row in refused.items():
        assert act(site, workspace, "say", **row) == {"ok": False, "error": why}
    assert len(workspace.messages("alerts")) == 1
    hidden = workspace.says("bob", "secret", "hello")
    row = {"channel": hidden.channel, "ts": hidden.ts, "callback_id": "check_alert"}
    assert not act(site, workspace, "shortcut", **row)["ok"]


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["text", "ts", "view", "channel", "answers", "option", "thread"]),
                inner,
            )
        ),
        max_leaves=9,
    ),
    name=st.sampled_from(["say", "click", "shortcut", "submit", "close", "home"]),
)
def test_no_rubbish_breaks_an_act(standing: Workspace, body: object, name: str) -> None:
    place = standing
    row = body | {"as": place.user("ada").id} if isinstance(body, dict) else body
    answer = httpx.post(
        f"{place.team.url}/page/acts/{name}", json=row, headers={"Origin": place.team.url}
    )
    assert answer.status_code in {200, 400}
    assert name == "home" or not answer.json()["ok"]


def test_a_body_that_is_no_object_is_a_wrong_question(site: httpx.Client) -> None:
    for body in (b"", b"{", b"[]", b"\xff", b"1" * 200_001):
        assert site.post("/page/acts/say", content=body).status_code == 400
    assert site.post("/page/acts/fly", json={}).status_code == 404
    assert site.get("/page/acts/say").status_code == 405


@given(text=st.text())
def test_whatever_is_typed_stays_words(standing: Workspace, text: str) -> None:
    made = typed(standing.team, text)
    bare = re.sub(r"<(@U\w+|#C\w+|!(channel|here|everyone))>", "", made)
    assert not set(bare) & {"<", ">"}
    assert bare.count("&") == len(re.findall("&(?:amp|lt|gt);", bare))


def test_a_file_is_a_picture_or_words_but_never_a_page(
    workspace: Workspace, site: httpx.Client
) -> None:
    for name, content in {"F1": b"\x89PNG", "F2": b"<script>alert(1)</script>"}.items():
        workspace.team.uploads[name] = Upload(name, f"{name}.html", 1, 0, "", content)
        assert site.get(f"/page/files/{name}").status_code == 404
        workspace.team.uploads[name].row = {"id": name}
    answers = [site.get(f"/page/files/{name}") for name in ("F1", "F2")]
    kinds = [answer.headers["content-type"] for answer in answers]
    assert kinds == ["image/png", "text/plain; charset=utf-8"]
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


def test_a_story_plays_once_at_a_time_and_says_when_it_failed(
    workspace: Workspace, site: httpx.Client, gate: threading.Event
) -> None:
    with stream(workspace) as wire:
        assert frame(wire)["set"]["story long"]["state"] == "idle"
        assert site.post("/page/stories/long").json()["ok"]
        assert told(wire, "story long")["state"] == "playing"
        assert site.post("/page/stories/long").json()["error"] == "Long is already playing"
        gate.set()
        assert told(wire, "story long")["state"] == "idle"
        assert site.post("/page/stories/bad").json()["ok"]
        while told(wire, "story bad")["state"] != "failed":
            pass
    assert site.post("/page/stories/none").status_code == 404


ROWS = st.dictionaries(
    st.sampled_from("abcd"), st.dictionaries(st.sampled_from("xy"), st.integers(0, 2), max_size=2)
)


@given(ROWS, ROWS)
def test_a_change_makes_one_look_of_the_other(before: Rows, after: Rows) -> None:
    frame = change(before, after)
    kept = {key: row for key, row in before.items() if key not in frame["gone"]}
    assert kept | frame["set"] == after
    assert all(before.get(key) != row for key, row in frame["set"].items())

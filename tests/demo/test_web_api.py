"""The Web API refuses what Slack refuses; asked as an app asks, without the network."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from demo.slack import files, hook, methods
from demo.slack.limits import Limits
from demo.slack.message import Message
from demo.slack.refused import RefusedError, Row
from demo.slack.team import SCOPES, Team
from demo.slack.workspace import Workspace
from tests.demo.bolt_app import MODAL, actions, button, text


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(clock: Clock) -> Workspace:
    every = {scope for method in methods.METHODS.values() for scope in method.scopes}
    scopes = SCOPES | every | {"users:read.email"}
    made = Workspace(Team(clock=clock, url="http://127.0.0.1:1", scopes=scopes))
    made.team.announce = lambda _: None
    ada = made.adds_user("ada", "ada@example.org")
    made.adds_channel("alerts", [ada])
    made.adds_channel("secret", [ada], private=True, bot=False)
    made.adds_channel("lobby", [ada], bot=False)
    return made


def ask(place: Workspace, method: str, **args: object) -> Row:
    return methods.call(place.team, method, place.team.bot_token, dict(args))


def refusal(place: Workspace, method: str, **args: object) -> str:
    with pytest.raises(RefusedError) as caught:
        ask(place, method, **args)
    return caught.value.error


def ident(place: Workspace, name: str = "alerts") -> str:
    return place.channel(name).id


@pytest.mark.parametrize(
    ("channel", "error"),
    [("secret", "channel_not_found"), ("lobby", "not_in_channel")],
)
def test_an_app_posts_only_where_it_is(place: Workspace, channel: str, error: str) -> None:
    for method in ("chat.postMessage", "conversations.history", "chat.postEphemeral"):
        assert refusal(place, method, channel=ident(place, channel), text="x") == error


def test_an_app_joins_public_channels_only(place: Workspace) -> None:
    ask(place, "conversations.join", channel=ident(place, "lobby"))
    assert ask(place, "chat.postMessage", channel="#lobby", text="hello")["ok"]
    assert refusal(place, "conversations.join", channel=ident(place, "secret")) == (
        "channel_not_found"
    )


def test_tokens_are_checked_by_kind(place: Workspace) -> None:
    team = place.team
    answers = {"": "not_authed", "xoxb-1": "invalid_auth"}
    answers[team.app_token] = "not_allowed_token_type"
    for token, error in answers.items():
        with pytest.raises(RefusedError, match=error):
            methods.call(team, "auth.test", token, {})
    with pytest.raises(RefusedError, match="not_allowed_token_type"):
        place.sockets.open(team.bot_token)


def test_a_scope_that_was_not_granted_is_missed(place: Workspace) -> None:
    place.team.scopes = SCOPES - {"chat:write"}
    assert refusal(place, "chat.postMessage", channel="alerts", text="x") == "missing_scope"
    assert refusal(place, "no.such.method") == "unknown_method"


def test_posts_come_about_once_a_second_and_channel(place: Workspace, clock: Clock) -> None:
    for _ in range(3):
        ask(place, "chat.postMessage", channel="alerts", text="x")
    with pytest.raises(RefusedError) as caught:
        ask(place, "chat.postMessage", channel="alerts", text="x")
    assert (caught.value.status, caught.value.retry_after) == (429, 1)
    place.adds_channel("other")
    ask(place, "chat.postMessage", channel="other", text="x")
    clock.now += 1
    ask(place, "chat.postMessage", channel="alerts", text="x")


def test_a_trigger_opens_one_view_within_three_seconds(place: Workspace, clock: Clock) -> None:
    who = place.user("ada").id
    first, late = (place.team.triggers.new(who, clock.now) for _ in range(2))
    clock.now += 2.9
    ask(place, "views.open", trigger_id=first, view=MODAL)
    clock.now += 0.2
    errors = [refusal(place, "views.open", trigger_id=t, view=MODAL) for t in (first, late, "1")]
    assert errors == ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]


def test_a_response_url_works_five_times_in_thirty_minutes(place: Workspace, clock: Clock) -> None:
    team, who = place.team, place.user("ada").id
    first, late = (team.hook(ident(place), who).rpartition("/")[2] for _ in range(2))
    for _ in range(5):
        hook.answer(team, first, {"text": "here"})
    with pytest.raises(RefusedError, match="used_url"):
        hook.answer(team, first, {"text": "here"})
    clock.now += 1801
    with pytest.raises(RefusedError, match="expired_url"):
        hook.answer(team, late, {"text": "here"})
    assert len(place.whispers("ada", "alerts")) == 5


def test_a_text_alone_takes_the_blocks_away_and_shows_as_an_edit(place: Workspace) -> None:
    posted = ask(place, "chat.postMessage", channel="alerts", text="x", blocks=[text("y")])
    where = {"channel": ident(place), "ts": posted["ts"]}
    ask(place, "chat.update", **where, text="z", blocks=[text("z")])
    assert place.messages("alerts")[0].edited == ""
    ask(place, "chat.update", **where, text="z")
    message = place.messages("alerts")[0]
    assert message.edited
    assert message.blocks == ()


def test_an_app_edits_only_its_own_messages_by_id_and_in_time(
    place: Workspace, clock: Clock
) -> None:
    alert = place.says("ada", "alerts", "down")
    own = ask(place, "chat.postMessage", channel="alerts", text="x")["ts"]
    args = {"text": "y"}
    where = ident(place)
    assert refusal(place, "chat.update", channel="alerts", ts=own, **args) == "channel_not_found"
    assert refusal(place, "chat.update", channel=where, ts=alert.ts, **args) == (
        "cant_update_message"
    )
    place.team.limits = Limits(edit_window=timedelta(minutes=1))
    clock.now += 61
    assert refusal(place, "chat.update", channel=where, ts=own, **args) == "edit_window_closed"
    place.deletes(place.messages("alerts")[1])
    assert refusal(place, "chat.update", channel=where, ts=own, **args) == "message_not_found"


def test_a_reply_to_a_message_that_is_gone_lands_at_the_top(place: Workspace) -> None:
    alert = place.says("ada", "alerts", "down")
    reply = ask(place, "chat.postMessage", channel="alerts", text="x", thread_ts=alert.ts)
    assert reply["message"]["thread_ts"] == alert.ts
    (answer,) = place.thread(alert)
    ask(place, "chat.delete", channel=ident(place), ts=answer.ts)
    place.deletes(alert)
    lost = ask(place, "chat.postMessage", channel="alerts", text="x", thread_ts=alert.ts)
    assert "thread_ts" not in lost["message"]


def test_a_deleted_root_leaves_a_stone_over_its_replies(place: Workspace) -> None:
    alert = place.says("ada", "alerts", "down")
    place.says("ada", "alerts", "really", thread=alert)
    place.deletes(alert)
    rows = ask(place, "conversations.history", channel=ident(place))["messages"]
    assert [(row["subtype"], row["reply_count"]) for row in rows] == [("tombstone", 1)]


def test_metadata_is_kept_and_shown_when_asked_for(place: Workspace) -> None:
    mark = {"event_type": "stuncheck_incident", "event_payload": {"id": 7}}
    ask(place, "chat.postMessage", channel="alerts", text="x", metadata=mark)
    for wanted in ("1", "0"):
        args = {"channel": ident(place), "include_all_metadata": wanted}
        row = ask(place, "conversations.history", **args)["messages"][0]
        assert row.get("metadata") == (mark if wanted == "1" else None)
    bad = {"event_type": "x"}
    error = refusal(place, "chat.postMessage", channel="alerts", text="x", metadata=bad)
    assert error == "invalid_metadata_format"


def test_history_goes_backwards_in_pages_and_threads_forwards(place: Workspace) -> None:
    said = [place.says("ada", "alerts", str(number)) for number in range(5)]
    place.says("ada", "alerts", "reply", thread=said[0])
    where = ident(place)
    first = ask(place, "conversations.history", channel=where, limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    rest = ask(place, "conversations.history", channel=where, limit=3, cursor=cursor)
    rows = [*first["messages"], *rest["messages"]]
    assert [row["text"] for row in rows] == ["4", "3", "2", "1", "0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    newer = ask(place, "conversations.history", channel=where, oldest=said[2].ts)["messages"]
    assert [row["text"] for row in newer] == ["4", "3"]
    thread = ask(place, "conversations.replies", channel=where, ts=said[0].ts)["messages"]
    assert [row["text"] for row in thread] == ["0", "reply"]


def test_lists_show_what_the_app_may_know(place: Workspace) -> None:
    types = "public_channel,private_channel"
    rows = ask(place, "conversations.list", types=types)["channels"]
    assert [(row["name"], row["is_member"]) for row in rows] == [
        ("alerts", True),
        ("lobby", False),
    ]
    who = place.user("ada")
    profile = ask(place, "users.info", user=who.id)["user"]["profile"]
    assert profile["email"] == "ada@example.org"
    assert len(ask(place, "users.list")["members"]) == 2
    group = place.adds_group("dba", [who])
    assert ask(place, "usergroups.users.list", usergroup=group.id)["users"] == [who.id]
    assert refusal(place, "usergroups.users.list", usergroup="S0") == "no_such_subteam"


def test_a_file_must_arrive_whole_and_is_shared_once(place: Workspace) -> None:
    upload = ask(place, "files.getUploadURLExternal", filename="a.png", length=3)["file_id"]
    share = {"channel_id": ident(place), "files": [{"id": upload}]}
    assert refusal(place, "files.completeUploadExternal", **share) == "file_not_found"
    with pytest.raises(RefusedError, match="file_size_mismatch"):
        files.receive(place.team, upload, b"longer")
    files.receive(place.team, upload, b"abc")
    ask(place, "files.completeUploadExternal", **share)
    assert refusal(place, "files.completeUploadExternal", **share) == "file_not_found"
    assert [message.subtype for message in place.messages("alerts")] == ["file_share"]


def test_views_are_stacked_three_deep_and_updated_by_hash(place: Workspace, clock: Clock) -> None:
    who = place.user("ada").id

    def fresh() -> str:
        return place.team.triggers.new(who, clock.now)

    first = ask(place, "views.open", trigger_id=fresh(), view=MODAL)["view"]
    for _ in range(2):
        ask(place, "views.push", trigger_id=fresh(), view=MODAL)
    assert refusal(place, "views.push", trigger_id=fresh(), view=MODAL) == "push_limit_reached"
    args = {"view_id": first["id"], "view": MODAL}
    ask(place, "views.update", **args, hash=first["hash"])
    assert refusal(place, "views.update", **args, hash=first["hash"]) == "hash_conflict"
    assert refusal(place, "views.update", view_id="V0", view=MODAL) == "not_found"


def test_reactions_and_permalinks_belong_to_messages(place: Workspace) -> None:
    alert = place.says("ada", "alerts", "down")
    args = {"channel": ident(place), "timestamp": alert.ts, "name": "eyes"}
    ask(place, "reactions.add", **args)
    assert refusal(place, "reactions.add", **args) == "already_reacted"
    link = ask(place, "chat.getPermalink", channel=ident(place), message_ts=alert.ts)
    assert link["permalink"].endswith(f"/p{alert.ts.replace('.', '')}")
    missing = {"channel": ident(place), "message_ts": "1.0"}
    assert refusal(place, "chat.getPermalink", **missing) == "message_not_found"


def test_a_message_needs_something_to_show(place: Workspace) -> None:
    assert refusal(place, "chat.postMessage", channel="alerts", text="") == "no_text"
    many = [{"text": "x"}] * 101
    error = refusal(place, "chat.postMessage", channel="alerts", attachments=many)
    assert error == "too_many_attachments"
    long = ask(place, "chat.postMessage", channel="alerts", text="x" * 40_001)
    assert len(long["message"]["text"]) == 40_000


def test_what_a_person_can_read_is_found_in_every_corner() -> None:
    block = text("in a block")
    nested = {"pretext": "before", "blocks": [block], "fields": [{"value": "in a field"}]}
    message = Message("C1", "1.0", "U1", "first", blocks=(block,), attachments=(nested,))
    words = message.words.splitlines()
    assert words == ["first", "in a block", "before", "in a block", "in a field"]
    assert "in a label" in Message("C1", "1.0", "U1", blocks=(actions(button("in a label")),)).words

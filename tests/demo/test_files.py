"""files.info tells an app what its upload became."""

import struct

import pytest

from demo.slack import files, methods
from demo.slack.refused import RefusedError, Row
from demo.slack.team import SCOPES, Team
from demo.slack.workspace import Workspace

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)


@pytest.fixture
def place() -> Workspace:
    made = Workspace(Team(scopes=SCOPES | {"files:read"}, url="http://127.0.0.1:1"))
    made.team.announce = lambda _: None
    made.adds_channel("alerts", [made.adds_user("ada")])
    return made


def ask(place: Workspace, method: str, **args: object) -> Row:
    return methods.call(place.team, method, place.team.bot_token, dict(args))


def uploaded(place: Workspace, name: str, content: bytes) -> str:
    length = len(content)
    ident = str(ask(place, "files.getUploadURLExternal", filename=name, length=length)["file_id"])
    files.receive(place.team, ident, content)
    return ident


def test_it_tells_where_the_share_is(place: Workspace) -> None:
    channel = place.channel("alerts")
    root = place.says("ada", channel, "SQL01 down")
    ident = uploaded(place, "stun.png", PNG)
    share = {"files": [{"id": ident}], "channel_id": channel.id, "thread_ts": root.ts}
    ask(place, "files.completeUploadExternal", **share)
    (posted,) = place.thread(root)
    file = ask(place, "files.info", file=ident)["file"]
    (told,) = file["shares"]["public"][channel.id]
    assert (told["ts"], told["thread_ts"]) == (posted.ts, root.ts)
    measures = file["mimetype"], file["filetype"], file["original_w"], file["original_h"]
    assert measures == ("image/png", "png", 640, 480)
    rows = ask(place, "conversations.replies", channel=channel.id, ts=root.ts)["messages"]
    assert [row["id"] for row in rows[1]["files"]] == [ident]


def test_a_file_that_nobody_completed_is_none(place: Workspace) -> None:
    ident = uploaded(place, "notes.txt", b"x")
    for wanted in (ident, "F0", None):
        with pytest.raises(RefusedError, match="file_not_found"):
            ask(place, "files.info", file=wanted)
    ask(place, "files.completeUploadExternal", files=[{"id": ident}])
    file = ask(place, "files.info", file=ident)["file"]
    assert (file["shares"], file["mimetype"]) == ({}, "text/plain")


def test_it_needs_its_scope(place: Workspace) -> None:
    place.team.scopes = SCOPES - {"files:read"}
    with pytest.raises(RefusedError, match="missing_scope"):
        ask(place, "files.info", file="F0")

"""The methods files.*: an address to upload to, the upload, the share."""

import mimetypes
import struct
from dataclasses import replace
from pathlib import PurePath

from demo.slack.chat import from_app, thread_of
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Team, Upload

PNG = b"\x89PNG\r\n\x1a\n"
PNG_HEAD = 24
"""Bytes up to the end of width and height (https://www.w3.org/TR/png-3/#11IHDR)."""


def get_upload_url(team: Team, args: Row) -> Row:
    """Give the address to which a file of that length may be uploaded."""
    name, length = str(args.get("filename") or ""), str(args.get("length") or "")
    if not name or not length.isdecimal() or int(length) == 0:
        raise RefusedError("invalid_arguments", ("filename and length are required",))
    upload = Upload(team.ident("F"), name, int(length), team.clock())
    upload.alt_text = str(args.get("alt_txt") or "")
    team.uploads[upload.id] = upload
    return {"file_id": upload.id, "upload_url": f"{team.url}/upload/{upload.id}"}


def receive(team: Team, ident: str, content: bytes) -> None:
    """Take the content of an upload.

    RefusedError: the address is not known or too old, or the length is another one.
    """
    upload = team.uploads.get(ident)
    life = team.limits.upload.total_seconds()
    if upload is None or upload.content is not None or team.clock() - upload.since > life:
        raise RefusedError("file_not_found", status=404)
    if len(content) != upload.length:
        raise RefusedError("file_size_mismatch", status=400)
    with team.changed:
        upload.content = content
        team.changed.notify_all()


def complete_upload(team: Team, args: Row) -> Row:
    """Share uploaded files in a channel or a thread; the share's ts is not told."""
    rows = args.get("files")
    if not isinstance(rows, list) or not rows:
        raise RefusedError("invalid_arguments", ("files must be a list",))
    uploads = [_arrived(team, row) for row in rows]
    files = tuple(
        _row(team, upload, row.get("title")) for upload, row in zip(uploads, rows, strict=True)
    )
    if args.get("channel_id"):
        channel = team.channel(args["channel_id"])
        comment = str(args.get("initial_comment") or "")
        message = from_app(team, channel.id, {"text": comment}, thread_of(channel, args))
        team.post(replace(message, subtype="file_share", files=files))
    for upload, file in zip(uploads, files, strict=True):
        upload.row = file
    return {"files": [{"id": row["id"], "title": row["title"]} for row in files]}


def info(team: Team, args: Row) -> Row:
    """Tell of a file and where it is shared, which is how an app learns the ts of the share."""
    upload = team.uploads.get(str(args.get("file", "")))
    if upload is None or upload.row is None:
        raise RefusedError("file_not_found")
    shares: Row = {}
    for channel in team.channels.values():
        kind = "private" if channel.private else "public"
        for message in channel.messages.values():
            if any(file["id"] == upload.id for file in message.files):
                share = {"ts": message.ts, "channel_name": channel.name}
                share |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
                shares.setdefault(kind, {}).setdefault(channel.id, []).append(share)
    return {"file": upload.row | {"shares": shares}}


def _arrived(team: Team, row: object) -> Upload:
    upload = team.uploads.get(str(row.get("id"))) if isinstance(row, dict) else None
    if upload is None or upload.content is None or upload.row:
        raise RefusedError("file_not_found")
    return upload


def _row(team: Team, upload: Upload, title: object) -> Row:
    """Give the file as messages show it (docs.slack.dev/reference/objects/file-object)."""
    kind = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
    row: Row = {"id": upload.id, "name": upload.name, "title": str(title or upload.name)}
    row |= {"created": int(upload.since), "user": team.bot.id, "size": upload.length}
    row |= {"mimetype": kind, "filetype": PurePath(upload.name).suffix.removeprefix(".")}
    row |= {"alt_txt": upload.alt_text, "url_private": f"{team.url}/files/{upload.id}"}
    return row | _measures(upload.content or b"")


def _measures(content: bytes) -> Row:
    """Give width and height in pixels, of pictures whose head says so."""
    if len(content) < PNG_HEAD or not content.startswith(PNG):
        return {}
    width, height = struct.unpack(">II", content[16:PNG_HEAD])
    return {"original_w": width, "original_h": height}

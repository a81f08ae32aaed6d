"""Pictures into threads, each once."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.alt_text import alt_text
from bot.escape import clip
from bot.limits import ALT
from bot.pictures import draw
from bot.wire import Wire
from commands.reply import Reply

TITLE = "Time line"


class Uploads:
    """Draws the first card of a reply and uploads it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def send(self, reply: Reply, name: str, channel: str, thread: str | None) -> str:
        """Upload a picture into a thread; give the file's id, for its ts is not told.

        Raises SlackApiError, OSError.
        """
        card = reply.cards[0]
        with TemporaryDirectory() as folder:
            path = Path(folder) / file_name(name)
            draw(card, path)
            answer = self._wire.client.files_upload_v2(
                channel=channel,
                thread_ts=thread,
                content=path.read_bytes(),
                filename=path.name,
                title=TITLE,
                alt_txt=clip(alt_text(card), ALT),
            )
        return str(answer["files"][0]["id"])

    def find(self, name: str, channel: str, thread: str | None, since: datetime) -> str | None:
        """Find a picture that was uploaded before, by its file name."""
        for row in self._wire.messages(channel, thread, since):
            for file in row.get("files", ()):
                if file.get("name") == file_name(name):
                    return str(file["id"])
        return None


def file_name(name: str) -> str:
    """Name the file of a post."""
    return f"stuncheck-{name.replace(' ', '-')}.png"

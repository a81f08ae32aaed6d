"""Lives of a bot in a process of its own, begun and killed from a test."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.slack.workspace import Workspace


class Lives:
    """Begins and ends lives of the bot."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        team = workspace.team
        self.told = {"api": workspace.api_url, "bot": team.bot_token, "app": team.app_token,
                     "folder": str(folder)}  # fmt: skip
        self.happenings: list[tuple[str, str, str]] = []
        here = Path(__file__).parents[2]
        self.root = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("killed_bot.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(here)},
        )  # fmt: skip
        self.pid = 0

    def begin(self) -> None:
        assert self.root.stdin
        assert self.root.stdout
        line = json.dumps({"told": self.told, "happenings": self.happenings})
        self.root.stdin.write(line + "\n")
        self.root.stdin.flush()
        self.pid = int(self.root.stdout.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        while True:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.002)

    def end(self) -> None:
        if self.pid:
            self.kill()
        self.root.communicate(timeout=10)


@contextmanager
def lives(workspace: Workspace, folder: Path) -> Iterator[Lives]:
    made = Lives(workspace, folder)
    try:
        yield made
    finally:
        made.end()

"""A bot that can be killed: everything is imported once, each life is a fork of it.

Lines on standard input are lives to begin; the process id of each is answered.
"""

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from bot.log import set_up
from bot.running import Bot
from commands.context import Context
from demo.recorded import Recorded
from demo.settings import configured
from demo.site import INCIDENTS, site
from storage.store import Store


def live(told: dict[str, str], happenings: list[tuple[str, str, str]]) -> None:
    """Be the bot until somebody kills it, or asks it to stop."""
    recorded = Recorded(pace=0.05)
    for cluster, bundle, at in happenings:
        recorded.happen(cluster, INCIDENTS / bundle, datetime.fromisoformat(at))
    settings = configured(told["api"], told["bot"], told["app"], Path(told["folder"]))
    with Store.open(settings.storage) as store:
        bot = Bot(settings, Context(site(), store, pull=recorded))
        bot.start()
        signal.pause()


def main() -> None:
    """Begin lives as they are asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        life = json.loads(line)
        pid = os.fork()
        if pid == 0:
            with Path(life["told"]["folder"], "log").open("a") as log:
                set_up("info", log, as_json=False)
                os.dup2(log.fileno(), 2)
                try:
                    live(life["told"], life["happenings"])
                finally:
                    os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

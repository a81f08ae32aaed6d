"""A bot that can be killed: everything is imported once, each life is a fork of it.

Lines on standard input are lives to begin; the process id of each is answered.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.bot_settings import TuningSettings
from bot.log import set_up
from bot.pace import Pace
from bot.running import Bot
from commands.context import Context
from demo.journal import Journal
from demo.recorded import Recorded
from demo.settings import configured
from demo.site import INCIDENTS, site
from demo.values import RecordedValues
from storage.store import Store


def live(told: dict[str, str], happenings: list[tuple[str, str, str]]) -> None:
    """Be the bot until somebody kills it, or asks it to stop.

    Its clock is `ahead` seconds ahead of the machine's, it posts `speed` times as fast as Slack
    takes it, `approvers` may approve, and the values of its clusters are in a file, so that the
    next life meets the same clusters.
    """
    recorded = Recorded(pace=0.05)
    for cluster, bundle, at in happenings:
        recorded.happen(cluster, INCIDENTS / bundle, datetime.fromisoformat(at))
    folder, ahead = Path(told["folder"]), timedelta(seconds=float(told.get("ahead", 0)))
    tuning = TuningSettings(approvers=frozenset(told.get("approvers", "").split()))
    settings = configured(told["api"], told["bot"], told["app"], folder, tuning)
    values = RecordedValues(journal=Journal(folder / "values.json"))
    with Store.open(settings.storage) as store:
        context = Context(site(), store, lambda: datetime.now(UTC) + ahead, recorded)
        bot = Bot(settings, context, Pace(float(told.get("speed", 1))), values.change)
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

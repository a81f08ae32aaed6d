"""`run`: the bot, until it is told to stop."""

import signal
import sys
from threading import Event
from typing import TYPE_CHECKING

import click

from bot.live import live

if TYPE_CHECKING:
    from bot.configuration import Settings


@click.command()
@live
def run(settings: "Settings") -> None:
    """Run the bot in Slack.

    It listens for alerts, answers commands and posts verdicts until it is told to stop (SIGTERM,
    Ctrl-C); what is under way then goes on at the next start.
    """
    from bot.log import set_up  # noqa: PLC0415 - structlog
    from bot.running import Bot  # noqa: PLC0415 - slack_bolt
    from commands.context import Context  # noqa: PLC0415 - storage
    from storage.store import Store  # noqa: PLC0415 - sqlite-utils

    as_json = not sys.stderr.isatty()
    set_up(settings.log_level, sys.stderr, as_json=as_json, secrets=settings.secrets)
    told = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    with Store.open(settings.storage) as store:
        bot = Bot(settings, Context(settings.site(), store))
        bot.start()
        try:
            told.wait()
        finally:
            bot.stop()

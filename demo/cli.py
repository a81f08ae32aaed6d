"""`stuncheck` with everything it has: the commands of `bot.cli`, and `demo`."""

import click

from bot.cli import main

PORT = 8766
"""Where the demo's page is, unless that is taken or told otherwise."""


@main.command()
@click.option("--once", is_flag=True, help="Play one story, print the conversation, and end.")
@click.option("--story", metavar="NAME", default=None, help="The story to begin with.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True,
    help="Where the page is; 0 takes a free one.",
)  # fmt: skip
def demo(once: bool, story: str | None, port: int) -> None:
    """Run a Slack-like workspace on this machine, with the bot in it.

    Without any account: the page, the workspace and the systems are stand-ins, the incidents are
    recorded, the bot is the real one. Nothing leaves this machine.
    """
    from demo.running import headless, serve  # noqa: PLC0415 - the whole bot
    from demo.stories import SCENES  # noqa: PLC0415 - with it

    scenes = {scene.key: scene for scene in SCENES}
    if story is not None and story not in scenes:
        known = ", ".join(scenes)
        raise click.BadParameter(f"there is no story {story}; known: {known}")
    first = scenes[story] if story else SCENES[0]
    if once:
        click.echo(headless(first))
    else:
        serve(first, port, click.echo)


__all__ = ["main"]

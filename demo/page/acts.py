"""What a person does at the page, asked for by name with a JSON object.

Each raises ImpossibleError if a person could not do it, and ValueError if the object is not as
it should be; the caller holds `changed`.
"""

from collections.abc import Callable

from demo.page.manifest import COMMANDS
from demo.page.typed import typed
from demo.slack.channel import Channel
from demo.slack.delivery import Delivery
from demo.slack.form import Answer, known
from demo.slack.message import Message
from demo.slack.refused import ImpossibleError, Row
from demo.slack.user import User
from demo.slack.view import View
from demo.slack.workspace import Workspace


def say(place: Workspace, who: User, row: Row) -> None:
    """Post in a channel or, with `thread`, in a thread; what begins with a slash is a command."""
    channel, text = _channel(place, who, row), _word(row, "text").strip()
    if not text:
        raise ImpossibleError("there is nothing to send")
    root = _message(place, row, "thread") if row.get("thread") else None
    if root and root.only_to:
        raise ImpossibleError("what only one person sees has no thread")
    if text.startswith("/"):
        _command(place, who, channel, text, in_thread=root is not None)
        return
    if channel.direct_to and "message.im" not in place.team.events:
        raise ImpossibleError("Sending messages to this app has been turned off.")
    place.says(who, channel, typed(place.team, text), root)


def click(place: Workspace, who: User, row: Row) -> Delivery:
    """Use an element of a message, of a modal or of the home tab."""
    shown: Message | View = _view(place, row) if row.get("view") else _message(place, row, "ts")
    option, ids = _answer(row.get("option", "")), (_word(row, "action_id"), _word(row, "block_id"))
    answers = known(shown, _answers(row)) if isinstance(shown, View) else {}
    return place.clicks(who, shown, ids[0], option, ids[1], answers)


def shortcut(place: Workspace, who: User, row: Row) -> Delivery:
    """Take a message shortcut."""
    return place.shortcut(who, _message(place, row, "ts"), _word(row, "callback_id"))


def submit(place: Workspace, who: User, row: Row) -> Delivery:
    """Send a modal off."""
    return place.submits(_own(_view(place, row), who), _answers(row))


def close(place: Workspace, who: User, row: Row) -> None:
    """Close a modal."""
    place.closes(_own(_view(place, row), who))


def home(place: Workspace, who: User, _row: Row) -> None:
    """Open the app's home tab."""
    place.opens_home(who)


Act = Callable[[Workspace, User, Row], Delivery | None]
ACTS: dict[str, Act] = {
    "say": say,
    "click": click,
    "shortcut": shortcut,
    "submit": submit,
    "close": close,
    "home": home,
}


def _command(place: Workspace, who: User, channel: Channel, text: str, *, in_thread: bool) -> None:
    """Send a slash command; its answer, or that there was none, is shown in the channel."""
    name = text.split(maxsplit=1)[0]
    if name not in COMMANDS:
        raise ImpossibleError(f"{name} is not a valid command.")
    if in_thread:  # docs.slack.dev/interactivity/implementing-slash-commands
        raise ImpossibleError(f"{name} is not supported in threads. Sorry!")
    place.slash(who, channel, text)


def _channel(place: Workspace, who: User, row: Row) -> Channel:
    channel = place.team.channels.get(_word(row, "channel"))
    if channel is None or who.id not in channel.members:
        raise ImpossibleError("no such channel to be in")
    return channel


def _message(place: Workspace, row: Row, name: str) -> Message:
    """Find a message by `channel` and the ts under a name."""
    channel = _word(row, "channel")
    if channel not in place.team.channels:
        raise ImpossibleError("no such channel to be in")
    return place.now(Message(channel, _word(row, name), ""))


def _view(place: Workspace, row: Row) -> View:
    view = place.team.shown(_word(row, "view"))
    if view is None:
        raise ImpossibleError("the view is gone")
    return view


def _own(view: View, who: User) -> View:
    if view.user != who.id:
        raise ImpossibleError(f"{who.name} does not see that")
    return view


def _word(row: Row, name: str) -> str:
    value = row.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string")  # noqa: TRY004 - of the request, not of code
    return value


def _answers(row: Row) -> dict[str, Answer]:
    given = row.get("answers", {})
    if not isinstance(given, dict):
        raise ValueError("answers must be an object")  # noqa: TRY004 - the same
    return {name: _answer(value) for name, value in given.items()}


def _answer(value: object) -> Answer:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise ValueError("an answer must be a string or a list of strings")

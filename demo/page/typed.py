"""What a person typed, as Slack's clients send it: escaped, names as ids."""

import re

from demo.slack.team import Team

NAMED = re.compile(r"(?<![\w&;/])([@#])([\w.-]*\w)")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
EVERYBODY = {"channel", "here", "everyone"}


def typed(team: Team, text: str) -> str:
    """Give the text of the message that is made of it; the caller holds `changed`."""

    def ident(match: re.Match[str]) -> str:
        sign, name = match.groups()
        if sign == "#":
            channel = team.named(name)
            return f"<#{channel.id}>" if channel else match[0]
        if name in EVERYBODY:
            return f"<!{name}>"
        user = next((user for user in team.users.values() if user.name == name), None)
        return user.mention if user else match[0]

    for char, entity in ENTITIES.items():
        text = text.replace(char, entity)
    return NAMED.sub(ident, text)

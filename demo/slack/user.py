"""A person or a bot in the workspace, and groups of them."""

from dataclasses import dataclass

from demo.slack.refused import Row


@dataclass(frozen=True, slots=True)
class User:
    """A member of the workspace."""

    id: str
    name: str
    real_name: str = ""
    email: str = ""
    bot_id: str = ""
    zone: str = "Etc/UTC"
    deleted: bool = False

    @property
    def mention(self) -> str:
        """Give what stands in a text to call them."""
        return f"<@{self.id}>"

    def row(self, team: str, *, with_email: bool) -> Row:
        """Give what users.info tells."""
        shown = self.real_name or self.name
        profile: Row = {"real_name": shown, "display_name": self.name}
        if with_email and self.email:
            profile["email"] = self.email
        row: Row = {"id": self.id, "team_id": team, "name": self.name, "real_name": shown}
        row |= {"deleted": self.deleted, "is_bot": bool(self.bot_id), "tz": self.zone}
        return row | {"profile": profile}


@dataclass(frozen=True, slots=True)
class Group:
    """A user group, such as the people who approve changes."""

    id: str
    handle: str
    users: tuple[str, ...] = ()

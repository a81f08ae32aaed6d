"""What a person should read when something could not be done."""


class UserError(Exception):
    """A sentence for the person who asked, and a hint of what to do next."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

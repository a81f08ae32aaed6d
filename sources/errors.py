"""What a person should read when something could not be done.

Exception
├── UserError         the person asked for something that cannot be answered
└── SourceError       a system did not give what it was asked for
    ├── LateError     not within its deadline; may be asked again
    └── RefusedError  it said no: a password, a right, a certificate; asking again is no use
"""


class UserError(Exception):
    """A sentence for the person who asked, and a hint of what to do next."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SourceError(Exception):
    """What happened, to which system, and what to do next; never with a secret in it.

    `source` is winrm, vcenter, vmware.log or veeam; `subject` the node, server or VM.
    """

    def __init__(self, source: str, subject: str, message: str, hint: str | None = None) -> None:
        super().__init__(f"{source}, {subject}: {message}")
        self.source = source
        self.subject = subject
        self.message = message
        self.hint = hint


class LateError(SourceError):
    """The system did not answer within its deadline."""


class RefusedError(SourceError):
    """The system refused: wrong password, missing right, certificate that is not trusted."""

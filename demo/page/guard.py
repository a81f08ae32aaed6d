"""The guard of the page: other sites in the same browser neither read it nor act through it.

The server listens on 127.0.0.1 only, but a browser reaches that from any site. A foreign name
that leads here (DNS rebinding) shows in Host, a foreign site that sends shows in Origin
(https://owasp.org/www-community/attacks/csrf).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = {"127.0.0.1", "localhost"}
READING = {"GET", "HEAD"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""No script, style, picture or address but our own."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets through what the page itself asks for, and says so to the browser."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the app answer."""
        if not allowed(scope):
            await _refuse(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, marked)


def allowed(scope: Scope) -> bool:
    """Say whether a request came under a name of this machine and, if it acts, from the page."""
    headers = Headers(scope=scope)
    host, origin = headers.get("host", ""), headers.get("origin")
    if _name(f"//{host}") not in NAMES:
        return False
    if scope["type"] == "http" and scope["method"] in READING:
        return True
    return origin == f"http://{host}"


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # answered as 403
        return
    await PlainTextResponse("only for the page itself", 403)(scope, receive, send)

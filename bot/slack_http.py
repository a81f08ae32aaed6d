"""Slack's HTTP mode: events, commands and clicks come as requests instead of over a socket."""

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.body import BodyError, whole
from sources.access import Secret

PATH = "/slack/events"

MOST = 1024 * 1024
"""Bytes; a click brings the whole message along, up to 40 000 characters, each as up to 9 bytes."""

STAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
PASSED = ("content-type", STAMP, SIGNATURE, "x-slack-retry-num", "x-slack-retry-reason")
"""The headers that Bolt is given; by x-slack-bolt-* it takes orders from itself."""


def routes(app: App, signing_secret: Secret) -> list[BaseRoute]:
    """Give Slack's path. Its signature is checked before anything of the body is parsed.

    Bolt parses first, and by its own adapter it would hold the whole server until a listener
    has acknowledged. ValueError: the secret is empty.
    """
    verifier = SignatureVerifier(signing_secret.reveal())

    async def events(request: Request) -> Response:
        try:
            body = await whole(request, MOST)
        except BodyError as error:
            return JSONResponse({"error": error.message}, error.status)
        if not _signed(verifier, request, body):
            return JSONResponse({"error": "invalid request"}, 401)
        return await run_in_threadpool(_dispatched, app, request, body.decode())

    return [Route(PATH, events, methods=["POST"])]


def _signed(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    """Whether Slack has signed this body within the last five minutes, by our clock."""
    try:
        return verifier.is_valid(body, request.headers.get(STAMP), request.headers.get(SIGNATURE))
    except (ValueError, TypeError):  # a time that is no number, a body or signature of odd letters
        return False


def _dispatched(app: App, request: Request, body: str) -> Response:
    given = BoltRequest(body=body, headers={n: request.headers.getlist(n) for n in PASSED})
    return to_starlette_response(app.dispatch(given))

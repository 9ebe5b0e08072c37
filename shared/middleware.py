"""What happens to every request before and after its route: size, trace, timing, and headers."""

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics
from shared.problems import BodyTooLarge, problem
from shared.tracing import span

BODY_TOO_LARGE = 413
MOST_READ_ON = 32 * 2**20
QUIET = ("/health/", "/metrics")
EVENT_STREAM = b"text/event-stream; charset=utf-8"  # lasts as long as somebody looks, which is no measure


class RequestMiddleware:
    """Refuses large bodies, opens a span as child of the caller's, and measures by route.

    FastAPI's own `max_body_size` answers a declared length in plain text; here everything is a problem document.
    """

    def __init__(self, app: ASGIApp, body_limit: int) -> None:
        self._app = app
        self._limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        started, status, received, more, ends = time.perf_counter(), 500, 0, True, True
        declared = headers.get(b"content-length", b"0")
        too_large = not declared.isdigit() or int(declared) > self._limit

        async def limited_receive() -> Message:
            nonlocal received, more
            if too_large:  # told where the body is read, so that whoever reads it words the answer
                raise BodyTooLarge(self._limit)
            message = await receive()
            more = message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > self._limit:
                raise BodyTooLarge(self._limit)
            return message

        async def observed_send(message: Message) -> None:
            nonlocal status, ends
            if message["type"] == "http.response.start":
                status = message["status"]
                ends = (b"content-type", EVENT_STREAM) not in message["headers"]
                if status == BODY_TOO_LARGE and more:
                    await _read_on(receive)
                message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]
            await send(message)

        with span(f"{scope['method']} request", headers.get(b"traceparent", b"").decode("latin-1")):
            try:
                await self._app(scope, limited_receive, observed_send)
            except BodyTooLarge as error:
                answer = problem(error.status_code, "body-too-large", "Body too large", error.detail)
                answer.headers["Connection"] = "close"
                await answer(scope, receive, observed_send)
        if ends and not scope["path"].startswith(QUIET):
            route: Any = scope.get("route")
            path = getattr(route, "path", "unknown")
            metrics.HTTP_SECONDS.labels(scope["method"], path, status).observe(time.perf_counter() - started)


async def _read_on(receive: Receive) -> None:
    """Read and drop the rest of a body, within reason: a connection closed over unread data loses the answer."""
    dropped, more = 0, True
    while more and dropped < MOST_READ_ON:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message.get("more_body", False)

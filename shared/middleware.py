"""What happens to every request before and after its route: size, trace, timing, and headers."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics
from shared.problems import BodyTooLarge, problem
from shared.tracing import span

BODY_TOO_LARGE = 413
MOST_READ_ON = 32 * 2**20
QUIET = ("/health/", "/metrics")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
EVENT_STREAM = b"text/event-stream; charset=utf-8"  # lasts as long as somebody looks, which is no measure


def takes_files(endpoint: Endpoint) -> Endpoint:
    """Mark a route's function as one whose body may be as large as files are; it must not hold that in memory."""
    endpoint.__dict__["takes_files"] = True
    return endpoint


class RequestMiddleware:
    """Refuses large bodies, opens a span as child of the caller's, and measures by route.

    FastAPI's own `max_body_size` answers a declared length in plain text; here everything is a problem document.
    """

    def __init__(self, app: ASGIApp, body_limit: int, file_limit: int = 0) -> None:
        self._app = app
        self._limit, self._file_limit = body_limit, max(body_limit, file_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        started, status, received, more, ends = time.perf_counter(), 500, 0, True, True
        declared = headers.get(b"content-length", b"0")
        length = int(declared) if declared.isdigit() else None

        async def limited_receive() -> Message:
            nonlocal received, more
            limit = self._limit_of(scope)
            if length is None or length > limit:  # told where the body is read: whoever reads it words the answer
                raise BodyTooLarge(limit)
            message = await receive()
            more = message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLarge(limit)
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

    def _limit_of(self, scope: Scope) -> int:
        """Return the limit of the route that reads the body."""
        endpoint = getattr(scope.get("route"), "endpoint", None)
        return self._file_limit if getattr(endpoint, "takes_files", False) else self._limit


async def _read_on(receive: Receive) -> None:
    """Read and drop the rest of a body, within reason: a connection closed over unread data loses the answer."""
    dropped, more = 0, True
    while more and dropped < MOST_READ_ON:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message.get("more_body", False)

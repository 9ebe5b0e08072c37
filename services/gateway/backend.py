"""How the gateway asks a service: who asks and the trace go along, and a service that is away is named."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
import structlog

from shared import identity
from shared.errors import Unavailable
from shared.tracing import current_traceparent

log = structlog.get_logger()

BEARER_REFUSED = "bearer-refused"
Params = Mapping[str, str | list[str]]


class ServiceAway(Unavailable):
    """A service behind the gateway does not answer, or not this gateway."""


class Backend:
    """One service behind the gateway."""

    def __init__(self, part: str, base_url: str, signer: identity.Signer, timeout: float, connections: int) -> None:
        self._part = part
        self._signer = signer
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        # Who waits for a connection waits here: in httpx's own queue each request costs time for every other in it.
        self._free = asyncio.Semaphore(connections)
        self._timeout = timeout
        self._client = httpx.AsyncClient(base_url=base_url, timeout=timeout, limits=limits, trust_env=False)

    async def ask(
        self,
        method: str,
        path: str,
        tenant: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        who: identity.Identity | None = None,
    ) -> httpx.Response:
        """Send a request and return the answer, whatever its status; raise `ServiceAway` when there is none.

        `who`: the member of staff who asks; without, it is a citizen of the tenant.

        A service that refuses the gateway itself (401) is no answer: the person can do nothing about it. A person's
        own bearer that opens nothing (any more) is one.

        Every request may safely be sent twice (a booking carries its `Idempotency-Key`), so one that met a
        connection the restarted service had closed is repeated once.
        """
        try:
            async with asyncio.timeout(self._timeout):
                await self._free.acquire()
        except TimeoutError as error:
            raise self.away("no connection is free") from error
        try:
            token = self._signer.sign(who or identity.citizen(tenant), self._part)
            return await self._send(method, path, params, {identity.HEADER: token, **(headers or {})}, body)
        finally:
            self._free.release()

    async def _send(
        self,
        method: str,
        path: str,
        params: Params | None,
        headers: Mapping[str, str],
        body: str | None,
    ) -> httpx.Response:
        sent = {"traceparent": current_traceparent(), **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        for last_try in (False, True):
            try:
                answer = await self._client.request(method, path, params=params, headers=sent, content=body)
            except httpx.TimeoutException as error:
                raise self.away(type(error).__name__) from error
            except (httpx.TransportError, AttributeError) as error:
                # A new connection that is reset at once has no socket any more when anyio asks uvloop for it.
                if last_try:
                    raise self.away(type(error).__name__) from error
            else:
                if answer.status_code == httpx.codes.UNAUTHORIZED and BEARER_REFUSED not in answer.text:
                    raise self._refused(answer)
                return answer
        raise AssertionError

    async def get(self, path: str, tenant: str, params: Params | None = None) -> Any:  # noqa: ANN401  JSON
        """Return the document at a path; raise `ServiceAway` when there is none."""
        answer = await self.ask("GET", path, tenant, params=params)
        if not answer.is_success:
            raise self.away(f"status {answer.status_code}")
        return answer.json()

    async def stream(self, path: str, who: identity.Identity) -> tuple[httpx.Response, AsyncGenerator[bytes, None]]:
        """Open what a member of staff may see, to hand it on as it comes; raise `ServiceAway` when there is no answer.

        Whoever does not read to the end closes what comes.
        """
        headers = {"traceparent": current_traceparent(), identity.HEADER: self._signer.sign(who, self._part)}
        try:
            answer = await self._client.send(self._client.build_request("GET", path, headers=headers), stream=True)
        except httpx.TransportError as error:
            raise self.away(type(error).__name__) from error
        pieces = _pieces(answer)
        await anext(pieces)  # begun: so it ends, and gives its connection back, whatever becomes of the request
        return answer, pieces

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def away(self, reason: str) -> ServiceAway:
        """Return the error that says so, and log why."""
        log.warning("service is away", part=self._part, error=reason)
        return self._service_away()

    def _refused(self, answer: httpx.Response) -> ServiceAway:
        log.error(
            "a service refuses this gateway's requests: its IDENTITY_PUBLIC_KEYS must hold the public half of the "
            "gateway's IDENTITY_PRIVATE_KEY, and their clocks and TENANTS_DIR must agree",
            part=self._part,
            answer=answer.text[:500],
        )
        return self._service_away()

    def _service_away(self) -> ServiceAway:
        detail = f"The {self._part} service is away at the moment. Please try again soon; everything else works."
        return ServiceAway(detail, part=self._part)


async def _pieces(answer: httpx.Response) -> AsyncGenerator[bytes, None]:
    try:
        yield b""
        async for piece in answer.aiter_bytes():
            yield piece
    finally:
        await answer.aclose()


def slug_of(answer: httpx.Response) -> str:
    """Return the slug of the problem that a service has answered with."""
    return str(answer.json()["type"]).rpartition("/")[2]

"""How the gateway asks a service: the tenant and trace go along, and a service that is away is named."""

from collections.abc import Mapping

import httpx
import structlog

from shared.errors import Unavailable
from shared.tracing import current_traceparent

log = structlog.get_logger()


class ServiceAway(Unavailable):
    """A service behind the gateway does not answer."""


class Backend:
    """One service behind the gateway."""

    def __init__(self, part: str, base_url: str, timeout: float, connections: int) -> None:
        self._part = part
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.AsyncClient(base_url=base_url, timeout=timeout, limits=limits, trust_env=False)

    async def ask(
        self,
        method: str,
        path: str,
        tenant: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> httpx.Response:
        """Send a request and return the answer, whatever its status; raise `ServiceAway` when there is none.

        Every request may safely be sent twice (a booking carries its `Idempotency-Key`), so one that met a
        connection the restarted service had closed is repeated once.
        """
        sent = {"X-Tenant": tenant, "traceparent": current_traceparent(), **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        for last_try in (False, True):
            try:
                return await self._client.request(method, path, params=params, headers=sent, content=body)
            except httpx.TimeoutException as error:
                raise self._away(error) from error
            except httpx.TransportError as error:
                if last_try:
                    raise self._away(error) from error
        raise AssertionError

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _away(self, error: Exception) -> ServiceAway:
        log.warning("service is away", part=self._part, error=type(error).__name__)
        detail = f"The {self._part} service is away at the moment. Please try again soon; everything else works."
        return ServiceAway(detail, part=self._part)

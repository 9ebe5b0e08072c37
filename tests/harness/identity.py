"""The gateway's half of the token, for tests that ask a service themselves."""

from collections.abc import Generator

import httpx

from shared.identity import HEADER, Signer, citizen, new_private_key, public_half

PRIVATE_KEY = new_private_key()
PUBLIC_KEYS = public_half(PRIVATE_KEY)

_signer = Signer(PRIVATE_KEY)


def signed(service: str, tenant: str) -> dict[str, str]:
    """Return the header with which the gateway would ask a service now."""
    return {HEADER: _signer.sign(citizen(tenant), service)}


class Signed(httpx.Auth):
    """Lets a client ask a service as the gateway does, however long it lives and wherever the clock is moved."""

    def __init__(self, service: str, tenant: str = "musterstadt") -> None:
        self._service, self._tenant = service, tenant

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.update(signed(self._service, self._tenant))
        yield request

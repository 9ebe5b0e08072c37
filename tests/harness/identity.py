"""The gateway's half of the token, for tests that ask a service themselves."""

from collections.abc import Generator

import httpx

from shared.identity import HEADER, Identity, Signer, citizen, new_private_key, public_half

PRIVATE_KEY = new_private_key()
PUBLIC_KEYS = public_half(PRIVATE_KEY)

_signer = Signer(PRIVATE_KEY)


def signed(service: str, tenant: str) -> dict[str, str]:
    """Return the header with which the gateway would ask a service now."""
    return {HEADER: _signer.sign(citizen(tenant), service)}


def clerk(*offices: str, role: str = "clerk", tenant: str = "musterstadt") -> Identity:
    """Return a member of staff of these offices."""
    return Identity(subject="staff-0815", roles=(role,), offices=offices, tenant=tenant)


class SignedAs(httpx.Auth):
    """Lets a client ask a service as the gateway does for somebody, however long it lives, wherever the clock is."""

    def __init__(self, service: str, identity: Identity) -> None:
        self._service, self._identity = service, identity

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers[HEADER] = _signer.sign(self._identity, self._service)
        yield request


class Signed(SignedAs):
    """The same for citizens."""

    def __init__(self, service: str, tenant: str = "musterstadt") -> None:
        super().__init__(service, citizen(tenant))

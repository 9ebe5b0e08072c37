"""A member of staff with a browser's cookies, over HTTP: signs in, opens pages, sends their forms."""

import re
from types import TracebackType
from typing import Self

import httpx

HIDDEN = re.compile(r'<input type="hidden" name="csrf" value="([^"]+)">')


class Member:
    """Signs in at a gateway; `login` is one of the demo accounts."""

    def __init__(self, base_url: str, login: str, host: str = "localhost") -> None:
        self.login = login
        self.client = httpx.AsyncClient(base_url=base_url, headers={"Host": host}, trust_env=False, timeout=30)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def sign_in(self, password: str = "demo", to: str = "") -> httpx.Response:  # noqa: S107  the demo's
        """Fill in the sign-in page; return what its form answers."""
        address = "/de/staff/sign-in" + (f"?to={to}" if to else "")
        return await self.send(address, login=self.login, password=password)

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path)

    async def send(self, path: str, action: str | None = None, **fields: str) -> httpx.Response:
        """Open a page and send a form from it, to `action` when that is another address."""
        shown = await self.client.get(path)
        found = HIDDEN.search(shown.text)
        token = found[1] if found else ""
        return await self.client.post(action or path, data={"csrf": token, **fields})

"""A real OpenID provider as a process (`tests/browser/provider.mjs`), and somebody who signs in there over HTTP."""

import html
import os
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from deploy.local.process import spawn
from tests.harness.ports import free_port
from tests.harness.waiting import eventually

SCRIPT = Path("tests/browser/provider.mjs")
SECRET = "a secret of tests"  # noqa: S105
SECTION = """
staff_oidc:
  issuer: http://localhost:{port}
  client_id: buergernah
  roles_claim: groups
  roles: {{jc-clerks: [clerk], jc-admins: [admin, manager]}}
  offices_claim: places
"""
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@dataclass
class Provider:
    """A provider that runs."""

    port: int

    @property
    def section(self) -> str:
        """What a tenant's file says of it."""
        return SECTION.format(port=self.port)

    async def regroup(self, login: str, groups: str) -> None:
        """Give somebody other groups."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"http://localhost:{self.port}/test/people/{login}", params={"groups": groups})
            assert answer.status_code == httpx.codes.NO_CONTENT

    async def sign_in(self, address: str, login: str) -> str:
        """Follow the provider's pages from where the gateway sends a browser; return where they lead back to."""
        base = f"http://localhost:{self.port}"
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(address)
            for _ in range(20):
                if answer.is_redirect:
                    address = urljoin(address, answer.headers["location"])
                    if not address.startswith(base):
                        return address
                    answer = await client.get(address)
                    continue
                form = _FORM.search(answer.text)
                assert form, answer.text
                fields = {**dict(_HIDDEN.findall(answer.text)), "login": login, "password": "any"}
                address = urljoin(address, html.unescape(form[1]))
                answer = await client.post(address, data=fields)
        raise AssertionError("the provider leads nowhere")


@asynccontextmanager
async def provider(redirects: Sequence[str], port: int = 0) -> AsyncIterator[Provider]:
    """Run a provider that sends browsers back to these addresses; skips where it is not installed."""
    if not (SCRIPT.parent / "node_modules" / "oidc-provider").exists() or not shutil.which("node"):
        missing = "the OpenID provider is not installed: npm ci --prefix tests/browser"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    made = Provider(port or free_port())
    child = await spawn(["node", str(SCRIPT), str(made.port), SECRET, *redirects], environment=dict(os.environ))

    async def answers() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"http://localhost:{made.port}/.well-known/openid-configuration")).is_success
            except httpx.TransportError:
                return False

    try:
        await eventually(answers, within=30)
        yield made
    finally:
        await child.stop()

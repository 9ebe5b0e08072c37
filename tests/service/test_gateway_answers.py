"""What holds for every answer of the gateway, however odd the question or broken the service behind."""

import asyncio
import base64
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from services.gateway import csrf, drafts
from services.gateway.headers import HEADERS
from tests.conftest import NewInstallation
from tests.harness.inprocess import served, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.pages import csrf_of

BROKEN = FastAPI()


@BROKEN.get("/appointments")
async def not_as_agreed() -> dict[str, Any]:
    return {}


@pytest.fixture
async def gateway(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "gateway", backend_timeout_seconds=120) as running:
        yield running
        for backend in (running.app.state.booking, running.app.state.statistics):
            await backend.close()


def carries_security_headers(answer: httpx.Response) -> bool:
    return all(answer.headers.get(name) == value for name, value in HEADERS.items())


async def test_an_unforeseen_error_is_a_page_with_all_headers(installation: Installation, gateway: Running) -> None:
    async with served(BROKEN, installation.ports["statistics"]):
        answer = await gateway.client.get("/de/")
        assert answer.status_code == 500
        assert "Das ist unser Fehler" in answer.text
        assert carries_security_headers(answer)
    assert carries_security_headers(await gateway.client.get("/de/nothing"))
    assert carries_security_headers(await gateway.client.get("/api/v1/nothing"))


async def test_the_homepage_does_not_wait_for_a_service_that_hangs(
    installation: Installation, gateway: Running
) -> None:
    asked = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        hanging.append(writer)

    hanging: list[asyncio.StreamWriter] = []
    servers = [await asyncio.start_server(hang, "127.0.0.1", installation.ports[n]) for n in ("statistics", "booking")]
    async with asyncio.timeout(60):  # the gateway's own patience with a service is twice as long here
        answer = await gateway.client.get("/de/")
    assert answer.status_code == 200
    assert "Diese Zahlen sind im Moment nicht verfügbar" in answer.text
    assert asked.is_set()
    for server in servers:
        server.close()
    for writer in hanging:
        writer.close()


@pytest.mark.parametrize(
    "path", ["/", "/de/", "/de/appointments", "/brand.css", "/api/v1/openapi.json", "/de/nothing", "/static/x/kern.css"]
)
async def test_head_is_answered_as_get_without_the_content(
    installation: Installation, gateway: Running, path: str
) -> None:
    port = installation.ports["gateway"]
    async with served(gateway.app, port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        head, get = await client.head(path), await client.get(path)
    assert head.status_code == get.status_code != 405
    assert head.content == b""
    for name in ("content-type", "cache-control", "content-security-policy"):
        assert head.headers.get(name) == get.headers.get(name), name


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "punycode", "undefined", "latin-1", "x"])
async def test_a_form_in_another_encoding_is_a_clear_page(gateway: Running, charset: str) -> None:
    page = await gateway.client.get("/de/appointments")
    body = "\r\n".join(
        f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'
        for name, value in {"csrf": csrf_of(page.text), "name": r"A\ud800B", "number": r"\ud800"}.items()
    )
    kind = f"multipart/form-data; boundary=XX; charset={charset}"
    answer = await gateway.client.post(
        "/de/appointments", content=f"{body}\r\n--XX--\r\n", headers={"Content-Type": kind}
    )
    assert answer.status_code == 400
    assert "Diese Anfrage ist nicht zu verstehen" in answer.text or "</html>" in answer.text


@pytest.mark.parametrize("content", [b"[]", b"null", b"1", b'{"name": 1}', b"no json", b'{"number": "\\ud800"}', b""])
async def test_a_draft_that_holds_something_else_is_none(gateway: Running, content: bytes) -> None:
    page = await gateway.client.get("/de/appointments")
    cookie = page.cookies["csrf"]
    request = Request(
        {"type": "http", "scheme": "http", "path": "/", "headers": [(b"cookie", f"csrf={cookie}".encode())]}
    )
    value = csrf.value_of(request)
    assert value
    box = drafts._box(value, "number and code")  # noqa: SLF001  only the owner of the cookie can make such a draft
    draft = base64.urlsafe_b64encode(box.encrypt(content)).decode()
    answer = await gateway.client.get("/de/appointments", params={"draft": draft})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("en;q=0.1,de;q=0.9", "de"), ("de;q=0.1, en", "en"), ("fr, en;q=0.5", "en"), ("fr", "de"), ("", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"), ("*;q=0.5, en;q=0.4", "en"), (";q=,,de;q=x,en;q=9", "de"),
    ],
)  # fmt: skip
async def test_the_language_that_is_wanted_most_is_chosen(gateway: Running, wanted: str, language: str) -> None:
    answer = await gateway.client.get("/", headers={"Accept-Language": wanted})
    assert answer.headers["location"] == f"/{language}/"


async def test_what_people_type_as_an_address_leads_to_the_homepage(gateway: Running) -> None:
    assert (await gateway.client.get("/de")).headers["location"] == "/de/"
    assert (await gateway.client.get("/fr")).status_code == 404
    assert (await gateway.client.get("/", headers={"Host": "localhost.:8000"})).status_code == 302


async def test_a_service_that_resets_every_connection_is_away(new_installation: NewInstallation) -> None:
    def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()

    server = await asyncio.start_server(reset, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    own = await new_installation(BOOKING_URL=f"http://127.0.0.1:{port}")
    await own.start("gateway")  # on the event loop that it has in earnest
    async with httpx.AsyncClient(base_url=own.url("gateway"), trust_env=False, timeout=30) as client:
        answers = [await client.get("/api/v1/offices") for _ in range(300)]
    server.close()
    assert {answer.status_code for answer in answers} == {503}


async def test_codes_tried_while_booking_is_away_are_no_wrong_codes(gateway: Running) -> None:
    headers = {"Authorization": "Bearer ABCD-EFGH"}
    answers = [await gateway.client.get("/api/v1/appointments/ABCD-EFGH", headers=headers) for _ in range(30)]
    assert {answer.status_code for answer in answers} == {503}

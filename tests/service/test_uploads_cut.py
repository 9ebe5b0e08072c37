"""A file over a way that breaks: two gateways before two instances of applications, over one database."""

import asyncio
import json
import os
import random
import shutil
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.answers import problem_of
from tests.harness.identity import Signed
from tests.harness.inprocess import announce_key
from tests.harness.installation import Installation
from tests.harness.parts import Parts
from tests.harness.ports import free_port
from tests.harness.uploader import Cut, Uploader, json_of, sha256

REPETITIONS = int(os.environ.get("CUT_UPLOADS", "2"))
EIGHT_MB = 8_000_000
CUTS = 20
SCRIPT = Path("tests/browser/uploads.mjs")
MOST_SENT_AGAIN = 0.05


class Town:
    """Two of each, and somebody who has applied."""

    def __init__(self, gateways: list[Uploader], sent: dict[str, Any], client: httpx.AsyncClient) -> None:
        self.gateways, self.sent, self.client = gateways, sent, client

    @property
    def bearer(self) -> dict[str, str]:
        return dict(self.gateways[0].bearer)


@pytest.fixture(scope="module")
async def town(parts: Parts) -> AsyncIterator[Town]:
    installation = await Installation.create(parts)
    await announce_key(installation, "applications")
    await installation.start("applications", "gateway")
    ports = {"applications": free_port(), "gateway": free_port()}
    first = dict(installation.ports)
    for service, port in ports.items():
        installation.ports[service] = port
        installation.children[f"second {service}"] = await installation.spawn(service, {})
        await installation.ready(service)
    async with AsyncExitStack() as stack:

        async def client(port: int, auth: httpx.Auth | None = None) -> httpx.AsyncClient:
            url = f"http://localhost:{port}"
            opened = httpx.AsyncClient(base_url=url, auth=auth, trust_env=False, timeout=60)
            return await stack.enter_async_context(opened)

        own = await client(first["applications"], Signed("applications"))
        person = {"benefit": "l1", "office": "mitte", "name": "Aylin Öz", "birth_date": "1990-05-17"}
        sent = json_of(await own.post("/applications", json=person, headers={"Idempotency-Key": "somebody"}), 201)
        code = {"code": sent["code"]}
        opened = json_of(await own.post(f"/applications/{sent['reference']}/access", json=code), 200)
        bearer = {"Authorization": f"Bearer {opened['bearer']}"}
        gateways = [
            Uploader(await client(port), bearer, "/api/v1/uploads") for port in (first["gateway"], ports["gateway"])
        ]
        yield Town(gateways, sent, gateways[0].client)
    await installation.stop()


async def test_cut_twenty_times_a_file_arrives_as_it_was_and_hardly_anything_is_sent_again(town: Town) -> None:
    again = []
    for number in range(REPETITIONS):
        chance = random.Random(number)
        cut = Cut(chance.randbytes(EIGHT_MB), town.gateways, chance)
        receipt = await cut.upload(CUTS, filename=f"{number}.jpg", key=f"photo-{number}")
        url = f"/api/v1/applications/{town.sent['reference']}/receipts/{receipt}"
        found = json_of(await town.client.get(url, headers=town.bearer), 200)
        assert (found["sha256"], found["bytes"]) == (sha256(cut.data), EIGHT_MB)
        again.append(cut.sent / EIGHT_MB - 1)
    assert max(again) <= MOST_SENT_AGAIN, again


async def test_a_form_is_taken_without_javascript(town: Town) -> None:
    data = random.Random(1).randbytes(1_000_000)
    url = f"/api/v1/applications/{town.sent['reference']}/items/ausweis/documents"
    headers = town.bearer | {"Idempotency-Key": "a-form-of-tests"}
    files = {"file": ("Rückseite.jpg", data, "image/jpeg")}
    receipts = [json_of(await town.client.post(url, files=files, headers=headers), 201) for _ in range(2)]
    assert receipts[0]["id"] == receipts[1]["id"]
    assert (receipts[0]["sha256"], receipts[0]["file_name"]) == (sha256(data), "Rückseite.jpg")
    raw = await town.client.post(url, content=data, headers=town.bearer | {"Idempotency-Key": "a-raw-body"})
    assert json_of(raw, 201)["sha256"] == sha256(data)
    bad = {"Content-Type": "multipart/form-data; boundary=x"}
    problem_of(await town.client.post(url, content=b"no form", headers=headers | bad), 400, "form-unreadable")
    problem_of(await town.client.post(url, content=b"--x--\r\n", headers=headers | bad), 400, "form-unreadable")


async def test_the_gateway_says_what_is_wrong(town: Town) -> None:
    url = f"/api/v1/applications/{town.sent['reference']}/items/ausweis/documents"
    key = {"Idempotency-Key": "a-key-of-tests"}
    problem_of(await town.client.post(url, content=b"x", headers=key), 401, "bearer-refused")
    large = bytes(20 * 2**20 + 1)
    problem_of(await town.client.post(url, content=large, headers=town.bearer | key), 413, "file-too-large")
    files = {"file": ("large.jpg", large, "image/jpeg")}
    problem_of(await town.client.post(url, files=files, headers=town.bearer | key), 413, "file-too-large")
    problem_of(await town.gateways[0].create(20 * 2**20 + 1), 413, "file-too-large")
    other = await town.client.get("/api/v1/applications/nothing/receipts/" + "0" * 32, headers=town.bearer)
    problem_of(other, 404, "application-not-found")


async def test_the_official_client_goes_on_after_breaks(town: Town, tmp_path: Path) -> None:
    if not (SCRIPT.parent / "node_modules" / "tus-js-client").exists() or not shutil.which("node"):
        missing = "the client of tus is not installed: npm ci --prefix tests/browser"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    file = tmp_path / "Foto.jpg"
    file.write_bytes(random.Random(2).randbytes(EIGHT_MB))
    endpoint = str(town.client.base_url.join("/api/v1/uploads"))
    bearer = town.bearer["Authorization"].removeprefix("Bearer ")
    command = ["node", str(SCRIPT), endpoint, bearer, "mietvertrag", str(file)]
    process = await create_subprocess_exec(*command, stdout=PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    told = json.loads(output)
    assert (told["left"], told["asked"].count("POST")) == (0, 1)
    assert told["asked"].count("HEAD") >= len(("after a third", "after two thirds"))
    url = f"/api/v1/applications/{town.sent['reference']}/receipts/{told['receipt']}"
    assert json_of(await town.client.get(url, headers=town.bearer), 200)["sha256"] == sha256(file.read_bytes())

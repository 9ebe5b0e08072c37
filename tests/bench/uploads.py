"""Files through the gateway into applications' database, beside the same bytes encrypted and written to this disk."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.documents.sealed import DataKey
from tests.bench.load import Result
from tests.harness.identity import Signed
from tests.harness.inprocess import announce_key
from tests.harness.installation import Installation
from tests.harness.parts import Parts
from tests.harness.uploader import Cut, Uploader, json_of

BYTES, MEGA = 8_000_000, 1e6
PIECE = 64 * 1024
HALF_OPEN = 50
PAUSE = 0.02


@dataclass
class Town:
    """A gateway with what is behind it, and somebody who has applied."""

    installation: Installation
    client: httpx.AsyncClient
    uploader: Uploader


@asynccontextmanager
async def town(parts: Parts) -> AsyncIterator[Town]:
    """Start it; afterwards all of it ends."""
    made = await Installation.create(parts, LOG_LEVEL="WARNING")
    for service in ("applications", "booking"):
        await announce_key(made, service)
    try:
        await made.start("booking", "applications", "gateway")
        url, auth = made.url("applications"), Signed("applications")
        async with httpx.AsyncClient(base_url=url, auth=auth, trust_env=False, timeout=60) as own:
            person = {"benefit": "l1", "office": "mitte", "name": "Aylin Öz", "birth_date": "1990-05-17"}
            sent = json_of(await own.post("/applications", json=person, headers={"Idempotency-Key": "somebody"}), 201)
            path = f"/applications/{sent['reference']}/access"
            opened = json_of(await own.post(path, json={"code": sent["code"]}), 200)
        bearer = {"Authorization": f"Bearer {opened['bearer']}"}
        async with httpx.AsyncClient(base_url=made.url("gateway"), trust_env=False, timeout=60) as client:
            yield Town(made, client, Uploader(client, bearer, "/api/v1/uploads"))
    finally:
        await made.stop()


async def send(town: Town, files: int, at_once: int) -> float:
    """Send files of 8 MB, some at a time; return the MB/s."""
    data = os.urandom(BYTES)
    free = asyncio.Semaphore(at_once)

    async def one() -> None:
        async with free:
            await town.uploader.sent(data)

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(files)))
    return files * BYTES / MEGA / (time.perf_counter() - started)


def write(folder: Path, files: int) -> float:
    """Encrypt the same bytes piece by piece, and write and flush each; return the MB/s."""
    data, key = os.urandom(BYTES), DataKey.generate()
    started = time.perf_counter()
    for number in range(files):
        with (folder / f"bench-{number}").open("wb") as stream:
            for start in range(0, BYTES, PIECE):
                stream.write(key.encrypt(data[start : start + PIECE], str(number), str(start)))
            stream.flush()
            os.fsync(stream.fileno())
    return files * BYTES / MEGA / (time.perf_counter() - started)


async def asked_meanwhile(town: Town, seconds: float) -> Result:
    """Ask for the offices while many connections are half open within a file."""
    chance = random.Random(4)
    cut = Cut(chance.randbytes(BYTES), [town.uploader], chance)
    opened = [await cut.half_open(200_000) for _ in range(HALF_OPEN)]
    result = Result(seconds)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        answer = await town.client.get("/api/v1/offices")
        result.latencies.append(time.perf_counter() - started)
        result.statuses[answer.status_code] += 1
        await asyncio.sleep(PAUSE)
    for writer in opened:
        writer.close()
    return result

"""A service that is stopped while it connects to Kafka leaves no connection behind."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from services.booking.consumers import HANDLERS
from shared.consumer import Consumer
from shared.db import Database
from shared.relay import Relay
from tests.harness.installation import Installation
from tests.harness.waiting import eventually

ANSWER_SECONDS = 0.5


@dataclass
class SlowWay:
    """A way to Kafka on which every answer takes its time."""

    port: int
    questions: int = 0


@asynccontextmanager
async def slow_way(to_port: int) -> AsyncIterator[SlowWay]:
    way = SlowWay(0)
    connections: list[asyncio.StreamWriter] = []

    async def forward(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, onwards = await asyncio.open_connection("127.0.0.1", to_port)
        connections.extend((back, onwards))

        async def answer() -> None:
            while data := await answers.read(65536):
                await asyncio.sleep(ANSWER_SECONDS)
                back.write(data)

        answering = asyncio.create_task(answer())
        while data := await client.read(65536):
            way.questions += 1
            onwards.write(data)
        answering.cancel()

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    way.port = server.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        server.close()
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("part", ["relay", "consumer"])
async def test_stopped_while_it_asks_for_the_cluster_it_closes_its_connection(
    installation: Installation, part: str
) -> None:
    left: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    async with slow_way(int(installation.kafka.rpartition(":")[2])) as way:
        settings = installation.settings("booking", kafka_bootstrap_servers=f"127.0.0.1:{way.port}")
        database = Database(settings.database)
        work = Relay(settings, database).run() if part == "relay" else Consumer(settings, database, HANDLERS).run()
        task = asyncio.create_task(work)

        async def asking() -> bool:
            return way.questions == 2  # the first asks what the broker can do

        await eventually(asking)
        loop.set_exception_handler(lambda _, context: left.append(context))
        try:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            gc.collect()  # what nobody closed complains
        finally:
            loop.set_exception_handler(None)
        await database.close()
    assert not left, left

"""Very many at once at a service behind the gateway: they wait where waiting costs nothing."""

import asyncio

from services.gateway.backend import Backend
from shared.identity import Signer
from tests.harness.identity import PRIVATE_KEY

CONNECTIONS, PEOPLE = 5, 100


async def test_who_waits_for_a_connection_does_not_wait_in_httpx() -> None:
    """There, each waiting request costs time for every other: with a thousand, the gateway does little else."""
    queued: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            queued.append(len(backend._client._transport._pool._requests))  # type: ignore[attr-defined]  # noqa: SLF001
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    backend = Backend("booking", url, Signer(PRIVATE_KEY), timeout=10, connections=CONNECTIONS)
    answers = await asyncio.gather(*(backend.ask("GET", "/", "musterstadt") for _ in range(PEOPLE)))
    await backend.close()
    server.close()
    assert [found.status_code for found in answers] == [200] * PEOPLE
    assert max(queued) <= CONNECTIONS

"""Very many at once at a service behind the gateway: they wait where waiting costs nothing."""

import asyncio

from services.gateway.backend import Backend
from shared.identity import Signer
from tests.harness.identity import PRIVATE_KEY, clerk

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


async def test_who_stops_reading_a_stream_gives_its_connection_back() -> None:
    pieces = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal pieces
        while (await reader.readline()).strip():
            pass
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b"x" * 65536)
                await writer.drain()
                pieces += 1
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    backend = Backend("applications", url, Signer(PRIVATE_KEY), timeout=10, connections=1)
    for _ in range(3):  # with one connection: each waits for the one before to give it back
        found, stream = await backend.stream("/", clerk("mitte"))
        assert found.status_code == 200
        assert len(await anext(stream)) > 0
        await stream.aclose()
    assert pieces < 1000  # it was not read to the end
    await backend.close()
    server.close()

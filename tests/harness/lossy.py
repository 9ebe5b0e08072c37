"""A way between two services on which answers can get lost: what was asked is done, and nobody hears of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

_CHUNK = 1 << 16


@dataclass
class Way:
    """Hands on bytes between whoever connects to `port` and the service at `target`."""

    port: int
    target: int
    _server: asyncio.Server | None = None
    _lost: tuple[bytes, Callable[[], Awaitable[None]]] | None = None

    async def open(self) -> None:
        """Let everything pass."""
        self._lost = None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    def close(self) -> None:
        """Refuse connections, as a port does at which nothing listens."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def lose(self, request: str, then: Callable[[], Awaitable[None]]) -> None:
        """Hand on requests that begin so, and no answer to them: instead of it comes `then`, and nothing more."""
        self._lost = request.encode(), then

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, requests = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        is_lost = asyncio.Event()
        pumps = [
            asyncio.create_task(self._hand_on(reader, requests, is_lost)),
            asyncio.create_task(self._bring_back(answers, writer, is_lost)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for end in (writer, requests):
            end.close()

    async def _hand_on(self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, is_lost: asyncio.Event) -> None:
        while data := await reader.read(_CHUNK):
            if self._lost and data.startswith(self._lost[0]):
                is_lost.set()
            to.write(data)
            await to.drain()

    async def _bring_back(self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, is_lost: asyncio.Event) -> None:
        while data := await reader.read(_CHUNK):
            if is_lost.is_set() and self._lost:
                self.close()
                await self._lost[1]()
                return
            to.write(data)
            await to.drain()


@asynccontextmanager
async def way(port: int, target: int) -> AsyncIterator[Way]:
    """Open a way to the service at a port."""
    opened = Way(port, target)
    await opened.open()
    yield opened
    opened.close()

"""Somebody who sends files to an application: whole, or piece by piece over tus; over a way that breaks, if need be."""

import asyncio
import base64
import hashlib
import random
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {"Content-Type": "application/offset+octet-stream"}
CHUNK, CHUNK_SECONDS = 16_384, 0.004  # at most 4 MB/s: a good mobile line
RECONNECTING = 0.2  # seconds until a phone has a connection again
NOTICING = 1.0  # and until it gives a half-open one up, at the very least


def metadata(**values: str) -> dict[str, str]:
    """Return the header that says what is sent."""
    encoded = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())
    return {"Upload-Metadata": ",".join(encoded)}


@dataclass
class Uploader:
    """Sends over tus with a client that reaches applications or the gateway."""

    client: httpx.AsyncClient
    bearer: Mapping[str, str]
    path: str = "/uploads"

    async def create(self, length: int, item: str = "ausweis", **values: str) -> httpx.Response:
        """Begin an upload."""
        said = metadata(item=item, **values) | {"Upload-Length": str(length)}
        return await self.client.post(self.path, headers={**TUS, **said, **self.bearer})

    async def created(self, length: int, item: str = "ausweis", **values: str) -> str:
        """Begin one that must be taken; return its address."""
        answer = await self.create(length, item, **values)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    async def where(self, upload: str) -> httpx.Response:
        """Ask where it stands."""
        return await self.client.head(upload, headers={**TUS, **self.bearer})

    async def send(
        self, upload: str, piece: bytes, offset: int = 0, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a piece; `headers`: instead of the right ones."""
        sent = {**TUS, **PIECE, **self.bearer, "Upload-Offset": str(offset), **(headers or {})}
        return await self.client.patch(upload, headers=sent, content=piece)

    async def end(self, upload: str) -> httpx.Response:
        """Give it up."""
        return await self.client.delete(upload, headers={**TUS, **self.bearer})

    async def sent(self, data: bytes, item: str = "ausweis", **values: str) -> str:
        """Send a whole file; return its receipt."""
        upload = await self.created(len(data), item, **values)
        answer = await self.send(upload, data)
        assert answer.status_code == 204, answer.text
        return str(answer.headers["receipt"])


@dataclass
class Cut:
    """Sends one file over connections that break at random places, to one gateway after another."""

    data: bytes
    gateways: list[Uploader]
    chance: random.Random
    sent: int = 0
    _open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def upload(self, cuts: int, **values: str) -> str:
        """Send it, cut so often; return the receipt."""
        places = [*sorted(self.chance.sample(range(1, len(self.data)), cuts)), len(self.data)]
        upload = await self.gateways[0].created(len(self.data), **values)
        try:
            for place in places:
                await self._send_until(upload, place)
            return await self._receipt(upload)
        finally:
            for writer in self._open:
                writer.close()

    async def _send_until(self, upload: str, place: int) -> None:
        """Send up to a place, and lose the connection there in one of three ways."""
        gateway = self.chance.choice(self.gateways)
        offset = int((await gateway.where(upload)).headers["upload-offset"])
        if offset >= place:
            return
        piece = self.data[offset:place]
        if place == len(self.data):
            answer = await gateway.send(upload, piece, offset)
            self.sent += len(piece)
            assert answer.status_code in {204, 409}, answer.text
            return
        await self._lose(await self._begin(gateway, upload, piece, offset))

    async def half_open(self, length: int) -> asyncio.StreamWriter:
        """Begin an upload, send a part of it and then nothing more."""
        upload = await self.gateways[0].created(len(self.data))
        return await self._begin(self.gateways[0], upload, self.data[:length], 0)

    async def _begin(self, gateway: Uploader, upload: str, piece: bytes, offset: int) -> asyncio.StreamWriter:
        """Send the beginning of what was said to be all the rest."""
        address = urlsplit(str(gateway.client.base_url))
        _, writer = await asyncio.open_connection("127.0.0.1", address.port)
        head = {
            "Host": address.netloc, "Content-Length": str(len(self.data) - offset), "Upload-Offset": str(offset),
            **TUS, **PIECE, **gateway.bearer,
        }  # fmt: skip
        lines = [f"PATCH {upload} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        with suppress(ConnectionError):  # what came over the one before took its place
            for start in range(0, len(piece), CHUNK):
                chunk = piece[start : start + CHUNK]
                self.sent += len(chunk)
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(CHUNK_SECONDS)
        return writer

    async def _lose(self, writer: asyncio.StreamWriter) -> None:
        match self.chance.choice(["closed", "reset", "half-open"]):
            case "half-open":  # nobody hears that the other end has gone
                self._open.append(writer)
                await asyncio.sleep(NOTICING)
            case "reset":
                await _all_out(writer)
                with suppress(OSError):
                    connection = writer.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.close()
                await asyncio.sleep(RECONNECTING)
            case _:
                await _all_out(writer)
                writer.close()
                await asyncio.sleep(RECONNECTING)

    async def _receipt(self, upload: str) -> str:
        while True:
            found = await self.gateways[0].where(upload)
            if "receipt" in found.headers:
                return str(found.headers["receipt"])
            await self._send_until(upload, len(self.data))


async def _all_out(writer: asyncio.StreamWriter) -> None:
    """Wait until the system has what was written: only that counts as sent."""
    with suppress(ConnectionError):
        writer.transport.set_write_buffer_limits(0)
        await writer.drain()


def sha256(data: bytes) -> str:
    """Return what a receipt must say."""
    return hashlib.sha256(data).hexdigest()


def json_of(answer: httpx.Response, status: int) -> Any:
    """Return what an answer holds that must have this status."""
    assert answer.status_code == status, answer.text
    return answer.json()

"""ClamAV's daemon, asked about one file. Only its clear "OK" counts as clean; what it does not say is no verdict."""

import asyncio
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.documents.errors import DocumentRefused, ScannerAway

CHUNK_BYTES = 256 * 1024
ANSWER_BYTES = 4096
SECONDS = 60


@dataclass(frozen=True)
class Scanner:
    """A daemon at a host and port, or at a Unix socket when there is no host."""

    host: str
    port: int
    path: str = ""

    async def scan(self, data: bytes) -> None:
        """Return when nothing was found; raise `DocumentRefused("infected")`, or `ScannerAway` to try again later."""
        try:
            async with asyncio.timeout(SECONDS):
                verdict = await self._ask(data)
        except (OSError, TimeoutError, ValueError) as error:
            raise ScannerAway("The malware scanner does not answer; the paper is kept and scanned later.") from error
        if verdict.endswith(b" FOUND"):
            raise DocumentRefused("infected")
        if verdict != b"stream: OK":
            # Larger than its StreamMaxLength, its signatures being reloaded, shutting down: never taken for clean.
            raise ScannerAway("The malware scanner gave no verdict; the paper is kept and scanned later.")

    async def _ask(self, data: bytes) -> bytes:
        """Send it by clamd's INSTREAM command; return the answer."""
        reader, writer = await (
            asyncio.open_connection(self.host, self.port) if self.host else asyncio.open_unix_connection(self.path)
        )
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK_BYTES):
                chunk = data[start : start + CHUNK_BYTES]
                writer.write(struct.pack("!L", len(chunk)) + chunk)
                await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            return (await reader.read(ANSWER_BYTES)).rstrip(b"\0\n")
        finally:
            writer.close()


def scanner_from(url: str) -> Scanner | None:
    """Return the scanner at `tcp://host:port` or `unix:///path`, none for ""; raise `ValueError` for another URL."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname:
        return Scanner(parts.hostname, parts.port or 3310)
    if parts.scheme == "unix" and parts.path:
        return Scanner("", 0, parts.path)
    raise ValueError(f"A scanner's URL is tcp://host:port or unix:///path, not {url!r}.")

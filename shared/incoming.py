"""A large body as it comes in, piece by piece.

A server drops what was not taken of a body when the connection breaks. So a task of its own takes everything at once,
up to a limit, whatever the reader is busy with.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
MOST_BYTES = 256 * 1024


class Stalled(Exception):
    """Nothing has come for too long: the connection may be half open, with nobody at its other end."""


class Incoming:
    """The body of one request; read it inside of `async with`."""

    def __init__(self, receive: Receive, most: int = MOST_BYTES) -> None:
        """Take what ASGI's `receive` brings, holding about `most` bytes."""
        self._receive, self._most = receive, most
        self._held = bytearray()
        self._changed, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._ended = False
        self._error: Exception | None = None
        self.whole = False  # its end was read: nothing is missing
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._take_in())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def take(self, least: int = 1, *, pause: float = 0, patience: float) -> bytes:
        """Return what has come, at most so much as is held; nothing at the end, whole or broken.

        It waits for `least` bytes, but with less of them no longer than `pause` seconds without another one.
        Raises `Stalled` when there is nothing for `patience` seconds, and what `receive` does.
        """
        while len(self._held) < least and not self._ended:
            self._changed.clear()
            try:
                async with asyncio.timeout(pause if self._held else patience):
                    await self._changed.wait()
            except TimeoutError as error:
                if self._held:
                    break
                raise Stalled from error
        if not self._held and self._error is not None:
            raise self._error
        taken = bytes(self._held[: self._most])
        del self._held[: self._most]
        if len(self._held) < self._most:
            self._room.set()
        return taken

    async def _take_in(self) -> None:
        try:
            while not self.whole:
                await self._room.wait()
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    return
                self._held += message.get("body", b"")
                self.whole = not message.get("more_body", False)
                if len(self._held) >= self._most:
                    self._room.clear()
                self._changed.set()
        except Exception as error:
            self._error = error  # raised where the body is read
        finally:
            self._ended = True
            self._changed.set()

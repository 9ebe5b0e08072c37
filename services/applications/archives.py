"""ZIP archives that are handed on while they are made: of what is in them, one entry at a time is in memory."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

Entries = AsyncIterator[tuple[str, bytes]]
_FOR_ITS_OWNER = 0o600 << 16


class _Sink:
    """What a ZIP is written to, and taken from."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes, /) -> int:
        """Keep it until it is taken."""
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is behind it."""

    def close(self) -> None:
        """Nothing is to be closed."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


async def archive(entries: Entries, at: datetime) -> AsyncIterator[bytes]:
    """Yield a ZIP of these entries (name and content); `at`: their time, as the archive tells it."""
    sink = _Sink()
    with ZipFile(sink, "w") as made:
        async for name, content in entries:
            about = ZipInfo(name, at.timetuple()[:6])
            about.external_attr = _FOR_ITS_OWNER
            packed = ZIP_DEFLATED if name.endswith(".json") else ZIP_STORED
            made.writestr(about, content, packed)
            yield sink.take()
    yield sink.take()


async def begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Return the same when its first part is made: what fails until then can be answered properly."""
    first = await anext(chunks, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return all_of_them()


def as_json(content: Any) -> bytes:  # noqa: ANN401  what JSON can hold; moments, days and ids as text
    """Return a JSON file for people and programs."""
    return json.dumps(content, ensure_ascii=False, indent=2, default=_text).encode() + b"\n"


def _text(value: Any) -> str:  # noqa: ANN401  as `json` has it
    return value.isoformat() if hasattr(value, "isoformat") else str(value)

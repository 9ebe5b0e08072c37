"""The document store: a local folder, or S3. What is put is there whole, or not at all.

An object is written once, under a name that means nothing to a stranger, and is never changed.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from shared.documents.errors import ObjectMissing, StoreAway

NAME = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")
AWAY = "The document store does not answer; nothing is lost, and it is tried again."
# Whoever calls tries again later anyway, and somebody may be waiting.
TIMEOUT = timedelta(seconds=30)
RETRIES = {"max_retries": 1, "retry_timeout": timedelta(seconds=20)}


class Store:
    """Puts, gets and deletes objects by name (`tenant/application/document-copy`)."""

    def __init__(self, store: LocalStore | S3Store, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def from_url(cls, url: str) -> "Store":
        """Open `file:///folder` (made when missing) or `s3://bucket/prefix`; raise `ValueError` for another URL.

        S3's region, endpoint and credentials come from the usual `AWS_…` variables.
        """
        parts = urlsplit(url)
        if parts.scheme == "file" and parts.path:
            folder = Path(unquote(parts.path))
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(LocalStore(folder), folder)
        if parts.scheme == "s3" and parts.netloc:
            options = {"timeout": TIMEOUT, "allow_http": True}
            return cls(S3Store.from_url(url, client_options=options, retry_config=RETRIES))
        raise ValueError(f"A document store's URL is file:///folder or s3://bucket/prefix, not {url!r}.")

    async def put(self, name: str, data: bytes) -> None:
        """Store an object, replacing one of that name. On return it outlives a crash; raises `StoreAway`."""
        with _store_answers(_checked(name)):
            await obstore.put_async(self._store, name, data, use_multipart=False)
            if self._folder:
                await asyncio.to_thread(_flush, self._folder, self._folder / name)

    async def get(self, name: str) -> bytes:
        """Return an object; raise `ObjectMissing` or `StoreAway`."""
        with _store_answers(_checked(name)):
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())

    async def delete(self, name: str) -> None:
        """Delete an object; one that is not there is deleted already. Raises `StoreAway`."""
        try:
            with _store_answers(_checked(name)):
                await obstore.delete_async(self._store, name)
        except ObjectMissing:
            return


@contextmanager
def _store_answers(name: str) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise ObjectMissing(f"The document store has no {name}.") from error
    except (BaseError, OSError) as error:
        raise StoreAway(AWAY) from error


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an object")
    return name


def _flush(folder: Path, file: Path) -> None:
    """Make a file and the folders on its way outlive a power cut: its parts in the database go next."""
    for path in (file, *(parent for parent in file.parents if parent.is_relative_to(folder))):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

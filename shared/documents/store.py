"""The document store: a local folder, or S3. What is put is there whole, or not at all.

An object is written once, under a name that means nothing to a stranger, and is never changed.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from shared.documents.errors import ObjectMissing, StoreAway

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

NAME = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")
AWAY = "The document store does not answer; nothing is lost, and it is tried again."
TIMEOUT = timedelta(seconds=30)


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
            # Whoever calls tries again later anyway, and somebody may be waiting: one try more is enough here.
            retries: RetryConfig = {"max_retries": 1, "retry_timeout": TIMEOUT}
            # Options of our own hide this variable, for a store within one's own network, from the library.
            plain = os.environ.get("AWS_ALLOW_HTTP") == "true"
            options: ClientConfig = {"timeout": TIMEOUT, "allow_http": plain}
            return cls(S3Store.from_url(url, client_options=options, retry_config=retries))
        raise ValueError(f"A document store's URL is file:///folder or s3://bucket/prefix, not {url!r}.")

    async def put(self, name: str, data: bytes) -> None:
        """Store an object, replacing one of that name. On return it outlives a crash; raises `StoreAway`."""
        try:
            with self._answers(_checked(name)):
                await obstore.put_async(self._store, name, data, use_multipart=False)
                if self._folder:
                    await asyncio.to_thread(_flush, self._folder, self._folder / name)
        except ObjectMissing as error:
            raise StoreAway(AWAY) from error  # the bucket itself is missing

    async def get(self, name: str) -> bytes:
        """Return an object; raise `ObjectMissing` or `StoreAway`."""
        with self._answers(_checked(name)):
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())

    async def delete(self, name: str) -> None:
        """Delete an object; one that is not there is deleted already. Raises `StoreAway`."""
        with suppress(ObjectMissing), self._answers(_checked(name)):
            await obstore.delete_async(self._store, name)

    @contextmanager
    def _answers(self, name: str) -> Iterator[None]:
        """Tell an object that is missing from a store that is away, folder or bucket and all."""
        try:
            yield
        except (NotFoundError, FileNotFoundError) as error:
            gone = not self._folder.is_dir() if self._folder else "NoSuchBucket" in str(error)
            if gone:
                raise StoreAway(AWAY) from error
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

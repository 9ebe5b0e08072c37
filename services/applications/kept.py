"""The documents of one application as they lie in the store, opened; and how they are taken from there."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.applications import domain
from shared.documents.errors import ObjectMissing
from shared.documents.sealed import CannotDecrypt, DataKey, MasterKeys
from shared.documents.store import Store

Row = Mapping[str, Any]
COPY, ORIGINAL = "copy", "original"


@dataclass(frozen=True)
class Kept:
    """Opens the documents of one application."""

    store: Store
    key: DataKey | None  # none: erased

    @classmethod
    def of(cls, store: Store, keys: MasterKeys, application: Row) -> "Kept":
        """Raise `KeyAway` when the master key is not there."""
        if application["data_key"] is None:
            return cls(store, None)
        try:
            return cls(store, DataKey.unwrap(application["data_key"], keys))
        except CannotDecrypt as error:
            raise domain.KeyAway("The master key of these documents is not in DOCUMENT_KEYS_FILE.") from error

    async def copy(self, document: Row) -> bytes | None:
        """Return the drawn copy, PDF/A; nothing when there is none (any more). Raises `StoreAway`."""
        return await self._open(document, COPY, document["pdf_key"])

    async def original(self, document: Row) -> bytes | None:
        """Return the bytes as they came, when they may be handed out; likewise."""
        return None if document["locked"] else await self._open(document, ORIGINAL, document["original_key"])

    async def _open(self, document: Row, which: str, name: str | None) -> bytes | None:
        if self.key is None or name is None or document["state"] != "accepted":
            return None
        try:
            sealed = await self.store.get(name)
            return await asyncio.to_thread(self.key.decrypt, sealed, *context(document, which))
        except (ObjectMissing, CannotDecrypt):
            return None  # whoever asks tells that it is missing


def context(document: Row, which: str) -> tuple[str, str, str]:
    """Return what a document in the store is bound to."""
    return str(document["application_id"]), str(document["id"]), which

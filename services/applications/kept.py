"""The files of one application, for whoever takes all of them along; one that does not open is left out and told."""

from dataclasses import dataclass

from services.applications import domain
from services.applications.uploads.copies import COLUMN, Copies, Row, What
from shared.documents.errors import ObjectMissing
from shared.documents.sealed import CannotDecrypt, DataKey


@dataclass(frozen=True)
class Kept:
    """Opens the files of one application."""

    copies: Copies
    key: DataKey | None  # none: erased

    @classmethod
    def of(cls, copies: Copies, application: Row) -> "Kept":
        """Raise `KeyAway` when the master key is not there."""
        if application["data_key"] is None:
            return cls(copies, None)
        try:
            return cls(copies, DataKey.unwrap(application["data_key"], copies.keys))
        except CannotDecrypt as error:
            raise domain.KeyAway("The master key of these documents is not in DOCUMENT_KEYS_FILE.") from error

    async def copy(self, document: Row) -> bytes | None:
        """Return the drawn copy, PDF/A; nothing when there is none (any more). Raises `StoreAway`."""
        return await self._read(document, "copy")

    async def original(self, document: Row) -> bytes | None:
        """Return the bytes as they came, when they may be handed out; likewise."""
        return None if document["locked"] else await self._read(document, "original")

    async def _read(self, document: Row, what: What) -> bytes | None:
        if self.key is None or document[COLUMN[what]] is None or document["state"] != "accepted":
            return None
        try:
            return await self.copies.read(document, what, self.key)
        except (ObjectMissing, CannotDecrypt):
            return None

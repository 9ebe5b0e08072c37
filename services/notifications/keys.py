"""The private sealing keys: a file outside the database and its backups.

JSON: {"keys": [{"id": …, "private": base64 of 32 bytes, "created_at": ISO 8601}, …]}, newest last, mode 0600.
"""

import base64
import json
import os
from datetime import datetime
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from uuid_utils import uuid7

from shared.contracts.values import SealedRecipient
from shared.sealing import Recipient


class UnreadableRecipient(Exception):
    """The sealed box cannot be opened: its key is gone, or it was not sealed with it."""


class SealingKey(BaseModel):
    """A private key."""

    model_config = ConfigDict(frozen=True)
    id: str
    private: str = Field(repr=False)
    created_at: AwareDatetime

    @property
    def private_key(self) -> PrivateKey:
        """The key itself."""
        return PrivateKey(base64.b64decode(self.private))

    @property
    def public(self) -> str:
        """The public key, base64."""
        return base64.b64encode(bytes(self.private_key.public_key)).decode()


class KeyRing:
    """The keys in the file. It is read again whenever it has changed, as another replica may have."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, int, int] | None = None
        self._keys: dict[str, SealingKey] = {}

    def all(self) -> list[SealingKey]:
        """Return all keys, oldest first; none while there is no file."""
        stamp = None
        if self._file.exists():
            # The time alone would hide a second change within one tick of the file system's clock.
            found = self._file.stat()
            stamp = found.st_mtime_ns, found.st_ino, found.st_size
        if stamp != self._stamp:
            read = json.loads(self._file.read_text(encoding="utf-8"))["keys"] if stamp else []
            self._keys = {key["id"]: SealingKey.model_validate(key) for key in read}
            self._stamp = stamp
        return sorted(self._keys.values(), key=lambda key: key.created_at)

    def create(self, now: datetime) -> SealingKey:
        """Make a new key and add it to the file. Raises `OSError` when that cannot be written."""
        private = base64.b64encode(bytes(PrivateKey.generate())).decode()
        key = SealingKey(id=str(uuid7()), private=private, created_at=now)
        self._write([*self.all(), key])
        return key

    def destroy(self, key_id: str) -> None:
        """Remove a key: what was sealed with it can never be read again."""
        self._write([key for key in self.all() if key.id != key_id])

    def open(self, sealed: SealedRecipient) -> Recipient:
        """Open a sealed recipient; raise `UnreadableRecipient`."""
        key = next((key for key in self.all() if key.id == sealed.key_id), None)
        if key is None:
            raise UnreadableRecipient(f"sealing key {sealed.key_id} is not there")
        try:
            opened = SealedBox(key.private_key).decrypt(base64.b64decode(sealed.box))
            return Recipient.model_validate_json(opened)
        except (CryptoError, ValueError) as error:
            raise UnreadableRecipient(f"not sealed with key {sealed.key_id}") from error

    def _write(self, keys: list[SealingKey]) -> None:
        # Written beside and renamed into place: a crash leaves the old file or the new one, never half of one.
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.unlink(missing_ok=True)  # one that a crash left may have any mode
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"keys": [key.model_dump(mode="json") for key in keys]}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._file)

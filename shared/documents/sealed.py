"""Encryption at rest: one data key per application, wrapped by a master key that lies in a file.

Destroying a data key destroys all that was encrypted with it, in the store and in every backup of it. Each thing is
bound to what it is (application, document, which of its files): one put in another's place does not open.
"""

import base64
import json
import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_ABYTES,
    crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
    crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
)
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

KEY_BYTES = 32
ID_BYTES = 8
CHUNK_BYTES = 64 * 1024
HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES
SEALED_CHUNK_BYTES = CHUNK_BYTES + crypto_secretstream_xchacha20poly1305_ABYTES
LAST = crypto_secretstream_xchacha20poly1305_TAG_FINAL
MORE = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


class CannotDecrypt(Exception):
    """Another key, another context, or bytes that were changed, cut or put in another order."""


class MasterKeys:
    """The keys of a file: one in base64 a line, the newest first. New data keys are wrapped with that one."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take at least one key of 32 bytes; raise `ValueError`."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"A master key is {KEY_BYTES} bytes in base64, and there must be one.")
        self._keys = {blake2b(key, digest_size=ID_BYTES).digest(): key for key in keys}
        self.newest = next(iter(self._keys))

    @classmethod
    def read(cls, file: Path) -> "MasterKeys":
        """Read the file. Raises `OSError` and `ValueError`: without its keys a service must not start."""
        return cls([base64.b64decode(line, validate=True) for line in file.read_text(encoding="ascii").split()])

    @staticmethod
    def create(file: Path) -> None:
        """Write a file with one new key, for its owner alone; raise `FileExistsError` rather than replace one."""
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:  # noqa: PTH123
            stream.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")

    def box(self, key_id: bytes) -> SecretBox:
        """Return the box of a key; raise `CannotDecrypt` when it is not in the file any more."""
        if (key := self._keys.get(key_id)) is None:
            raise CannotDecrypt(f"master key {key_id.hex()} is not in the file")
        return SecretBox(key)


class DataKey:
    """A key of 32 random bytes. About 5 ms for a MiB: larger things in a thread (`asyncio.to_thread`)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> "DataKey":
        """Make a new one."""
        return cls(os.urandom(KEY_BYTES))

    def wrap(self, masters: MasterKeys) -> bytes:
        """Return it as it may be stored: the master key's id, and itself in that key's box."""
        return masters.newest + bytes(masters.box(masters.newest).encrypt(self._key))

    @classmethod
    def unwrap(cls, wrapped: bytes, masters: MasterKeys) -> "DataKey":
        """Return the key; raise `CannotDecrypt`."""
        try:
            return cls(masters.box(wrapped[:ID_BYTES]).decrypt(wrapped[ID_BYTES:]))
        except (CryptoError, ValueError) as error:
            raise CannotDecrypt("the wrapped key does not open") from error

    def encrypt(self, data: bytes, *context: str) -> bytes:
        """Encrypt; `context` is what this is, such as application id, document id and "copy"."""
        state = crypto_secretstream_xchacha20poly1305_state()
        bound = json.dumps(context).encode()
        sealed = [crypto_secretstream_xchacha20poly1305_init_push(state, self._key)]
        for start in range(0, max(len(data), 1), CHUNK_BYTES):
            chunk = data[start : start + CHUNK_BYTES]
            tag = LAST if start + CHUNK_BYTES >= len(data) else MORE
            sealed.append(crypto_secretstream_xchacha20poly1305_push(state, chunk, bound, tag))
        return b"".join(sealed)

    def decrypt(self, sealed: bytes, *context: str) -> bytes:
        """Return what was encrypted with the same context; raise `CannotDecrypt`, and return no part of it."""
        state = crypto_secretstream_xchacha20poly1305_state()
        bound = json.dumps(context).encode()
        data, tag = [], MORE
        try:
            crypto_secretstream_xchacha20poly1305_init_pull(state, sealed[:HEADER_BYTES], self._key)
            for start in range(HEADER_BYTES, len(sealed), SEALED_CHUNK_BYTES):
                if tag == LAST:
                    raise CannotDecrypt("something follows the end")
                piece = sealed[start : start + SEALED_CHUNK_BYTES]
                chunk, tag = crypto_secretstream_xchacha20poly1305_pull(state, piece, bound)
                data.append(chunk)
        except (CryptoError, ValueError) as error:
            raise CannotDecrypt("wrong key, wrong context, or changed bytes") from error
        if tag != LAST:
            raise CannotDecrypt("the end is missing")
        return b"".join(data)

"""Seals and hashes what the gateway keeps, with keys that all replicas derive from its private key: no other secret."""

import hashlib

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


class Vault:
    """A key for one purpose (16 bytes at most); what is sealed for one opens in no other."""

    def __init__(self, secret: str, purpose: bytes) -> None:
        """Derive the key. `secret`: the gateway's private key; line breaks in it do not matter."""
        self._key = hashlib.blake2b("".join(secret.split()).encode(), digest_size=32, person=purpose).digest()
        self._box = SecretBox(self._key)

    def seal(self, content: bytes) -> bytes:
        """Return it so that only this vault can read it."""
        return bytes(self._box.encrypt(content))

    def open(self, sealed: bytes) -> bytes | None:
        """Return what was sealed; `None` when it is none of ours."""
        try:
            return bytes(self._box.decrypt(sealed))
        except (CryptoError, ValueError):
            return None

    def digest(self, *texts: str) -> bytes:
        """Return 32 bytes that nobody without the key can compute."""
        return hashlib.blake2b("\0".join(texts).encode(), digest_size=32, key=self._key).digest()

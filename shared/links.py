"""Personal links and codes: keyed hashes of what they open, so they need no storing and can be made again."""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

# Crockford's base 32: no I, L, O or U, so that a code survives being read aloud and copied by hand.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CONFUSED = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
LENGTH = 8


def link_token(secret: str, object_id: UUID, version: int = 1) -> str:
    """Return the secret part of a personal link (22 characters). Another version revokes the former."""
    digest = _digest(secret, f"link/{object_id}/{version}")
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def code(secret: str, object_id: UUID, version: int = 1) -> str:
    """Return the code a person can type: 8 characters, 40 bits, as `ABCD-EFGH`. Another version revokes the former."""
    reissued = f"/{version}" if version > 1 else ""
    return grouped(_base32(int.from_bytes(_digest(secret, f"code/{object_id}{reissued}")[:5])))


def opens(secret: str, object_id: UUID, given: str, version: int = 1) -> bool:
    """Tell whether what was given is the link's token or the code, in constant time."""
    link = hmac.compare_digest(given.encode(), link_token(secret, object_id, version).encode())
    typed = hmac.compare_digest(normalise(given).encode(), normalise(code(secret, object_id, version)).encode())
    return link or typed


def new_number() -> str:
    """Return a random number to name something by: 8 characters, as `ABCD-EFGH`."""
    return grouped(_base32(secrets.randbits(5 * LENGTH)))


def normalise(typed: str) -> str:
    """Undo what happens to a number on its way through voice, paper and phone: case, gaps, dashes, I for 1, O for 0."""
    return "".join(character for character in typed.upper() if character.isalnum()).translate(_CONFUSED)


def is_number(characters: str) -> bool:
    """Tell whether a normalised number can be one at all."""
    return len(characters) == LENGTH and set(characters) <= set(ALPHABET)


def grouped(characters: str) -> str:
    """`ABCDEFGH` → `ABCD-EFGH`."""
    return f"{characters[:4]}-{characters[4:]}"


def _base32(value: int) -> str:
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def _digest(secret: str, message: str) -> bytes:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()

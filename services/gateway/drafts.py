"""What was typed, sealed into an address: only the browser it was typed in can open it again, while it stays open.

The key is the browser's own cookie against forged forms, so nothing is kept here. Going back, reloading and another
language work on every page, and no history, log or neighbour learns a name.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from fastapi import Request
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from pydantic import TypeAdapter

from services.gateway import csrf

_FIELDS = TypeAdapter(dict[str, str])


def seal(request: Request, purpose: str, fields: Mapping[str, str]) -> str:
    """Return the fields as text for an address; empty for a browser that has no cookie of ours yet.

    `purpose` names the form (16 bytes at most): what is sealed for one opens in no other.
    """
    value = csrf.value_of(request)
    if value is None:
        return ""
    return base64.urlsafe_b64encode(_box(value, purpose).encrypt(_FIELDS.dump_json(dict(fields)))).decode()


def unseal(request: Request, purpose: str, draft: str) -> dict[str, str]:
    """Return the fields again; none when the draft is another browser's or form's, or none at all."""
    value = csrf.value_of(request)
    if value is None:
        return {}
    try:
        opened = _box(value, purpose).decrypt(base64.b64decode(draft, altchars=b"-_", validate=True))
        return _FIELDS.validate_json(opened)
    except (CryptoError, binascii.Error, ValueError):  # ValueError: not ASCII, or no such fields
        return {}


def _box(value: bytes, purpose: str) -> SecretBox:
    return SecretBox(hashlib.blake2b(value, digest_size=SecretBox.KEY_SIZE, person=purpose.encode()).digest())

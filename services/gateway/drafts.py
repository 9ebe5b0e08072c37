"""What was typed, sealed into an address: only the browser it was typed in can open it again, while it stays open.

The key is the browser's own cookie against forged forms, so nothing is kept here. Going back, reloading and another
language work on every page, and no history, log or neighbour learns a name.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping

from fastapi import Request
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from services.gateway import csrf


def seal(request: Request, fields: Mapping[str, str]) -> str:
    """Return the fields as text for an address; empty for a browser that has no cookie of ours yet."""
    value = csrf.value_of(request)
    if value is None:
        return ""
    return base64.urlsafe_b64encode(_box(value).encrypt(json.dumps(fields, ensure_ascii=False).encode())).decode()


def unseal(request: Request, draft: str) -> dict[str, str]:
    """Return the fields again; none when the draft is another browser's, or none at all."""
    value = csrf.value_of(request)
    if value is None:
        return {}
    try:
        opened = _box(value).decrypt(base64.b64decode(draft, altchars=b"-_", validate=True))
    except (CryptoError, binascii.Error, ValueError):  # ValueError: not ASCII
        return {}
    fields: dict[str, str] = json.loads(opened)
    return fields


def _box(value: bytes) -> SecretBox:
    return SecretBox(hashlib.blake2b(value, digest_size=SecretBox.KEY_SIZE, person=b"draft").digest())

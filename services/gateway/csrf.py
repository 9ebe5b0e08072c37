"""Against forged forms: a random value in a cookie, and the same, masked, in every form that changes something.

Another site can make a browser send our cookie but can neither read nor set it. The mask differs in each page, so
that the compressed size of pages tells nothing about the value.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from fastapi import Request, Response

FIELD = "csrf"
_BYTES = 16


def cookie_name(request: Request) -> str:
    """Return the cookie's name; over TLS one that no sibling host can set."""
    return "__Host-csrf" if request.url.scheme == "https" else "csrf"


def token(request: Request) -> str:
    """Return the value of the hidden field, and remember to set the cookie if the browser has none."""
    value = value_of(request) or getattr(request.state, "new_csrf", None)
    if value is None:
        value = request.state.new_csrf = secrets.token_bytes(_BYTES)
    mask = secrets.token_bytes(_BYTES)
    return base64.urlsafe_b64encode(mask + _xor(mask, value)).decode()


def set_cookie(request: Request, response: Response) -> None:
    """Give the browser the value that a form on this page was made with, unless it has it."""
    value = getattr(request.state, "new_csrf", None)
    if value is not None:
        secure = request.url.scheme == "https"
        text = base64.urlsafe_b64encode(value).decode()
        response.set_cookie(cookie_name(request), text, httponly=True, samesite="lax", secure=secure)


def propose(request: Request, value: bytes) -> None:
    """Let a new cookie hold these 16 bytes, which others cannot guess. A browser that has one keeps it."""
    if value_of(request) is None:
        request.state.new_csrf = value


def is_genuine(request: Request, given: str) -> bool:
    """Tell whether a form came from a page of ours in this browser."""
    value, parts = value_of(request), _decode(given, 2 * _BYTES)
    if value is None or parts is None:
        return False
    return hmac.compare_digest(_xor(parts[:_BYTES], parts[_BYTES:]), value)


def value_of(request: Request) -> bytes | None:
    """Return the random value of this browser, if it has one."""
    return _decode(request.cookies.get(cookie_name(request), ""), _BYTES)


def holder(request: Request) -> str:
    """Return what names this browser to booking for its hold; empty when it has no cookie (yet)."""
    value = value_of(request)
    return hashlib.blake2b(value, digest_size=16, person=b"holder").hexdigest() if value else ""


def _decode(text: str, length: int) -> bytes | None:
    try:
        found = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        return None
    return found if len(found) == length else None


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))

"""What a browser holds of the waiting room, authenticated with a key that all replicas can derive: nothing is stored.

A slip says when somebody arrived, then which place they took in the slow or the quick lane, then since when they
are in. A stamp is a value for the cookie against forged forms that says since when it exists: it
lets in who had begun to fill in the form before the rush.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from typing import Literal

from fastapi import Request, Response

SLIP_HOURS, PASS_HOURS = 6, 2
_MICROSECONDS = 1_000_000
_STAMP_BYTES, _MAC_BYTES = 8, 8  # 16 together, which is what the cookie against forged forms holds

Kind = Literal["arrived", "slow", "quick", "in"]
_HOURS: dict[str, int] = {"arrived": SLIP_HOURS, "slow": SLIP_HOURS, "quick": SLIP_HOURS, "in": PASS_HOURS}


@dataclass(frozen=True)
class Slip:
    """One browser's slip. `at`: microseconds since 1970; `number`: tells two of the same moment apart."""

    kind: Kind
    at: int
    number: str

    @classmethod
    def new(cls, now: float) -> "Slip":
        """Make one for somebody who arrives."""
        return cls("arrived", 0, secrets.token_hex(8)).of_kind("arrived", now)

    def of_kind(self, kind: Kind, moment: float) -> "Slip":
        """Return the same slip, further on its way."""
        return replace(self, kind=kind, at=int(moment * _MICROSECONDS))

    @property
    def moment(self) -> float:
        """The moment in seconds since 1970."""
        return self.at / _MICROSECONDS

    @property
    def text(self) -> str:
        """What is authenticated."""
        return f"{self.kind}.{self.at}.{self.number}"


class Slips:
    """Writes and reads slips and stamps."""

    def __init__(self, secret: str) -> None:
        """Derive the key. `secret`: the gateway's private key; line breaks in it do not matter."""
        self.key = hashlib.blake2b("".join(secret.split()).encode(), person=b"waiting room").digest()

    def read(self, request: Request, tenant: str, now: float) -> Slip | None:
        """Return what this browser holds for the tenant; `None` when it is nothing, forged, another's or too old."""
        kind, _, rest = request.cookies.get(_cookie_name(request), "").partition(".")
        at, _, rest = rest.partition(".")
        number, _, given = rest.partition(".")
        if kind not in _HOURS or not re.fullmatch(r"[0-9]{1,20}", at) or not given.isascii():
            return None
        slip = Slip(kind, int(at), number)  # type: ignore[arg-type]
        if not hmac.compare_digest(self._mac(tenant, slip.text), given):
            return None
        return slip if now - slip.moment < _HOURS[kind] * 3600 else None

    def write(self, request: Request, response: Response, tenant: str, slip: Slip) -> None:
        """Give it to the browser."""
        response.set_cookie(
            _cookie_name(request),
            f"{slip.text}.{self._mac(tenant, slip.text)}",
            max_age=_HOURS[slip.kind] * 3600,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def stamp(self, tenant: str, now: float) -> bytes:
        """Return 16 bytes that hold this second; 12 of them cannot be guessed."""
        stamp = int(now).to_bytes(4) + secrets.token_bytes(_STAMP_BYTES - 4)
        return stamp + self._digest(tenant, stamp.hex())[:_MAC_BYTES]

    def stamped_at(self, tenant: str, value: bytes | None) -> float | None:
        """Return the second in such a value; `None` when it is none of ours."""
        if value is None:
            return None
        stamp, given = value[:_STAMP_BYTES], value[_STAMP_BYTES:]
        if not hmac.compare_digest(self._digest(tenant, stamp.hex())[:_MAC_BYTES], given):
            return None
        return float(int.from_bytes(stamp[:4]))

    def _mac(self, tenant: str, text: str) -> str:
        return self._digest(tenant, text)[:16].hex()

    def _digest(self, tenant: str, text: str) -> bytes:
        return hmac.digest(self.key, f"{tenant}/{text}".encode(), "sha256")


def _cookie_name(request: Request) -> str:
    return "__Host-waiting" if request.url.scheme == "https" else "waiting"

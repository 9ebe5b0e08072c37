"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when the phone is gone."""

import base64
import io
import secrets
from collections.abc import Sequence

import pyotp
import segno

from services.gateway.accounts import Account
from services.gateway.vault import Vault
from shared import clock

PERIOD_SECONDS = 30
WINDOW = 1  # steps before and after: clocks of phones differ
RECOVERY_CODES = 8
_SECRET_BYTES = 20  # as RFC 4226 recommends
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


class SecondFactor:
    """Checks codes, and makes what is needed for a new phone."""

    def __init__(self, private_key: str) -> None:
        """Derive the key that secrets are sealed with at rest."""
        self._vault = Vault(private_key, b"second factor")

    def proposed(self, account: Account, session_key: str) -> str:
        """Return the secret that is offered for a new phone: the same for a session until it was used."""
        return _text(self._vault.digest("new", str(account["id"]), session_key, str(account["totp_step"])))

    def seal(self, secret: str) -> bytes:
        """Return a secret as it is stored."""
        return self._vault.seal(secret.encode())

    def step_of(self, account: Account, code: str) -> int | None:
        """Return which step an account's code is of; `None` when it is wrong or was used before."""
        opened = self._vault.open(account["totp_secret"] or b"")
        return step_of(opened.decode(), code, account["totp_step"]) if opened else None

    def recovery_hash(self, account: Account, code: str) -> str | None:
        """Return the stored hash that a recovery code belongs to."""
        found = self._hashed(account, code)
        return found if found in account["recovery_hashes"] else None

    def new_recovery_codes(self, account: Account) -> tuple[list[str], list[str]]:
        """Return codes to print, and what is stored of them. 12 letters: 59 bits."""
        codes = [
            "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
            for _ in range(RECOVERY_CODES)
        ]
        return codes, [self._hashed(account, code) for code in codes]

    def _hashed(self, account: Account, code: str) -> str:
        letters = "".join(letter for letter in code.lower() if letter in _LETTERS)
        return self._vault.digest("recovery", str(account["id"]), letters).hex()


def step_of(secret: str, code: str, last: int) -> int | None:
    """Return which time step a code is of; `None` when it is of none near now, or not after the last one used."""
    digits = "".join(code.split())
    now = int(clock.now().timestamp()) // PERIOD_SECONDS
    generator = pyotp.TOTP(secret)
    right = [
        step for step in range(now - WINDOW, now + WINDOW + 1)
        if secrets.compare_digest(generator.generate_otp(step).encode(), digits.encode())
    ]  # fmt: skip
    return next((step for step in right if step > last), None)


def address(secret: str, account: Account, tenant_name: str) -> str:
    """Return what the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=account["login"], issuer_name=tenant_name)


def picture(text: str) -> bytes:
    """Return a QR code as SVG."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return out.getvalue()


def grouped(secret: str) -> Sequence[str]:
    """Return a secret in groups of four, to type it."""
    return [secret[at : at + 4] for at in range(0, len(secret), 4)]


def _text(digest: bytes) -> str:
    return base64.b32encode(digest[:_SECRET_BYTES]).decode()

"""Passwords: which are good enough, and what is stored of one."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.gateway.render import N_

LEAST, MOST = 12, 200
_LEAST_CHARACTERS = 4  # different ones: "aaaaaaaaaaaa" is none
_LEAST_BESIDE_NAME = 6
_KNOWN = {
    "password1234", "passwort1234", "passwortpasswort", "123456789012", "1234567890123", "qwertzuiopas", "qwertyuiopas",
    "jobcenter1234", "jobcenterjobcenter", "willkommen123", "willkommen1234", "geheimgeheim", "buergernah123",
}  # fmt: skip
# Without those that look alike. 12 of them: 59 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()
# Of an account that does not exist, so that it takes as long to say no.
_NOBODY = _hasher.hash(secrets.token_urlsafe())

TOO_SHORT = N_("The password must have at least 12 characters. Several words in a row are good.")
TOO_LONG = N_("The password may have at most 200 characters.")
TOO_EASY = N_("This password is easy to guess. Please choose another; several words in a row are good.")


def fault(password: str, login: str) -> str | None:
    """Return what is wrong with a new password, as a sentence to translate; there are no rules about its characters.

    The length is what NIST SP 800-63B and the BSI ask for (12 or more without further rules).
    """
    if len(password) < LEAST:
        return TOO_SHORT
    if len(password) > MOST:
        return TOO_LONG
    plain = password.casefold()
    beside_name = plain.replace(login.casefold(), "") if login else plain
    if plain in _KNOWN or len(set(plain)) < _LEAST_CHARACTERS or len(beside_name) < _LEAST_BESIDE_NAME:
        return TOO_EASY
    return None


def is_right(password_hash: str | None, password: str) -> bool:
    """Tell whether the password is the stored one; slow on purpose, without a stored one too: call it in a thread."""
    try:
        _hasher.verify(password_hash or _NOBODY, password[:MOST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def hash_of(password: str) -> str:
    """Return what is stored of a password; slow on purpose: call it in a thread."""
    return _hasher.hash(password)


def new_password() -> str:
    """Return a password to tell somebody, which they change when they first sign in."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))

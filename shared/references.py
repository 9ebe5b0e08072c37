"""References of applications: eight random characters and one to check them, as `K7QM-3XPD-F`.

The check is Crockford's, the value modulo 37. Of the numbers whose check would be one of his five extra signs
(`*~$=U`) none is given out: so every character can be read over the phone. A single wrong character, and two that
changed places, change the check; whoever guesses learns nothing by it, as anybody can work it out.
"""

import secrets

from shared import links

LENGTH = 9
_MODULUS = 37


def new_reference() -> str:
    """Return a random reference (almost 40 bits)."""
    while True:
        characters = "".join(secrets.choice(links.ALPHABET) for _ in range(links.LENGTH))
        if (check := _check(characters)) < len(links.ALPHABET):
            return grouped(characters + links.ALPHABET[check])


def normalise(typed: str) -> str:
    """Return a reference as it is stored, when it may be one; else what was typed, cleaned, which is none."""
    characters = links.normalise(typed)[: LENGTH + 1]
    return grouped(characters) if len(characters) == LENGTH else characters


def is_reference(typed: str) -> bool:
    """Tell whether this can be a reference at all; if not, it was mistyped."""
    characters = links.normalise(typed)
    if len(characters) != LENGTH or not set(characters) <= set(links.ALPHABET):
        return False
    return links.ALPHABET.index(characters[-1]) == _check(characters[:-1])


def grouped(characters: str) -> str:
    """`K7QM3XPDF` → `K7QM-3XPD-F`."""
    return "-".join(part for part in (characters[:4], characters[4:8], characters[8:]) if part)


def _check(characters: str) -> int:
    value = 0
    for one in characters:
        value = value * len(links.ALPHABET) + links.ALPHABET.index(one)
    return value % _MODULUS

"""What a file is called by the person who sends it: shown to them and to staff, and told in a mail from the office."""

import re
import unicodedata

LONGEST = 120
# In a mail from the office it must not become a link or an address.
_NO_LINK = re.compile(r"[a-z]+:/+|www\.|@", re.IGNORECASE)


def clean_file_name(name: str) -> str:
    """Return the name without folders and without what does not belong into a line of text; it may be empty."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(one for one in last if unicodedata.category(one)[0] != "C" and one not in "\u2028\u2029")
    short = _NO_LINK.sub("_", seen).strip()
    stem, dot, ending = short.rpartition(".")
    if len(short) > LONGEST and dot and len(ending) < 10:  # noqa: PLR2004  what still looks like one
        return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"
    return short[:LONGEST]

"""What staff type to find an appointment or an application: a number, a name or a date of birth, in one field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

MOST_WORDS = 6


@dataclass(frozen=True)
class Wanted:
    """What the text can mean: the beginning of a number (without signs), words of a name, a date of birth."""

    number: str
    words: Sequence[str]
    born: date | None


def read_wanted(text: str, number: str) -> Wanted:
    """Read what was typed; `number`: the same, normalised as a number. What is all signs or accents is no word."""
    words = [word for word in text.split() if any(one.isalnum() for one in word)]
    return Wanted(number, words[:MOST_WORDS], _read_date(text.strip()))


def _read_date(text: str) -> date | None:
    if found := re.fullmatch(r"(\d{1,2})[./ -]+(\d{1,2})[./ -]+(\d{4})", text):
        day, month, year = found.groups()
    elif found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        year, month, day = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None

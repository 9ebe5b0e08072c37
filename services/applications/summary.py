"""One page of what somebody has applied for, as it was typed, with the time that counts.

What people have written goes through `drawString` alone, which knows no markup.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from services.applications.queries import zone_of
from services.applications.summary_words import WORDS

FONT = "DejaVu"
LEFT, RIGHT, LABEL_WIDTH = 62.0, 62.0, 190.0  # points
SIZE, LINE = 10.5, 15.0
MOST_LINES = 6  # of one text; a name has 200 characters at most, so nothing that fits elsewhere is cut
_FILE = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
_WIDTH: float
_HEIGHT: float
_WIDTH, _HEIGHT = A4


def summary(row: Mapping[str, Any], language: str, now: datetime) -> bytes:
    """Return the page as PDF: in German, or in another language with the German words beside it. Some 50 ms."""
    _font()
    german = WORDS["de"]
    words = WORDS.get(language.partition("@")[0], german)
    stream = BytesIO()
    page = Canvas(stream, pagesize=A4, invariant=1, lang="de" if words is german else language.partition("@")[0])
    page.setTitle(f"{words['title']} {row['reference']}")
    y = _heading(page, words, row)
    for label, text in _facts(row, words, language):
        both = label if words is german else f"{label} ({german[_key(words, label)]})"
        y = _fact(page, y, both, text)
    y -= LINE
    for sentence in (words["counts"], words["stored"].format(at=_moment(now, row, words))):
        y = _lines(page, LEFT, y, sentence, _WIDTH - LEFT - RIGHT)
    page.showPage()
    page.save()
    return stream.getvalue()


def _facts(row: Mapping[str, Any], words: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    names = row["benefit_name"]
    name = (
        names["de"] if language not in names or names[language] == names["de"] else f"{names[language]} / {names['de']}"
    )
    born = row["birth_date"]
    found = [
        (words["reference"], row["reference"]),
        (words["received"], _moment(row["received_at"], row, words)),
        (words["benefit"], name),
        (words["name"], row["name"] or ""),
        (words["born"], f"{born:%d.%m.%Y}" if born else ""),
        (words["email"], row["email"] or ""),
        (words["phone"], row["phone"] or ""),
    ]
    return [(label, text or "-") for label, text in found]


def _heading(page: Canvas, words: Mapping[str, str], row: Mapping[str, Any]) -> float:
    office = row["office"]
    page.setFont(FONT, SIZE)
    y = _HEIGHT - 72
    address = office["address"]
    for text in (office["name"], f"{address['street']}, {address['postcode']} {address['city']}", office["phone"]):
        y = _lines(page, LEFT, y, text, _WIDTH - LEFT - RIGHT)
    page.setFont(FONT, 17)
    page.drawString(LEFT, y - 30, words["title"])
    return y - 66


def _fact(page: Canvas, y: float, label: str, text: str) -> float:
    x = LEFT + LABEL_WIDTH + 10
    return min(_lines(page, LEFT, y, label, LABEL_WIDTH), _lines(page, x, y, text, _WIDTH - RIGHT - x)) - 4


def _lines(page: Canvas, x: float, y: float, text: str, width: float) -> float:
    """Draw a text in as many lines as it needs; return where the next one begins."""
    page.setFont(FONT, SIZE)
    for line in _broken(text, width)[:MOST_LINES]:
        page.drawString(x, y, line)
        y -= LINE
    return y


def _broken(text: str, width: float) -> Sequence[str]:
    """Break a text at spaces, and where there is none within a word."""
    found, line = [], ""
    for character in "".join(one if ord(one) in _font().face.charToGlyph else "\u25a1" for one in text):
        if line and pdfmetrics.stringWidth(line + character, FONT, SIZE) > width:
            head, space, tail = line.rpartition(" ")
            found.append(head if space else line)
            line = tail if space else ""
        line += character
    return [*found, line] if line else found


def _moment(at: datetime, row: Mapping[str, Any], words: Mapping[str, str]) -> str:
    return words["moment"].format(at=at.astimezone(zone_of(row)))


def _key(words: Mapping[str, str], label: str) -> str:
    return next(key for key, text in words.items() if text == label)


@cache
def _font() -> TTFont:
    font = TTFont(FONT, str(_FILE))
    pdfmetrics.registerFont(font)
    return font

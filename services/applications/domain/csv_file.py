"""A CSV file of the office's own system. Pure.

Each line is read alone, its encoding as well: whatever is wrong with one, the others are read all the same.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.applications.domain.errors import FileUnreadable

MOST_LINES = 5000
LONGEST_LINE = 4000  # bytes
NEEDED_COLUMNS = ("reference", "state")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_SEPARATOR_LINE = re.compile(r"sep=.", re.IGNORECASE)  # Excel's own
_NO_TEXT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ufffd]")
_DELIMITERS = ";,\t"
Columns = Mapping[str, Sequence[str]]  # by field, what its heading may be


@dataclass(frozen=True)
class Line:
    """A line as it stands in the file: text by field, or what is wrong with it as a whole."""

    number: int
    values: Mapping[str, str]
    fault: str = ""


def read_lines(data: bytes, columns: Columns) -> list[Line]:
    """Return the lines below the headings, without empty ones; raise `FileUnreadable`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:LONGEST_LINE]:
        raise FileUnreadable("This is no CSV file in UTF-8 or Windows-1252. In Excel, save as “CSV UTF-8”.")
    numbered = [
        (number, line)
        for number, line in enumerate(_LINE_END.split(data.removeprefix(b"\xef\xbb\xbf")), 1)
        if line.strip(b" ;,\t")
    ]
    if numbered and _SEPARATOR_LINE.fullmatch(_text(numbered[0][1]) or ""):
        del numbered[0]
    if not numbered:
        raise FileUnreadable("The file is empty. Its first line has to hold the names of the columns.")
    if len(numbered) - 1 > MOST_LINES:
        raise FileUnreadable(f"The file has more than {MOST_LINES} lines. Please split it.")
    delimiter, fields = _headings(numbered[0][1], columns)
    return [_line(number, line, delimiter, fields) for number, line in numbered[1:]]


def _headings(line: bytes, columns: Columns) -> tuple[str, list[str | None]]:
    """Return the delimiter under which the most columns are known, and the field of each column."""
    by_heading = {_plain(heading): field for field, headings in columns.items() for heading in headings}
    found: list[tuple[str, list[str | None]]] = []
    for delimiter in _DELIMITERS:
        cells = _cells(_text(line) or "", delimiter) or []
        found.append((delimiter, [by_heading.get(_plain(cell)) for cell in cells]))
    delimiter, fields = max(found, key=lambda one: sum(field is not None for field in one[1]))
    for field in NEEDED_COLUMNS:
        if field not in fields:
            raise FileUnreadable(f"The first line names no column “{columns[field][0]}”.", column=columns[field][0])
    if twice := next((field for field in fields if field and fields.count(field) > 1), None):
        raise FileUnreadable(f"Two columns are called “{columns[twice][0]}”.", column=columns[twice][0])
    return delimiter, fields


def _line(number: int, line: bytes, delimiter: str, fields: Sequence[str | None]) -> Line:
    if len(line) > LONGEST_LINE:
        return Line(number, {}, f"The line is longer than {LONGEST_LINE} bytes. Is a line break missing?")
    text = _text(line)
    if text is None:
        return Line(number, {}, "The line holds characters that cannot be read.")
    cells = _cells(text, delimiter)
    if cells is None:
        return Line(number, {}, "The quotation marks do not match: a text in them ends on its line.")
    if any(cell.strip() for cell in cells[len(fields) :]):
        return Line(number, {}, "The line has more cells than there are columns. Put such texts in quotes.")
    values = {field: cell.strip() for field, cell in zip(fields, cells, strict=False) if field}
    return Line(number, values)


def _text(line: bytes) -> str | None:
    """Return a line's text, `None` when it is none. What is no UTF-8 is Windows-1252."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("cp1252", "replace")
    return None if _NO_TEXT.search(text) else unicodedata.normalize("NFC", text)


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())

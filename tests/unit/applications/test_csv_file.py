"""Files of the office's own system, however they were saved: each line is read alone."""

import csv
import io
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, strategies

from services.applications import domain
from services.applications.imports import Columns

COLUMNS = Columns().model_dump()
TEXTS = strategies.text(
    strategies.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40
).filter(lambda text: text.strip() and not text.startswith("sep="))


def values(data: bytes) -> list[dict[str, str]]:
    return [dict(line.values) for line in domain.read_lines(data, COLUMNS)]


@given(
    rows=strategies.lists(strategies.tuples(TEXTS, TEXTS), max_size=6),
    encoding=strategies.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    delimiter=strategies.sampled_from(";,\t"),
    end=strategies.sampled_from(["\r\n", "\n", "\r"]),
    quoting=strategies.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    empty=strategies.booleans(),
)
def test_what_a_program_writes_is_read(
    rows: list[tuple[str, str]], encoding: str, delimiter: str, end: str, quoting: int, *, empty: bool
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["Aktenzeichen", "Name", "STAND "])
    for reference, name in rows:
        writer.writerow([reference, name, "Neu"])
    text = stream.getvalue() + (end + delimiter * 2 + end if empty else "")
    read = values(text.encode(encoding))
    if encoding != "cp1252":  # a few of its texts could be UTF-8 as well
        assert read == [{"reference": norm(reference), "name": norm(name), "state": "Neu"} for reference, name in rows]
    assert len(read) == len(rows)


def norm(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


@given(strategies.binary(max_size=400))
def test_no_bytes_make_it_fail(data: bytes) -> None:
    for line in domain.read_lines(b"Aktenzeichen;Stand\n" + data.replace(b"\0", b""), COLUMNS):
        assert line.fault or line.values
    with suppress(domain.FileUnreadable):
        domain.read_lines(data, COLUMNS)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b'BG-1;"Aylin;Neu', "quotation marks"),
        (b"BG-1;Aylin;Neu;more", "more cells"),
        (b"BG-1;Ay\x07lin;Neu", "cannot be read"),
        (b"BG-1;Ay\x81lin;Neu", "cannot be read"),
        (b"BG-1;" + b"x" * 10_000_000 + b";Neu", "longer than"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(bad: bytes, says: str) -> None:
    data = b"sep=;\r\nAktenzeichen;Name;Stand\r\n" + bad + "\r\n\r\nBG-2;Bär;Neu\r\n".encode("cp1252")
    lines = domain.read_lines(data, COLUMNS)
    assert [line.number for line in lines] == [3, 5]
    assert says in lines[0].fault
    assert lines[1].values == {"reference": "BG-2", "name": "Bär", "state": "Neu"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n;;;\r\n", "empty"),
        ("Aktenzeichen;Stand\nBG-1;Neu".encode("utf-16"), "CSV UTF-8"),
        (b"PK\x03\x04\x14\0\x06\0", "CSV UTF-8"),
        (b"Name;Stand\nAylin;Neu", "Aktenzeichen"),
        (b"Aktenzeichen;Stand;Status\nBG-1;Neu;Neu", "Two columns"),
        (b"Aktenzeichen;Stand\n" + b"BG-1;Neu\n" * 5001, "split"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(data: bytes, says: str) -> None:
    with pytest.raises(domain.FileUnreadable, match=says):
        domain.read_lines(data, COLUMNS)

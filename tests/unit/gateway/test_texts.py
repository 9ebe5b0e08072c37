"""Every text of the pages is translated: none is missing, left over or unsure, and what is filled in stays."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.gateway import render
from shared.switches import SWITCHES

CATALOGUES = sorted(Path(render.HERE / "locales").glob("*/LC_MESSAGES/messages.po"))
HOLE = re.compile(r"%\(\w+\)s")


def wanted() -> set[object]:
    """Return the texts of templates and Python, and of the switches; one with a plural is a pair."""
    methods = [("**.html", "jinja2"), ("**.py", "python")]
    options = {"**.html": {"trimmed": "false"}}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
    found = extract_from_dir(render.HERE, methods, options, keywords=keywords)
    of_switches = {text for switch in SWITCHES.values() for text in (switch.title, switch.when_off)}
    return {message for _, _, message, _, _ in found} | of_switches


def messages(file: Path) -> list[Message]:
    with file.open("rb") as opened:
        return [message for message in read_po(opened) if message.id]


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())  # type: ignore[call-overload]


def test_there_is_something_to_compare() -> None:
    assert len(CATALOGUES) >= 1
    assert len(wanted()) > 60
    assert any(isinstance(text, tuple) for text in wanted())


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_every_text_is_translated_and_no_translation_is_left_over(file: Path) -> None:
    have = {message.id if isinstance(message.id, str) else tuple(message.id) for message in messages(file)}
    assert wanted() - have == set(), "missing"
    assert have - wanted() == set(), "left over"


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_no_translation_is_empty_or_unsure(file: Path) -> None:
    assert [m.id for m in messages(file) if m.fuzzy or not forms(m.string) or not all(forms(m.string))] == []


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_what_is_filled_in_is_the_same_in_every_language(file: Path) -> None:
    for message in messages(file):
        # A form for one may leave the number out; none may name what is not there.
        allowed = {hole for text in forms(message.id) for hole in HOLE.findall(text)}
        for text in forms(message.string):
            assert set(HOLE.findall(text)) <= allowed, text
            assert text.count("%") == len(HOLE.findall(text)) + 2 * text.count("%%"), text
        assert set(HOLE.findall(forms(message.string)[-1])) == allowed, message.id

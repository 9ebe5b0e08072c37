"""Finding people by name, in SQL: however accents and umlauts are written."""

from typing import Any

from sqlalchemy import ColumnElement, String, func, literal, literal_column, or_


def has_word(name: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """Return whether a word is in a name, written with or without accents, or umlauts as two letters."""
    typed = literal(word, String)
    return or_(
        func.strpos(_plain(name), _plain(typed)) > 0,
        func.strpos(_plain(_spelled_out(name)), _plain(_spelled_out(typed))) > 0,
    )


def _plain(name: ColumnElement[str]) -> ColumnElement[str]:
    """Return small letters without accents, whatever the database's own locale is."""
    apart = func.normalize(func.replace(_small(name), "ß", "ss"), literal_column("NFKD"))
    return func.translate(func.regexp_replace(apart, "[\u0300-\u036f]", "", "g"), "łøđı", "lodi")


def _spelled_out(name: ColumnElement[str]) -> ColumnElement[str]:
    found: ColumnElement[str] = func.normalize(_small(name), literal_column("NFC"))
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        found = func.replace(found, umlaut, letters)
    return found


def _small(name: ColumnElement[str]) -> ColumnElement[str]:
    return func.lower(name.collate("pg_c_utf8"))

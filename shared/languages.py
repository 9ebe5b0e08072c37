"""Texts in people's languages: templates are written in English, gettext catalogues hold the others.

A part that speaks to people has a folder `templates` and a folder `locales/<language>/LC_MESSAGES/messages.po`.
"""

import gettext
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.tenants import Tenant

SOURCE = "en"  # what templates are written in
# A day has 24 hours on the clocks, signs and tickets that people see here.
_LOCALES = {"en": "en_GB"}


def available(folder: Path) -> tuple[str, ...]:
    """Return the languages that a part has texts in."""
    return (SOURCE, *sorted(found.name for found in (folder / "locales").iterdir() if found.is_dir()))


def offered(tenant: Tenant, languages: Sequence[str]) -> list[str]:
    """Return the tenant's languages, in its order, that there are texts in; never none."""
    return [language for language in tenant.languages if language in languages] or [SOURCE]


def locale(language: str) -> str:
    """Return the locale in which dates and times are written in a language."""
    return _LOCALES.get(language, language)


def pick(by_language: Mapping[str, Any], language: str) -> Any:  # noqa: ANN401  text or list of texts
    """Return the wording in this language, or in the first there is; `None` when there is none at all."""
    return by_language.get(language) or next(iter(by_language.values()), None)


def environment(folder: Path, language: str) -> Environment:
    """Return a part's templates in a language."""
    made = Environment(
        loader=FileSystemLoader(folder / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(catalogue(folder, language), newstyle=True)  # type: ignore[attr-defined]
    return made


def messages(folder: Path, language: str) -> Catalog:
    """Return the texts of a language other than the source, each with what it translates."""
    with (folder / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def catalogue(folder: Path, language: str) -> gettext.NullTranslations:
    """Return a catalogue straight from its text file: nothing to compile, nothing to forget to compile."""
    if language == SOURCE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, messages(folder, language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

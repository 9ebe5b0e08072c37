"""Messages as people read them: subject, text and HTML from one template folder per kind, in their language."""

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifications import calendar
from shared.sealing import Recipient
from shared.tenants import Tenant

HERE = Path(__file__).parent
SOURCE_LANGUAGE = "en"  # what the templates are written in
LANGUAGES = (SOURCE_LANGUAGE, *sorted(folder.name for folder in (HERE / "locales").iterdir() if folder.is_dir()))


@dataclass(frozen=True)
class Message:
    """A message and the person it goes to, opened for the moment of sending."""

    id: UUID
    kind: str
    sequence: int
    content: Mapping[str, Any]
    recipient: Recipient


def to_email(message: Message, tenant: Tenant, now: datetime) -> EmailMessage:
    """Return the mail. Its Message-ID depends on the message alone: sent twice, it is recognisable as the same."""
    language = choose_language(message.recipient.language, tenant)
    environment = _environment(language)
    content = message.content
    zone = ZoneInfo(content["office"]["zone"])
    starts_at = datetime.fromisoformat(content["starts_at"]).astimezone(zone)
    values = {
        "tenant": tenant,
        "recipient": message.recipient,
        "number": content["number"],
        "office": content["office"],
        "concern": pick(content["concern"]["name"], language),
        "papers": pick(content["concern"]["papers"], language),
        "date": format_date(starts_at, "full", locale=language),
        "time": format_time(starts_at, "short", tzinfo=zone, locale=language),
        "language": language,
    }

    def rendered(name: str) -> str:
        return environment.get_template(f"{message.kind}/{name}").render(values).strip()

    subject = " ".join(rendered("subject.txt").split())
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = formataddr((tenant.sender.name, tenant.sender.address))
    mail["To"] = message.recipient.email
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@{tenant.sender.address.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered("body.txt") + "\n")
    mail.add_alternative(rendered("body.html"), subtype="html")
    method, ics = calendar.build(
        content,
        sequence=message.sequence,
        cancelled=message.kind == "appointment-cancelled",
        summary=f"{values['concern']} ({tenant.name})",
        sender=tenant.sender,
        email=message.recipient.email,
        now=now,
    )
    mail.add_alternative(ics, subtype="calendar", params={"method": method})
    mail.add_attachment(ics.encode(), maintype="text", subtype="calendar", filename="appointment.ics",
                        params={"method": method})  # fmt: skip
    mail["Content-Language"] = language  # last: what is added to a mail takes its Content headers along
    return mail


def choose_language(wanted: str, tenant: Tenant) -> str:
    """Return the wanted language if tenant and templates have it, otherwise the tenant's first."""
    offered = [language for language in tenant.languages if language in LANGUAGES]
    return wanted if wanted in offered else next(iter(offered), SOURCE_LANGUAGE)


def pick(by_language: Mapping[str, Any], language: str) -> Any:  # noqa: ANN401  text or list of texts
    """Return the wording in this language, or in the first there is; `None` when there is none at all."""
    return by_language.get(language) or next(iter(by_language.values()), None)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(_catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    return environment


def _catalogue(language: str) -> gettext.NullTranslations:
    """Return a catalogue straight from its text file: nothing to compile, nothing to forget to compile."""
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with (HERE / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

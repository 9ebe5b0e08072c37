"""Messages as people read them: subject, text and HTML from one template folder per kind, in their language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import Environment

from services.notifications import application_mails
from shared import calendar, languages
from shared.sealing import Recipient
from shared.tenants import Tenant

HERE = Path(__file__).parent
LANGUAGES = languages.available(HERE)
Moment = Callable[[str], dict[str, str] | None]  # reads a time of the content, as date and time in the office's zone
WITHOUT_ENTRY = ("appointment-requested", "appointment-offered", *application_mails.KINDS)  # nothing is booked or moved


class _Headers(HeaderRegistry):
    """Remembers the headers that say what a part is: parsing the same few for every mail was half of composing it."""

    def __call__(self, name: str, value: str) -> Any:  # noqa: ANN401  a class made for each kind of header
        if name.lower().startswith(("content-", "mime-")):
            return self._of_a_part(name, value)
        return super().__call__(name, value)

    @lru_cache(maxsize=64)  # noqa: B019  one registry lives as long as the process
    def _of_a_part(self, name: str, value: str) -> Any:  # noqa: ANN401  likewise
        return super().__call__(name, value)


POLICY = EmailPolicy(header_factory=_Headers())


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

    def moment(name: str) -> dict[str, str] | None:
        if content.get(name) is None:
            return None
        at = datetime.fromisoformat(content[name]).astimezone(zone)
        locale = languages.locale(language)
        return {
            "date": format_date(at, "full", locale=locale),
            "time": format_time(at, "short", tzinfo=zone, locale=locale),
        }

    values: dict[str, Any] = {
        "tenant": tenant,
        "recipient": message.recipient,
        "name": _without_links(message.recipient.name),
        "office": content["office"],
        "language": language,
    }
    if message.kind in application_mails.KINDS:
        translate = languages.catalogue(HERE, language).gettext
        values |= application_mails.values(content, message.recipient, language, moment, translate)
    else:
        values |= _appointment(content, language, moment)

    def rendered(name: str) -> str:
        return environment.get_template(f"{message.kind}/{name}").render(values).strip()

    subject = " ".join(rendered("subject.txt").split())
    mail = EmailMessage(POLICY)
    mail["Subject"] = subject
    mail["From"] = formataddr((tenant.sender.name, tenant.sender.address))
    mail["To"] = message.recipient.email
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@{tenant.sender.address.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered("body.txt") + "\n")
    mail.add_alternative(rendered("body.html"), subtype="html")
    if message.kind not in WITHOUT_ENTRY:
        _add_calendar(mail, message, tenant, values["concern"], now)
    mail["Content-Language"] = language  # last: what is added to a mail takes its Content headers along
    return mail


def _appointment(content: Mapping[str, Any], language: str, moment: Moment) -> dict[str, Any]:
    concerns = [content["concern"], *content.get("also", [])]
    return {
        "number": content["number"],
        "concern": " + ".join(languages.pick(concern["name"], language) for concern in concerns),
        # Papers that several concerns ask for are named once.
        "papers": list(dict.fromkeys(p for c in concerns for p in languages.pick(c["papers"], language) or ())),
        "kind": content.get("kind", "office"),
        "by_office": "office" in (content.get("moved_by"), content.get("cancelled_by")),
        "by_plan": content.get("reason") == "plan",
        "video_url": content.get("video_url", ""),
        **(moment("starts_at") or {}),
        "previous": moment("previous_starts_at"),
        "offered": moment("offered_starts_at"),
        "until": moment("valid_until") or moment("confirm_until"),
    }


def _add_calendar(mail: EmailMessage, message: Message, tenant: Tenant, concern: str, now: datetime) -> None:
    method, ics = calendar.build(
        message.content,
        sequence=message.sequence,
        cancelled=message.kind == "appointment-cancelled",
        summary=f"{concern} ({tenant.name})",
        sender=tenant.sender,
        email=message.recipient.email,
        now=now,
    )
    mail.add_alternative(ics, subtype="calendar", params={"method": method})
    mail.add_attachment(ics.encode(), maintype="text", subtype="calendar", filename="appointment.ics",
                        params={"method": method})  # fmt: skip


def choose_language(wanted: str, tenant: Tenant) -> str:
    """Return the wanted language if tenant and templates have it, otherwise the tenant's first."""
    offered = languages.offered(tenant, LANGUAGES)
    return wanted if wanted in offered else offered[0]


def _without_links(name: str) -> str:
    """Return a name in which no mail program finds an address to open: anybody may have typed it."""
    return re.sub(r"\.(?=\w)", ". ", name)


@cache
def _environment(language: str) -> Environment:
    return languages.environment(HERE, language)

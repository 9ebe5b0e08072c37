"""Mails as people get them: in their language, whole, and with nothing that a name could smuggle in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from icalendar import Calendar

from services.notifications import render
from shared.sealing import Recipient
from shared.tenants import Sender, Tenant

NOW = datetime(2026, 9, 7, 7, tzinfo=UTC)
KINDS = (
    "appointment-booked",
    "appointment-cancelled",
    "appointment-moved",
    "appointment-requested",
    "appointment-offered",
)
TENANT = Tenant(
    id="here",
    hosts=["here.example"],
    name="Jobcenter Nürnberg",
    land="BY",
    zone="Europe/Berlin",
    languages=["de", "en"],
    sender=Sender(name="Jobcenter Nürnberg, Empfang", address="post@here.example"),
)
CONTENT: dict[str, Any] = {
    "appointment_id": "0199d2c4-0000-7000-8000-000000000001",
    "number": "ABCD-EFGH",
    "office": {
        "name": "Standort Süd; Haus 3, links",
        "address": {"street": "Straße 1", "postcode": "90402", "city": "Nürnberg"},
        "zone": "Europe/Berlin",
        "phone": "+49 911 1",
    },
    "concern": {
        "name": {"de": "Neuen Antrag stellen", "en": "Make a new application"},
        "papers": {"de": ["Mietvertrag"], "en": ["Rental contract"]},
    },
    "starts_at": "2026-09-08T06:00:00Z",
    "ends_at": "2026-09-08T06:30:00Z",
    "previous_starts_at": "2026-10-26T10:00:00Z",
    "offered_starts_at": "2026-09-07T10:00:00Z",
    "valid_until": "2026-09-07T08:00:00Z",
}


def mail(kind: str = KINDS[0], language: str = "de", tenant: Tenant = TENANT, name: str = "Aylin Öz",
         content: Mapping[str, Any] = CONTENT) -> EmailMessage:  # fmt: skip
    values = {"code": "C0DE-C0DE", "link": "http://here.example/appointments/ABCD-EFGH/x?a=1&b=2"}
    values["offer"] = "http://here.example/offers/7/x?a=1&b=2"
    recipient = Recipient(email="aylin@example.org", name=name, language=language, values=values)
    message = render.Message(UUID(int=7), kind, int(kind == KINDS[1]), content, recipient)
    made = message_from_bytes(render.to_email(message, tenant, NOW).as_bytes(), policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


def text(made: EmailMessage, kind: str = "plain") -> str:
    body = made.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def calendar(made: EmailMessage) -> tuple[Any, Any]:
    """Return the attached calendar and its only entry, as icalendar reads them."""
    [attachment] = made.iter_attachments()
    assert attachment.get_filename() == "appointment.ics"
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    read = Calendar.from_ical(content)
    [event] = read.walk("VEVENT")
    return read, event


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found.append(tag)


def test_a_confirmation_in_german_says_all_that_is_needed() -> None:
    made = mail()
    assert made["Subject"] == "Ihr Termin am Dienstag, 8. September 2026, 08:00 Uhr"
    assert made["Content-Language"] == "de"
    for body in (text(made), text(made, "html")):
        for needed in ("Aylin Öz", "08:00 Uhr", "ABCD-EFGH", "C0DE-C0DE", "Standort Süd", "Neuen Antrag stellen",
                       "Mietvertrag", "+49 911 1", "appointments/ABCD-EFGH/x"):  # fmt: skip
            assert needed in body, needed
    assert "Rental" not in text(made)


def test_a_confirmation_in_english_says_the_same_in_english() -> None:
    made = mail(language="en")
    assert made["Subject"].startswith("Your appointment on Tuesday, 8 September 2026, 08:00")
    assert "Rental contract" in text(made)
    assert "Guten Tag" not in text(made)


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_mixes_its_languages(kind: str) -> None:
    english, german = mail(kind, "en"), mail(kind, "de")
    assert "Hello" in text(english)
    assert "Kind regards" in text(english, "html")
    assert "Hello" not in text(german)
    assert "Kind regards" not in text(german, "html")


@pytest.mark.parametrize(("wanted", "got"), [("en", "en"), ("tr", "de"), ("de@simple", "de"), ("xx", "de")])
def test_a_language_nobody_has_written_falls_back_to_the_tenants_first(wanted: str, got: str) -> None:
    assert mail(language=wanted)["Content-Language"] == got


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_is_no_html(kind: str) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror="y">&lt;'
    made = mail(kind, name=hostile)
    assert not {"script", "img"} & set(Tags(text(made, "html")).found)
    assert "&lt;script&gt;" in text(made, "html")
    assert hostile in text(made), "and plain text shows it as it is"


@pytest.mark.parametrize("name", ["100 % %s %(name)s {{ 7 * 7 }} {% endtrans %}", "%", "{}", "\\n", "O'Brien"])
def test_a_name_is_no_format_and_no_template(name: str) -> None:
    assert name in text(mail(name=name))


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_name_or_concern_adds_no_header(newline: str) -> None:
    hostile = f"x{newline}Bcc: victim@example.org{newline}{newline}<b>"
    content = CONTENT | {"number": hostile, "concern": CONTENT["concern"] | {"name": {"de": hostile}}}
    made = mail(name=hostile, content=content)
    assert made["Bcc"] is None
    assert made["To"] == "aylin@example.org"
    assert len(list(made.iter_attachments())) == 1
    _, event = calendar(made)
    assert set(event) == set(calendar(mail())[1]), "nor does it add a line to the calendar"


def test_a_tenants_name_with_a_newline_sends_no_mail_at_all() -> None:
    sender = Sender(name="x\r\nBcc: victim@example.org", address="post@here.example")
    with pytest.raises(ValueError, match="linefeed"):
        mail(tenant=TENANT.model_copy(update={"sender": sender}))


def test_umlauts_and_commas_in_the_senders_name_survive() -> None:
    made = mail()
    [sender] = made["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Jobcenter Nürnberg, Empfang", "post@here.example")


def test_a_mail_sent_twice_is_recognisable_as_the_same() -> None:
    assert mail()["Message-ID"] == mail()["Message-ID"] == f"<{UUID(int=7)}@here.example>"
    assert mail()["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("papers", [{}, {"de": []}, {"en": []}])
def test_a_concern_without_papers_asks_for_none(papers: dict[str, list[str]]) -> None:
    made = mail(content=CONTENT | {"concern": CONTENT["concern"] | {"papers": papers}})
    assert "bringen" not in text(made)


def test_an_office_without_a_phone_asks_nobody_to_call() -> None:
    assert "Fragen?" not in text(mail(content=CONTENT | {"office": CONTENT["office"] | {"phone": ""}}))


def test_the_calendar_entry_is_in_utc_and_keeps_its_uid_when_it_is_taken_back() -> None:
    (booked, entry), (cancelled, withdrawn) = calendar(mail(KINDS[0])), calendar(mail(KINDS[1]))
    assert (booked["METHOD"], cancelled["METHOD"]) == ("REQUEST", "CANCEL")
    assert entry["UID"] == withdrawn["UID"] == f"{CONTENT['appointment_id']}@here.example"
    assert (entry["SEQUENCE"], withdrawn["SEQUENCE"]) == (0, 1)
    assert (entry["STATUS"], withdrawn["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert entry["DTSTART"].dt == datetime(2026, 9, 8, 6, 0, tzinfo=UTC)
    assert entry["DTEND"].dt == datetime(2026, 9, 8, 6, 30, tzinfo=UTC)
    assert b"DTSTART:20260908T060000Z" in booked.to_ical()
    assert str(entry["LOCATION"]) == "Standort Süd; Haus 3, links, Straße 1, 90402 Nürnberg"
    assert str(entry["ORGANIZER"]) == "mailto:post@here.example"


def test_the_calendar_is_also_a_part_that_mail_programs_act_on() -> None:
    parts = [part for part in mail(KINDS[1]).walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in parts] == ["CANCEL", "CANCEL"]


def test_every_text_of_the_templates_has_a_translation_and_no_translation_is_left_over() -> None:
    methods = [("**.html", "jinja2"), ("**.txt", "jinja2")]
    options = {"**": {"trimmed": "false"}}
    found = extract_from_dir(render.HERE / "templates", methods, options)
    wanted = {message for _, _, message, _, _ in found}
    marked = extract_from_dir(render.HERE, [("*.py", "python")], keywords={"N_": None})
    wanted |= {message for _, _, message, _, _ in marked}
    assert len(wanted) > 10
    for catalogue in Path(render.HERE / "locales").glob("*/LC_MESSAGES/messages.po"):
        with catalogue.open("rb") as file:
            translated = {m.id: m for m in read_po(file) if m.id}
        assert set(translated) == wanted
        assert [m.id for m in translated.values() if not m.string or m.fuzzy] == []


def test_an_address_in_a_name_is_no_link_in_the_mail() -> None:
    made = mail(name="Ihr Geld wartet: evil.example/login")
    assert "evil.example" not in text(made)
    assert "evil. example/login" in text(made)
    assert "Dr. med. Öz" in text(mail(name="Dr.med. Öz"))


def test_a_move_names_the_new_time_first_and_the_one_before() -> None:
    made = mail("appointment-moved")
    assert made["Subject"] == "Neue Zeit: Ihr Termin am Dienstag, 8. September 2026, 08:00 Uhr"
    for body in (text(made), text(made, "html")):
        assert "Er ist nicht mehr am Montag, 26. Oktober 2026, 11:00 Uhr." in body
        assert "Dienstag, 8. September 2026, 08:00 Uhr" in body
        assert "C0DE-C0DE" in body
    read, event = calendar(made)
    assert (read["METHOD"], event["STATUS"], event.decoded("dtstart")) == (
        "REQUEST", "CONFIRMED", datetime(2026, 9, 8, 6, tzinfo=UTC),
    )  # fmt: skip


BY_CITIZEN, BY_OFFICE, PLAN = {"cancelled_by": "citizen"}, {"cancelled_by": "office"}, {"reason": "plan"}


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_who_cancelled_themselves_is_thanked_and_who_did_not_is_told_who_did(kind: str) -> None:
    own, office, plan = (
        text(mail("appointment-cancelled", content=CONTENT | more), kind)
        for more in (BY_CITIZEN, BY_OFFICE, BY_OFFICE | PLAN)
    )
    assert "Danke, dass Sie Bescheid gesagt haben" in own
    assert "Wir haben ihn abgesagt" in office
    assert "Wir können zu dieser Zeit nicht für Sie da sein. Das liegt nicht an Ihnen" in plan
    for told in (office, plan):
        assert "Danke" not in told
        assert "Fragen? Rufen Sie uns an: +49 911 1" in told


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_move_by_the_office_says_so(kind: str) -> None:
    own, office = (
        text(mail("appointment-moved", content=CONTENT | {"moved_by": who}), kind) for who in ("citizen", "office")
    )
    assert "Wir haben ihn verschoben" in office
    assert "Wir haben" not in own

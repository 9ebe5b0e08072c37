"""A citizen books, is told, and cancels."""

from datetime import datetime
from email.message import EmailMessage

from icalendar import Calendar, Event

from tests.harness.citizen import Citizen, Mailbox
from tests.harness.waiting import eventually


def calendar_entry(mail: EmailMessage) -> tuple[Calendar, Event]:
    [attachment] = mail.iter_attachments()
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    calendar = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return calendar, event


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


async def test_a_booking_becomes_a_mail_with_a_calendar_entry_and_a_cancellation_takes_it_back(
    citizen: Citizen, mailbox: Mailbox
) -> None:
    slot = (await citizen.slots())[0]
    answer = await citizen.book(slot["start"], email="aylin@example.org")
    assert answer.status_code == 201, answer.text
    booked = answer.json()

    [confirmation] = await mailbox.to("aylin@example.org")
    calendar, event = calendar_entry(confirmation)
    assert calendar["METHOD"] == "REQUEST"
    assert event.start == datetime.fromisoformat(slot["start"])
    assert event.end == datetime.fromisoformat(slot["end"])
    assert event["SEQUENCE"] == 0
    assert "Ihr Termin" in str(confirmation["Subject"])
    for kind in ("plain", "html"):
        text = part(confirmation, kind)
        for told in (booked["number"], booked["code"], booked["link"], "Aylin Öz", "Mietvertrag"):
            assert told in text

    cancelled = await citizen.cancel(booked["number"], booked["code"])
    assert cancelled.status_code == 200
    assert cancelled.json()["state"] == "cancelled"
    mails = await mailbox.to("aylin@example.org", count=2)
    calendar, withdrawn = calendar_entry(mails[1])
    assert calendar["METHOD"] == "CANCEL"
    assert withdrawn["STATUS"] == "CANCELLED"
    assert withdrawn["UID"] == event["UID"]
    assert withdrawn["SEQUENCE"] == 1
    assert slot["start"] in {free["start"] for free in await citizen.slots()}


async def test_the_mail_is_in_english_for_who_asked_in_english(citizen: Citizen, mailbox: Mailbox) -> None:
    slot = (await citizen.slots())[-1]
    await citizen.book(slot["start"], email="jane@example.org", language="en", name="Jane Roe")
    [confirmation] = await mailbox.to("jane@example.org")
    assert "Your appointment on" in str(confirmation["Subject"])
    assert "Rental contract" in part(confirmation, "plain")
    assert confirmation["Content-Language"] == "en"


async def test_without_an_email_number_and_code_are_enough(citizen: Citizen) -> None:
    slot = (await citizen.slots())[-2]
    booked = (await citizen.book(slot["start"])).json()
    # As somebody reads it from paper: lower case, no dash, a gap, O for 0, L for 1.
    typed = booked["code"].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert (await citizen.get(booked["number"].lower(), typed)).json()["mail"] == "none"
    assert (await citizen.cancel(booked["number"], typed)).json()["state"] == "cancelled"


async def test_the_mail_state_of_the_appointment_says_when_the_confirmation_is_out(
    citizen: Citizen, mailbox: Mailbox
) -> None:
    slot = (await citizen.slots())[-3]
    booked = (await citizen.book(slot["start"], email="state@example.org")).json()
    await mailbox.to("state@example.org")

    async def sent() -> bool:
        return bool((await citizen.get(booked["number"], booked["code"])).json()["mail"] == "sent")

    await eventually(sent)


async def test_the_figure_of_this_month_moves(citizen: Citizen) -> None:
    before = (await citizen.client.get("/api/v1/statistics/appointments")).json()
    slot = (await citizen.slots())[-4]
    assert (await citizen.book(slot["start"])).status_code == 201

    async def moved() -> bool:
        now = (await citizen.client.get("/api/v1/statistics/appointments")).json()
        return bool(now["booked_online"] > before["booked_online"])

    await eventually(moved)

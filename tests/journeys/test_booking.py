"""A citizen books, is told, and cancels."""

from email.message import EmailMessage

from icalendar import Calendar, Event

from tests.harness.citizen import Citizen, Mailbox


def calendar_entry(mail: EmailMessage) -> tuple[Calendar, Event]:
    [attachment] = mail.iter_attachments()
    calendar = Calendar.from_ical(attachment.get_payload(decode=True))
    [event] = calendar.walk("VEVENT")
    return calendar, event


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
    assert event["DTSTART"].dt.isoformat() != ""
    assert booked["number"] in confirmation.get_body(("plain",)).get_content()
    assert booked["code"] in confirmation.get_body(("html",)).get_content()

    cancelled = await citizen.cancel(booked["number"], booked["code"])
    assert cancelled.status_code == 200
    assert cancelled.json()["state"] == "cancelled"
    mails = await mailbox.to("aylin@example.org", count=2)
    calendar, withdrawn = calendar_entry(mails[1])
    assert calendar["METHOD"] == "CANCEL"
    assert withdrawn["UID"] == event["UID"]
    assert withdrawn["SEQUENCE"] > event["SEQUENCE"]

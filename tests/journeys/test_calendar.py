"""A calendar that obeys what the mails tell it shows the appointment once, where it is, and in the end not at all."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from icalendar import Calendar

from tests.harness.citizen import Citizen, Mailbox


class SimulatedCalendar:
    """What a person's calendar does with an invitation (RFC 5546): one entry per UID, the highest SEQUENCE counts."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[int, datetime]] = {}
        self._last: dict[str, int] = {}

    def take(self, mail: EmailMessage) -> None:
        """Do what the mail's calendar part says."""
        [attachment] = mail.iter_attachments()
        content = attachment.get_payload(decode=True)
        assert isinstance(content, bytes)
        calendar: Any = Calendar.from_ical(content)
        [event] = calendar.walk("VEVENT")
        uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
        if sequence < self._last.get(uid, 0):
            return
        self._last[uid] = sequence
        if calendar["METHOD"] == "CANCEL":
            self.entries.pop(uid, None)
        else:
            self.entries[uid] = sequence, event.decoded("DTSTART")


async def test_three_moves_and_a_cancellation_leave_no_entry(citizen: Citizen, mailbox: Mailbox) -> None:
    address, calendar = f"{uuid4()}@example.org", SimulatedCalendar()
    slots = await citizen.slots(concern="neuantrag")
    booked = (await citizen.book(slots[-1]["start"], email=address)).json()
    starts = [slots[-1 - 3 * n]["start"] for n in range(4)]
    for number, start in enumerate(starts):
        if number:
            moved = await citizen.move(booked["number"], booked["code"], start)
            assert moved.status_code == 200, moved.text
        mails = await mailbox.to(address, count=number + 1)
        calendar.take(mails[-1])
        assert list(calendar.entries.values()) == [(number, datetime.fromisoformat(start))]
    assert (await citizen.cancel(booked["number"], booked["code"])).status_code == 200
    mails = await mailbox.to(address, count=5)
    assert "Neue Zeit" in str(mails[3]["Subject"])
    calendar.take(mails[-1])
    assert calendar.entries == {}
    for late in reversed(mails):  # mails may arrive in any order
        calendar.take(late)
    assert calendar.entries == {}

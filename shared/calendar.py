"""The calendar entry of an appointment (RFC 5545, sent as in RFC 6047): same UID for ever, rising SEQUENCE."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from icalendar import Calendar, Event, vCalAddress, vText

from shared.tenants import Sender

PRODUCT = "-//Buergernah//Appointments//EN"


def build(
    content: Mapping[str, Any],
    *,
    sequence: int,
    cancelled: bool,
    summary: str,
    sender: Sender,
    email: str | None,
    now: datetime,
) -> tuple[str, str]:
    """Return the iTIP method and the calendar file's text. Times are in UTC, so it needs no time-zone block.

    `content`: `appointment_id`, `office`, `starts_at` and `ends_at` (ISO 8601); without `email` nobody is invited.
    """
    method = "CANCEL" if cancelled else "REQUEST" if email else "PUBLISH"
    office = content["office"]
    address = office["address"]
    event = Event()
    event.add("uid", f"{content['appointment_id']}@{sender.address.partition('@')[2]}")
    event.add("sequence", sequence)
    event.add("dtstamp", now)
    event.add("dtstart", datetime.fromisoformat(content["starts_at"]))
    event.add("dtend", datetime.fromisoformat(content["ends_at"]))
    event.add("summary", summary)
    if content.get("video_url"):
        event.add("location", content["video_url"])
    elif content.get("kind", "office") == "office":
        event.add("location", f"{office['name']}, {address['street']}, {address['postcode']} {address['city']}")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    organizer = vCalAddress(f"mailto:{sender.address}")
    organizer.params["CN"] = vText(sender.name)
    event.add("organizer", organizer)
    if email:
        attendee = vCalAddress(f"mailto:{email}")
        attendee.params.update({"PARTSTAT": vText("ACCEPTED"), "RSVP": vText("FALSE")})
        event.add("attendee", attendee)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return method, calendar.to_ical().decode()

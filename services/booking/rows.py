"""Rows of appointments as others are told of them: in events and in the API's documents."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.access import Access
from services.booking.queries import kinds_of
from shared import api, api_staff
from shared.contracts.values import Concern, Office

Appointment = Mapping[str, Any]  # a row of `appointments` with its office and concerns, as `queries` selects it


def event_values(row: Appointment) -> dict[str, Any]:
    """Return what every event of an appointment tells."""
    first, *others = (Concern(id=c["id"], name=c["name"], papers=c["papers"]) for c in row["concerns"])
    return {
        "appointment_id": row["id"],
        "version": row["version"],
        "number": row["number"],
        "channel": row["channel"],
        "office": Office(
            id=row["office_id"], name=row["office_name"], address=row["address"], zone=row["zone"], phone=row["phone"]
        ),
        "concern": first,
        "also": others,
        "kind": row["kind"],
        "video_url": _video_url(row),
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
    }


def document_values(row: Appointment, access: Access) -> dict[str, Any]:
    """Return what both documents of an appointment tell."""
    zone = ZoneInfo(row["zone"])
    first, *others = (concern(c, row["video_url"]) for c in row["concerns"])
    confirm_until = row["confirm_until"] if row["state"] == "unconfirmed" else None
    return {
        "id": row["id"],
        "number": row["number"],
        "code": access.code(row["id"]),
        "link": access.link(row["id"], row["number"]),
        "office": _office(row),
        "concern": first,
        "also": others,
        "kind": row["kind"],
        "video_url": _video_url(row),
        "start": row["starts_at"].astimezone(zone),
        "end": row["ends_at"].astimezone(zone),
        "name": row["name"],
        "state": row["state"],
        "confirm_until": confirm_until and confirm_until.astimezone(zone),
    }


def appointment(row: Appointment, access: Access) -> api.Appointment:
    """Return the document of an appointment."""
    own = {name: row[name] for name in ("mail", "waiting", "version")}
    return api.Appointment(**document_values(row, access), **own, has_email=bool(row["email"]))


def booked(row: Appointment, access: Access) -> api.BookedAppointment:
    """Return what its booking answered, whatever has become of it since."""
    state = "unconfirmed" if row["confirm_until"] else "booked"
    return api.BookedAppointment(**document_values({**row, "state": state}, access))


def staff_appointment(row: Appointment) -> api_staff.StaffAppointment:
    """Return the document of an appointment for the staff of its office."""
    zone = ZoneInfo(row["zone"])
    first, *others = (concern(c, row["video_url"]) for c in row["concerns"])
    as_they_are = ("id", "number", "channel", "kind", "name", "birth_date", "language", "interpreter", "needs", "state",
                   "outcome", "overbooked", "to_phone", "mail", "waiting", "version")  # fmt: skip
    confirm_until = row["confirm_until"] if row["state"] == "unconfirmed" else None
    return api_staff.StaffAppointment(
        **{name: row[name] for name in as_they_are},
        office=_office(row),
        concern=first,
        also=others,
        start=row["starts_at"].astimezone(zone),
        end=row["ends_at"].astimezone(zone),
        phone=row["call_number"],
        has_email=bool(row["email"]),
        confirm_until=confirm_until and confirm_until.astimezone(zone),
    )


def concern(row: Mapping[str, Any], video_url: str, together_with: list[str] | None = None) -> api.Concern:
    """Return the document of a concern at an office."""
    return api.Concern(
        id=row["id"],
        name=row["name"],
        minutes=row["minutes"],
        papers=row["papers"],
        kinds=kinds_of(row["kinds"], video_url),
        confirm_by_mail=row["confirm_minutes"] is not None,
        together_with=together_with or [],
    )


def _office(row: Appointment) -> api.Office:
    return api.Office(
        id=row["office_id"], name=row["office_name"], address=row["address"], phone=row["phone"], zone=row["zone"]
    )


def _video_url(row: Appointment) -> str:
    return str(row["video_url"]) if row["kind"] == "video" else ""

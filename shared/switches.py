"""What can be switched off, for a tenant or one office: each switch by name, and what people see when it is off.

The gateway owns the switches and tells them as events; every service decides by the same rule what holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Name = Literal["online-booking", "waitlist", "walk-in-tickets", "phone-arrival", "expected-wait", "call-voice"]
NAMES: Final[tuple[Name, ...]] = get_args(Name)
WHOLE_TENANT = ""  # in place of an office


@dataclass(frozen=True)
class Switch:
    """One behaviour. `title` and `when_off` are shown to staff; their translations are in the gateway's catalogues."""

    title: str
    when_off: str
    default: bool = True


SWITCHES: Final[Mapping[Name, Switch]] = {
    "online-booking": Switch(
        "Online booking",
        "Nobody can book or move an appointment online; the pages name the phone number. "
        "Appointments that are booked stay, and can be cancelled.",
    ),
    "waitlist": Switch(
        "Waiting list",
        "Nobody can join the waiting list, and an earlier time that becomes free is offered to nobody. "
        "Offers that were made stay.",
    ),
    "walk-in-tickets": Switch(
        "Tickets without an appointment",
        "Kiosk and phone give no tickets to people without an appointment; they are sent to reception.",
    ),
    "phone-arrival": Switch("Arrival by phone", "Nobody can check in with their own phone; kiosk and reception go on."),
    "expected-wait": Switch("Expected waiting time", "No page and no display says how long the wait is."),
    "call-voice": Switch("Spoken calls", "The display shows who is called and speaks no more."),
}


def is_on(name: Name, *, of_office: bool | None, of_tenant: bool | None) -> bool:
    """Tell what holds at an office: its own setting, else the tenant's, else the default; `None`: nothing was set."""
    for setting in (of_office, of_tenant):
        if setting is not None:
            return setting
    return SWITCHES[name].default


def key(tenant: str, office: str, name: str) -> str:
    """Return the id of a switch's setting, unique across tenants: the key of its events."""
    return f"{tenant}/{office}/{name}"

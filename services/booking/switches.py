"""What is switched on at an office, as the gateway's events have told it; before any has come, the defaults hold."""

from sqlalchemy import select

from services.booking import domain
from services.booking.models import switches
from shared.db import Session
from shared.switches import WHOLE_TENANT, Name
from shared.switches import is_on as holds


async def is_on(session: Session, office_id: str, name: Name) -> bool:
    """Tell whether a behaviour is on at an office; read once a transaction."""
    memo = "switches", session.tenant, office_id
    if memo not in session.memo:
        query = select(switches.c.office_id, switches.c.name, switches.c.is_on)
        found = await session.execute(query.where(switches.c.office_id.in_([office_id, WHOLE_TENANT])))
        session.memo[memo] = {(row.office_id, row.name): row.is_on for row in found}
    own = session.memo[memo]
    return holds(name, of_office=own.get((office_id, name)), of_tenant=own.get((WHOLE_TENANT, name)))


async def check_online_booking(session: Session, office_id: str, phone: str) -> None:
    """Raise `OnlineBookingOff`, which names the office's phone number."""
    if not await is_on(session, office_id, "online-booking"):
        detail = "This office takes no bookings online at the moment. Appointments that are booked stay."
        raise domain.OnlineBookingOff(f"{detail} Please call {phone}." if phone else detail)


async def check_waitlist(session: Session, office_id: str) -> None:
    """Raise `WaitlistOff`."""
    if not await is_on(session, office_id, "waitlist"):
        raise domain.WaitlistOff("This office has no waiting list at the moment. Your appointment stays as it is.")

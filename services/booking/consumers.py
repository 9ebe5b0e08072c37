"""Booking's Kafka door."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.booking.models import appointments, switches
from shared.contracts.gateway import SwitchSet
from shared.contracts.notifications import KeyAnnounced, MessageFailed, MessageSent
from shared.db import Session
from shared.inbox import Handlers
from shared.sealing import on_key_announced


async def on_message_sent(event: MessageSent, session: Session) -> None:
    """Show that the last message about an appointment is on its way."""
    await _set_mail(session, event, "sent")


async def on_message_failed(event: MessageFailed, session: Session) -> None:
    """Show that the last message could not be delivered, so that nobody waits for it."""
    await _set_mail(session, event, "failed")


async def on_switch_set(event: SwitchSet, session: Session) -> None:
    """Keep what holds from now on; what is older than what is known, as in a replay, changes nothing."""
    values = {"is_on": event.is_on, "version": event.version}
    row = {"tenant": session.tenant, "office_id": event.office_id, "name": event.switch, **values}
    newer = insert(switches).values(row)
    newer = newer.on_conflict_do_update(
        index_elements=switches.primary_key, set_=values, where=switches.c.version < event.version
    )
    await session.execute(newer)


async def _set_mail(session: Session, event: MessageSent | MessageFailed, state: str) -> None:
    # The state names the message that counts: after a cancellation, the confirmation's fate is no news.
    told = _STATE_TOLD.get(event.kind)
    last = update(appointments).where(appointments.c.id == event.about, appointments.c.state == told)
    await session.execute(last.values(mail=state))


# An offer tells nothing of the appointment itself.
_STATE_TOLD = {
    "appointment-requested": "unconfirmed",
    "appointment-booked": "booked",
    "appointment-moved": "booked",
    "appointment-cancelled": "cancelled",
}


HANDLERS: Handlers = {
    KeyAnnounced: on_key_announced,
    MessageSent: on_message_sent,
    MessageFailed: on_message_failed,
    SwitchSet: on_switch_set,
}

"""Booking's tables. All carry the tenant and are under row-level security."""

from services.booking.models.appointments import appointments as appointments
from services.booking.models.appointments import holds as holds
from services.booking.models.appointments import occupancies as occupancies
from services.booking.models.appointments import person_claims as person_claims
from services.booking.models.appointments import waitlist as waitlist
from services.booking.models.base import metadata as metadata
from services.booking.models.places import audit_entries as audit_entries
from services.booking.models.places import concerns as concerns
from services.booking.models.places import desks as desks
from services.booking.models.places import offices as offices
from services.booking.models.places import plans as plans
from services.booking.models.places import switches as switches
from services.booking.models.queue import open_desks as open_desks
from services.booking.models.queue import ticket_counters as ticket_counters
from services.booking.models.queue import tickets as tickets

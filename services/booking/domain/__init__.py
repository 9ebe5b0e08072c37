"""The rules of booking: which times an opening plan offers, why not others, and what may be changed when. Pure."""

from services.booking.domain.changes import check_can_cancel as check_can_cancel
from services.booking.domain.changes import check_can_move as check_can_move
from services.booking.domain.errors import AlreadyCancelled as AlreadyCancelled
from services.booking.domain.errors import AppointmentNotFound as AppointmentNotFound
from services.booking.domain.errors import AppointmentOver as AppointmentOver
from services.booking.domain.errors import IdempotencyKeyReused as IdempotencyKeyReused
from services.booking.domain.errors import PeriodTooLong as PeriodTooLong
from services.booking.domain.errors import SlotNotOffered as SlotNotOffered
from services.booking.domain.errors import SlotTaken as SlotTaken
from services.booking.domain.errors import UnknownConcern as UnknownConcern
from services.booking.domain.errors import UnknownOffice as UnknownOffice
from services.booking.domain.explanation import Explanation as Explanation
from services.booking.domain.explanation import explain as explain
from services.booking.domain.explanation import find_offered as find_offered
from services.booking.domain.plan import Closure as Closure
from services.booking.domain.plan import Hours as Hours
from services.booking.domain.plan import OtherHours as OtherHours
from services.booking.domain.plan import Plan as Plan
from services.booking.domain.plan import TeamPlan as TeamPlan
from services.booking.domain.slots import LONGEST_PERIOD_DAYS as LONGEST_PERIOD_DAYS
from services.booking.domain.slots import Busy as Busy
from services.booking.domain.slots import Rules as Rules
from services.booking.domain.slots import Slot as Slot
from services.booking.domain.slots import bookable_days as bookable_days
from services.booking.domain.slots import list_free as list_free
from services.booking.domain.slots import list_offered as list_offered

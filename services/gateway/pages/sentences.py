"""What is said on the way to an appointment: what is missing, and what booking has refused."""

from services.gateway.forms import FORGED
from services.gateway.render import N_
from services.gateway.wishes import EMAIL_NEEDED, KIND, PHONE_NEEDED

CHOOSE_CONCERN = N_("Please choose what the appointment is about.")
CHOOSE_OFFICE = N_("Please choose an office.")
OTHER_OFFICE = N_("This office does not deal with that. Please choose: %(offices)s.")
NOT_HERE = N_("This office does not deal with everything you had chosen. Left out: %(concerns)s.")
NOT_TOGETHER = N_(
    "Not all of this can be dealt with at one appointment. "
    "Please choose fewer, and book another appointment for the rest."
)
TOO_MUCH = N_(
    "Up to %(most)s concerns fit into one appointment. Please choose fewer, and book another appointment for the rest."
)
CHOOSE_TIME = N_("Please choose a time.")
TAKEN = N_("Somebody else has just booked this time. Please choose another; what you typed is kept.")
NOT_OFFERED = N_("This time cannot be booked any more. Please choose another; what you typed is kept.")
BOOKED_BEFORE = N_(
    "You have already booked an appointment from this page; you have its number. "
    "To book a second one, press the button once more."
)
HOLD_EXPIRED = N_("The time is no longer kept for you. It may still be free: please just go on.")
HELD_ENOUGH = N_("We cannot keep the time for you any longer than this. Please go on now; what you typed is kept.")
TOO_MANY = N_(
    "There are already as many appointments in this name as are possible for this concern. "
    "Please look at those first, or call us."
)
SOMEBODY_ELSES = N_(
    "There are already as many appointments in this name as are possible at once. "
    "If they are somebody else's, please give your date of birth. Otherwise please call us."
)
# What the page that a redirect leads to has to tell, by slug: its status, where, and what.
AFTER_REDIRECT = {
    "birth-date": (409, "birth_date", SOMEBODY_ELSES),
    "too-many-appointments": (409, "send", TOO_MANY),
    "email-needed": (422, "email", EMAIL_NEEDED),
    "phone-needed": (422, "phone", PHONE_NEEDED),
    "kind-not-offered": (422, "kind-1", KIND),
    "hold-expired": (409, "send", HOLD_EXPIRED),
    "hold-extended-enough": (409, "send", HELD_ENOUGH),
    "slot-taken": (409, "times", TAKEN),
    "slot-not-offered": (422, "times", NOT_OFFERED),
    "idempotency-key-reused": (422, "send", BOOKED_BEFORE),
    "key-missing": (422, "send", FORGED),
}

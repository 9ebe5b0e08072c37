"""Booking as lists and dictionaries in one process: what it must answer, said so simply that it can be believed.

One office, two desks, four times of half an hour: Tuesday and Thursday, 08:00 and 08:30. Each method does to the model
what the request does to booking and returns the problem that must be answered, empty when there is none.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
DESKS = 2
STARTS = [datetime(2026, 9, day, 8, minute, tzinfo=ZONE) for day in (8, 10) for minute in (0, 30)]
NEVER = datetime(2026, 9, 8, 8, 10, tzinfo=ZONE)  # no appointment begins then
CONFIRM = timedelta(minutes=30)  # `veraenderung` is confirmed by mail, `neuantrag` need not be
HOLD, EXTENSIONS = timedelta(minutes=10), 10
STAYS, RETURNS = timedelta(seconds=60), timedelta(seconds=900)  # what was given back is free between; chance says when


@dataclass(eq=False)
class Appointment:
    """An appointment; `events`: what was published of it, with versions."""

    booked: dict[str, Any]
    concern: str
    start: datetime
    email: bool
    confirm_until: datetime | None
    state: str
    version: int = 1
    events: list[tuple[str, int]] = field(default_factory=list)

    def change(self, event: str) -> None:
        """Count a version, of which an event tells."""
        self.version += 1
        self.events.append((event, self.version))


@dataclass
class Hold:
    """A time that a browser holds."""

    concern: str
    start: datetime
    until: datetime
    extended: int = 0


@dataclass(eq=False)
class Offer:
    """An earlier time that an appointment was offered; `open`: it takes a desk until its end."""

    to: Appointment
    start: datetime
    until: datetime
    answer: str = ""
    open: bool = True


@dataclass(eq=False)
class Returned:
    """A desk's time that an appointment gave back."""

    by: Appointment
    start: datetime
    at: datetime


@dataclass
class Model:
    """The office. `granted`, where it is given: how booking answered where only chance could know."""

    now: datetime
    holds: dict[str, Hold] = field(default_factory=dict)
    appointments: list[Appointment] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    waitlist: list[Appointment] = field(default_factory=list)

    def free(self, start: datetime, *, but: object = None) -> tuple[int, int]:
        """Return how many desks are free at least and at most, not counting what belongs to `but`."""
        sitting = [a for a in self.appointments if a.start == start and a is not but and self._sits(a)]
        held = [h for h in self.holds.values() if h.start == start and h is not but and h.until > self.now]
        offered = [o for o in self.offers if o.start == start and o.open and o.until > self.now]
        back = [self.now - r.at for r in self.returned if r.start == start and r.by is not but]
        certain = len(sitting) + len(held) + len(offered) + sum(age < STAYS for age in back)
        perhaps = sum(STAYS <= age < RETURNS for age in back)
        return max(0, DESKS - certain - perhaps), DESKS - certain

    def is_offered(self, start: datetime) -> bool:
        """Tell whether the plan offers a time: with a day's lead, so not today."""
        return start in STARTS and start.date() > self.now.astimezone(ZONE).date()

    def hold(self, browser: str, concern: str, start: datetime, *, granted: bool) -> str:
        mine = self.holds.get(browser)
        if mine and mine.until > self.now and (mine.concern, mine.start) == (concern, start):
            return ""
        if problem := self._cannot_take(start, granted=granted, but=mine):
            return problem
        self.holds[browser] = Hold(concern, start, _minute_after(self.now + HOLD))
        return ""

    def extend(self, browser: str) -> str:
        mine = self.holds.get(browser)
        if mine is None or mine.until <= self.now:
            return "hold-expired"
        if mine.extended == EXTENSIONS:
            return "hold-extended-enough"
        mine.until, mine.extended = _minute_after(self.now + HOLD), mine.extended + 1
        return ""

    def book(self, concern: str, start: datetime, browser: str, answer: dict[str, Any], *, email: bool) -> str:
        mine = self.holds.get(browser)
        is_mine = mine and min(mine.until, mine.start) > self.now and (mine.concern, mine.start) == (concern, start)
        if concern == "veraenderung" and not email:
            return "email-needed"
        if is_mine:
            del self.holds[browser]
        elif problem := self._cannot_take(start, granted="number" in answer):
            return problem
        waits = concern == "veraenderung"
        confirm_until = min(_minute_after(self.now + CONFIRM), start) if waits else None
        made = Appointment(answer, concern, start, email, confirm_until, "unconfirmed" if waits else "booked")
        made.events.append(("requested" if waits else "booked", 1))
        self.appointments.append(made)
        return ""

    def confirm(self, one: Appointment) -> str:
        if one.state == "cancelled":
            return "already-cancelled"
        if one.state == "unconfirmed":
            if not self._sits(one):
                return "confirmation-expired"
            one.state = "booked"
            one.change("booked")
        return ""

    def move(self, one: Appointment, start: datetime, *, granted: bool) -> str:
        if problem := self._cannot_move(one):
            return problem
        if start == one.start:
            return ""
        if problem := self._cannot_take(start, granted=granted, but=one):
            return problem
        self.returned = [r for r in self.returned if r.by is not one]
        self._move(one, start)
        return ""

    def cancel(self, one: Appointment) -> str:
        if one.state == "cancelled":
            return ""
        if one.start <= self.now:
            return "appointment-over"
        sat = self._sits(one)
        if one.state == "booked":
            one.change("cancelled")
        else:
            one.version += 1
        one.state = "cancelled"
        self.leave(one)
        self._withdraw_offers(one)
        if sat:
            self._give_back(one, one.start)
        return ""

    def join(self, one: Appointment) -> str:
        if problem := self._cannot_move(one):
            return problem
        if not one.email:
            return "email-needed"
        if one not in self.waitlist:
            self.waitlist.append(one)
        return ""

    def leave(self, one: Appointment) -> str:
        if one in self.waitlist:
            self.waitlist.remove(one)
        return ""

    def state_of(self, offer: Offer) -> str:
        """Return how it stands with an offer."""
        if offer.answer:
            return offer.answer
        if offer.to.state != "booked" or offer.to.start <= offer.start:
            return "gone"
        return "open" if offer.until > self.now else "missed"

    def accept(self, offer: Offer) -> str:
        if offer.answer == "accepted":
            return ""
        if self.state_of(offer) != "open":
            return "offer-gone"
        offer.answer, offer.open = "accepted", False
        self.leave(offer.to)
        self._move(offer.to, offer.start)
        return ""

    def decline(self, offer: Offer) -> str:
        if self.state_of(offer) in ("open", "gone"):
            offer.answer = "declined"
            if offer.open:
                offer.open = False
                self._give_back(offer.to, offer.start)
        return ""

    def _sits(self, one: Appointment) -> bool:
        confirmed = one.confirm_until is None or one.confirm_until > self.now
        return one.state == "booked" or (one.state == "unconfirmed" and confirmed)

    def _cannot_take(self, start: datetime, *, granted: bool, but: object = None) -> str:
        if not self.is_offered(start):
            return "slot-not-offered"
        least, most = self.free(start, but=but)
        return "" if least or (most and granted) else "slot-taken"

    def _cannot_move(self, one: Appointment) -> str:
        if one.state != "booked":
            return {"cancelled": "already-cancelled", "unconfirmed": "not-confirmed"}[one.state]
        return "appointment-over" if one.start <= self.now else ""

    def _move(self, one: Appointment, start: datetime) -> None:
        former, one.start = one.start, start
        one.change("moved")
        self._withdraw_offers(one)
        self._give_back(one, former)

    def _withdraw_offers(self, one: Appointment) -> None:
        """Pass on what is no improvement for an appointment any more."""
        for offer in [o for o in self.offers if o.to is one and o.open]:
            if one.state == "cancelled" or offer.start >= one.start:
                offer.open = False
                if offer.until > self.now:
                    offer.until = self.now
                    self._give_back(one, offer.start)

    def _give_back(self, freed: Appointment, start: datetime) -> None:
        if start <= self.now:
            return
        until = (self.now + min(timedelta(minutes=60), (start - self.now) / 2)).replace(second=0, microsecond=0)
        by_day = 8 <= self.now.astimezone(ZONE).hour < 20 and until - self.now >= timedelta(minutes=10)
        for one in self.waitlist if by_day and self.is_offered(start) else []:
            if one is not freed and one.start > start and one.state == "booked" and not self._asked_today(one):
                one.change("offered")
                self.offers.append(Offer(one, start, until))
                return
        self.returned.append(Returned(freed, start, self.now))

    def _asked_today(self, one: Appointment) -> bool:
        today = self.now.astimezone(ZONE).date()
        return any(o.to is one and o.until.astimezone(ZONE).date() == today for o in self.offers)


def _minute_after(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)

"""The public API's documents of figures: what statistics answers and the gateway hands on."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from shared.api import Document
from shared.contracts.applications import State


class OfficeFigure(Document):
    """How many appointments were booked for one office."""

    office: str
    name: str
    booked_online: int


class DayFigure(Document):
    """How many appointments were booked on one day."""

    day: date = Field(description="In the tenant's zone.")
    booked_online: int


class AppointmentFigures(Document):
    """Appointments of one month."""

    month: str = Field(description="YYYY-MM in the tenant's zone.")
    booked_online: int
    cancelled: int
    offices: list[OfficeFigure]
    days: list[DayFigure] = Field(description="Every day of the month up to today.")
    as_of: AwareDatetime


class SearchFigure(Document):
    """How often free times were searched. Who looks at several days of one page counts several times."""

    searches: int
    with_result: int = Field(description="How many of them found a free time.")
    share_with_result: float | None = Field(description="From 0 to 1; empty without searches.")


class NextFreeFigure(Document):
    """How far away the next free time was for those who searched one office and concern this month."""

    office: str
    name: str = Field(description="Of the office.")
    concern: str
    searches: int
    with_result: int
    share_with_result: float | None = Field(description="From 0 to 1.")
    median_days: float | None = Field(
        description="Days from today, over the searches that began today or at the earliest day that can be booked "
        "and found a time; empty when none did."
    )


Lead = Literal["same-day", "next-day", "2-3-days", "4-7-days", "8-14-days", "15-days-or-more"]


class KeptFigure(Document):
    """How many appointments were kept, that is: not cancelled. What else became of them is told by the outcomes."""

    lead: Lead = Field(description="Days from the booking to the last time of the appointment.")
    appointments: int
    kept_ratio: float | None = Field(description="From 0 to 1; empty when appointments are too few to tell.")


class BookingFigures(Document):
    """How easily appointments are found, and how many of them are kept."""

    month: str = Field(description="YYYY-MM in the tenant's zone.")
    searches_today: SearchFigure
    searches_this_month: SearchFigure
    next_free: list[NextFreeFigure] = Field(description="By office and concern that was searched this month.")
    kept_since: date = Field(description="Kept are counted among appointments from this day until now.")
    kept: list[KeptFigure]
    as_of: AwareDatetime


class Spread(Document):
    """How long it took for half of the people, and for nine of ten."""

    people: int
    median_minutes: float | None = Field(description="Empty when they are too few to tell.")
    p90_minutes: float | None


class OfficeWaitingFigure(Document):
    """How late appointments began at an office, and apart from that how long people waited without one."""

    office: str
    name: str
    appointment_delay: Spread = Field(
        description="From the time of the appointment to the call; of those who were there in time."
    )
    walk_in_wait: Spread = Field(description="From the arrival to the call; of people without an appointment.")


class WaitingFigures(Document):
    """How long people waited at the offices. No figure is of a desk, a team or a member of staff."""

    since: date = Field(description="Four weeks, from this day until now.")
    offices: list[OfficeWaitingFigure]
    as_of: AwareDatetime


class ProcessingFigure(Document):
    """How long applications for one benefit stayed in one state."""

    benefit: str
    state: State
    median_days: float
    p80_days: float = Field(description="Four of five left it no later.")
    cases: int


class ProcessingFigures(Document):
    """How long applications stay in each state. What too few have left is not told: one could be recognised."""

    since: date = Field(description="States that ended from this day until now.")
    states: list[ProcessingFigure]
    as_of: AwareDatetime


class Outcomes(Document):
    """How many appointments came to what. Nothing follows from any of it for anybody."""

    served: int
    missed: int = Field(description="Nobody came, and nobody had said so.")
    excused: int = Field(description="Could not come and said so; noted by the office.")
    cancelled: int = Field(description="By the person, in time.")
    cancelled_late: int = Field(description="By the person, so late that hardly anybody could use the time.")
    cancelled_by_office: int = Field(description="Also when the person had asked the office for it.")


class DayOutcomes(Document):
    """What became of the appointments of one day."""

    day: date = Field(description="Of the appointments' time, in the tenant's zone.")
    outcomes: Outcomes | None = Field(description="Empty when appointments are too few to tell.")


class ConcernOutcomes(Document):
    """What became of the appointments for one concern."""

    concern: str
    outcomes: Outcomes | None = Field(description="Empty when appointments are too few to tell.")


class OfficeOutcomes(Document):
    """What became of the appointments of one office."""

    office: str
    name: str
    outcomes: Outcomes | None = Field(description="Empty when appointments are too few to tell.")
    days: list[DayOutcomes] = Field(description="Those of which anything is known, in order.")
    concerns: list[ConcernOutcomes]


class OutcomeFigures(Document):
    """What became of appointments. No figure is of a person, a desk or a member of staff."""

    since: date = Field(description="Of appointments whose time lies in four weeks, from this day until now.")
    offices: list[OfficeOutcomes]
    as_of: AwareDatetime

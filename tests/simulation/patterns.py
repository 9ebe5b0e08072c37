"""How people come, and how long they are served, on the simulated days.

No figures of a real Jobcenter are public. Teams, concerns and hours are those of the sample tenants
(deploy/tenants/duesseldorf-beispiel.yml). What comes from elsewhere is said beside it; everything else is assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Concern:
    """What people come for. `planned` and `mean` minutes differ: nobody's plan is exact.

    `cv`: deviation by mean of the lognormal durations, whose form Brown et al. (2005) found at a bank's telephones.
    """

    planned: int
    mean: float
    cv: float
    share: float


@dataclass(frozen=True)
class Team:
    """Desks that serve the same concerns. `booked`: the share of their planned time that is booked as appointments.

    `walk_ins`: the planned time of people without an appointment by that of all desks, on an ordinary day.
    """

    desks: int
    concerns: dict[str, Concern]
    booked: float
    walk_ins: float


@dataclass(frozen=True)
class Opening:
    """A part of a day: hours since midnight, and how strongly people without appointment come in each half hour."""

    opens: float
    closes: float
    rush: Sequence[float]


@dataclass(frozen=True)
class Day:
    """A kind of day. `more`: people without an appointment, by those of an ordinary day."""

    openings: Sequence[Opening]
    more: float = 1.0


ENTRANCE = {
    "unterlagen": Concern(planned=10, mean=8.5, cv=0.7, share=0.5),
    "veraenderung": Concern(planned=20, mean=19.0, cv=0.6, share=0.3),
    "auskunft": Concern(planned=10, mean=11.5, cv=0.7, share=0.2),
}
BENEFITS = {
    "neuantrag": Concern(planned=30, mean=32.0, cv=0.5, share=0.3),
    "weiterbewilligung": Concern(planned=20, mean=18.0, cv=0.5, share=0.4),
    "bescheid": Concern(planned=20, mean=20.0, cv=0.6, share=0.3),
}
PLACEMENT = {"arbeitsberatung": Concern(planned=45, mean=41.0, cv=0.5, share=1.0)}
TEAMS = {
    "entrance, 8 desks": Team(8, ENTRANCE, booked=0.65, walk_ins=0.28),
    "entrance, 4 desks": Team(4, ENTRANCE, booked=0.70, walk_ins=0.25),
    "benefits, 5 desks": Team(5, BENEFITS, booked=0.70, walk_ins=0.22),
    "benefits, 3 desks": Team(3, BENEFITS, booked=0.70, walk_ins=0.20),
    "placement, 4 desks": Team(4, PLACEMENT, booked=0.75, walk_ins=0.12),
}

# Most come when the doors open, few in the last half hour.
MORNING = Opening(8, 12, (2.0, 1.4, 1.2, 1.1, 1.0, 0.8, 0.4, 0.1))
AFTERNOON = Opening(14, 18, (1.6, 1.2, 1.0, 1.0, 1.0, 0.8, 0.4, 0.1))
FIRST = Opening(8, 12, (4.0, 2.0, 1.4, 1.1, 0.9, 0.6, 0.3, 0.1))
DAYS = {
    "ordinary Tuesday": Day((MORNING,)),
    "Thursday with afternoon": Day((MORNING, AFTERNOON)),
    "first working day of a month": Day((FIRST,), more=1.5),
}

# Of those with an appointment. Early and late: normal about ten minutes before, 84 % before their time, as Cerruti et
# al. (2023) found at clinics (by the documentation of medscheduler); the rest is assumed: some come much too late.
NO_SHOW = 0.12
EARLY, SPREAD = 10.0, 9.8
MUCH_TOO_LATE, LATEST = 0.03, 45.0
DOORS = 10.0  # minutes before the desks open: tickets are given from then on
URGENT = 0.02  # of those without an appointment
LEAVE_SILENTLY, PATIENCE = 0.04, (15.0, 60.0)  # of the same; calling them in vain takes
IN_VAIN = 2.0
# Desks, in minutes: each opens late by a normal amount, never early, and pauses once a morning or afternoon.
OPENS_LATE, OPENS_LATE_SPREAD, OPENS_LATEST = 1.5, 2.5, 10.0
PAUSE_AFTER, PAUSE = (80.0, 160.0), (10.0, 20.0)
REACTION = 0.4  # mean, from a desk being free, or somebody coming to a free desk, to the call
# How much a day differs from another: of durations (a slow computer), of how many come without appointment.
SLOW_DAYS, FULL_DAYS = 0.05, 0.12

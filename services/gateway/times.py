"""Free times on pages where somebody chooses one: the times of one day, and the days beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from httpx import codes

from services.gateway import moments
from services.gateway.backend import Backend, Params, slug_of
from services.gateway.switches import BOOKING_OFF, OnlineBookingOff
from shared import clock
from shared.identity import Identity

LOOK_AHEAD_DAYS = 60
DAYS_AT_ONCE = 6

_NOT_HERE = "not-together", "unknown-office", "unknown-concern"  # the plan may have changed meanwhile


@dataclass(frozen=True)
class Choice:
    """What is shown: the chosen day and its times, days as (ISO, text, whether chosen), where others begin."""

    day: str
    times: Sequence[moments.Moment]
    days: Sequence[tuple[str, str, bool]]
    earlier: str
    later: str


async def choice(
    booking: Backend,
    tenant: str,
    language: str,
    office: str,
    concerns: Sequence[str],
    day: str,
    who: Identity | None = None,
) -> Choice | None:
    """Return the free times of a day, or of the first with any; `None` when no team does all of that (any more).

    For `who`, a member of staff, all desks are counted, and today already. Raises `ServiceAway`, `OnlineBookingOff`.
    """
    today = clock.now().date()
    period = {"from": (today - timedelta(days=1)).isoformat(), "to": str(today + timedelta(days=LOOK_AHEAD_DAYS))}
    params: Params = {"concern": concerns[0], "also": list(concerns[1:]), **period, **_day(day)}
    path = f"{'/staff' if who else ''}/offices/{office}/days"
    answer = await booking.ask("GET", path, tenant, params=params, who=who)
    if answer.status_code in (codes.NOT_FOUND, codes.UNPROCESSABLE_ENTITY) and slug_of(answer) in _NOT_HERE:
        return None
    if answer.status_code == codes.CONFLICT and slug_of(answer) == BOOKING_OFF:
        raise OnlineBookingOff("This office takes no bookings online at the moment.", office=office)
    if not answer.is_success:
        raise booking.away(f"status {answer.status_code}")
    found = answer.json()
    days, starts = found["days"], [datetime.fromisoformat(slot["start"]) for slot in found["slots"]]
    chosen = str(starts[0].date()) if starts else ""
    first = days.index(chosen) // DAYS_AT_ONCE * DAYS_AT_ONCE if chosen else 0
    return Choice(
        day=chosen and moments.long_date(date.fromisoformat(chosen), language),
        times=[moments.Moment.of(start, language) for start in starts],
        days=[
            (one, moments.short_date(date.fromisoformat(one), language), one == chosen)
            for one in days[first : first + DAYS_AT_ONCE]
        ],
        earlier=days[first - 1] if first else "",
        later=days[first + DAYS_AT_ONCE] if first + DAYS_AT_ONCE < len(days) else "",
    )


def _day(text: str) -> dict[str, str]:
    """Return the day that a page's address names; anything may stand there."""
    try:
        return {"day": date.fromisoformat(text).isoformat()}
    except ValueError:
        return {}

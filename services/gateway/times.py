"""Free times on pages where somebody chooses one: the times of one day, and the days beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from httpx import codes

from services.gateway import moments
from services.gateway.backend import Backend, Params, slug_of
from shared import clock

LOOK_AHEAD_DAYS = 60
DAYS_AT_ONCE = 6


@dataclass(frozen=True)
class Choice:
    """What is shown: the chosen day and its times, days as (ISO, text, whether chosen), where others begin."""

    day: str
    times: Sequence[moments.Moment]
    days: Sequence[tuple[str, str, bool]]
    earlier: str
    later: str


async def choice(
    booking: Backend, tenant: str, language: str, office: str, concerns: Sequence[str], day: str
) -> Choice | None:
    """Return the free times of a day, or of the first with any; `None` when no team does all of that together.

    Raises `ServiceAway`.
    """
    today = clock.now().date()
    period = {"from": (today - timedelta(days=1)).isoformat(), "to": str(today + timedelta(days=LOOK_AHEAD_DAYS))}
    params: Params = {"concern": concerns[0], "also": list(concerns[1:]), **period}
    answer = await booking.ask("GET", f"/offices/{office}/slots", tenant, params=params)
    if answer.status_code == codes.UNPROCESSABLE_ENTITY and slug_of(answer) == "not-together":
        return None
    if not answer.is_success:
        raise booking.away(f"status {answer.status_code}")
    starts = [datetime.fromisoformat(slot["start"]) for slot in answer.json()]
    free = {found.isoformat(): list(times) for found, times in groupby(starts, key=datetime.date)}
    days = list(free)
    chosen = day if day in free else next(iter(days), "")
    first = days.index(chosen) // DAYS_AT_ONCE * DAYS_AT_ONCE if chosen else 0
    return Choice(
        day=chosen and moments.long_date(date.fromisoformat(chosen), language),
        times=[moments.Moment.of(start, language) for start in free.get(chosen, [])],
        days=[
            (one, moments.short_date(date.fromisoformat(one), language), one == chosen)
            for one in days[first : first + DAYS_AT_ONCE]
        ],
        earlier=days[first - 1] if first else "",
        later=days[first + DAYS_AT_ONCE] if first + DAYS_AT_ONCE < len(days) else "",
    )

"""The homepage's figure as bars: appointments booked online in each week of the month, for chart and table alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

HEIGHT = 150  # of the highest bar, in pixels


@dataclass(frozen=True)
class Week:
    """What was booked from the first to the last day (both in the month), and how its bar is drawn."""

    first: date
    last: date
    booked: int
    running: bool
    left: float
    width: float
    height: int

    @property
    def middle(self) -> float:
        """Where its labels stand, in percent of the chart's width."""
        return self.left + self.width / 2


def weeks(days: Sequence[Mapping[str, Any]]) -> list[Week]:
    """Return the weeks (Monday to Sunday, cut at the month's ends) of the figures' `days`."""
    found = [(date.fromisoformat(day["day"]), int(day["booked_online"])) for day in days]
    groups = list(_by_week(found))
    most = max((sum(n for _, n in group) for group in groups), default=0)
    today = found[-1][0] if found else None
    made = []
    for position, group in enumerate(groups):
        first, booked = group[0][0], sum(n for _, n in group)
        last = min(first + timedelta(days=6 - first.weekday()), _month_end(first))
        share = 100 / len(groups)
        made.append(
            Week(
                first=first,
                last=last,
                booked=booked,
                running=today is not None and first <= today <= last,
                left=round(position * share + share * 0.14, 2),
                width=round(share * 0.72, 2),
                height=round(HEIGHT * booked / most) if most else 0,
            )
        )
    return made


def _by_week(days: Sequence[tuple[date, int]]) -> Iterator[list[tuple[date, int]]]:
    group: list[tuple[date, int]] = []
    for day in days:
        if group and day[0].weekday() == 0:
            yield group
            group = []
        group.append(day)
    if group:
        yield group


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)

"""Opening plans for the tests of the rules."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain import Busy, Plan, Rules, ticks

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def local(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """`2026-09-08 08:00` in a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(opens: str, closes: str, days: Sequence[str] = EVERY_DAY) -> dict[str, Any]:
    return {"days": list(days), "from": opens, "to": closes}


def rules(
    *windows: Mapping[str, Any],
    desks: Sequence[int] = (1, 2),
    minutes: int = 30,
    lead_days: int = 1,
    horizon_days: int = 14,
    closures: Sequence[Mapping[str, Any]] = (),
    holidays: Container[date] = (),
    zone: ZoneInfo = BERLIN,
    teams: Mapping[str, Any] | None = None,
    team_desks: Mapping[str, Sequence[int]] | None = None,
) -> Rules:
    """An office with one team that handles the concern `papers`, unless `teams` says otherwise."""
    given = teams or {"front": {"concerns": ["papers"], "hours": list(windows) or [hours("08:00", "10:00")]}}
    return Rules(
        zone=zone,
        holidays=holidays,
        plan=Plan.model_validate({"teams": given, "closures": list(closures)}),
        desks=team_desks or {"front": desks},
        concern_ids=["papers"],
        minutes=minutes,
        lead_days=lead_days,
        horizon_days=horizon_days,
    )


def busy(*taken: tuple[int, datetime, datetime]) -> list[Busy]:
    """Desks that are taken from one time to another; what overlaps becomes one, as the database would have it."""
    by_desk: dict[int, list[list[int]]] = {}
    for desk, start, end in sorted(taken):
        begins, ends = ticks(start), ticks(end)
        of_desk = by_desk.setdefault(desk, [])
        if of_desk and begins <= of_desk[-1][1]:
            of_desk[-1][1] = max(of_desk[-1][1], ends)
        else:
            of_desk.append([begins, ends])
    return [Busy(desk, [b for b, _ in found], [e for _, e in found]) for desk, found in by_desk.items()]

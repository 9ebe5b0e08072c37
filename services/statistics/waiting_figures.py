"""The figures of waiting: how late appointments begin, and apart from that, how long people wait without one."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Row

from services.statistics import domain, queries
from services.statistics.settings import StatisticsSettings
from shared import clock
from shared.api_figures import OfficeWaitingFigure, Spread, WaitingFigures
from shared.service import Service
from shared.tenants import Tenant

WAITING_DAYS = 28


def four_weeks(now: datetime, zone: ZoneInfo) -> tuple[date, datetime]:
    """Return the first day of the period, and its midnight in UTC."""
    since = now.astimezone(zone).date() - timedelta(days=WAITING_DAYS)
    return since, datetime.combine(since, time(), zone).astimezone(UTC)


async def waiting_figures(service: Service[StatisticsSettings], tenant: Tenant) -> WaitingFigures:
    """Return the delays and waits of four weeks, until now."""
    now, zone = clock.now(), ZoneInfo(tenant.zone)
    since, start = four_weeks(now, zone)
    async with service.database.transaction(tenant.id) as session:
        rows = await queries.measure_waiting(session, start, now)
    return WaitingFigures(
        since=since,
        offices=[
            OfficeWaitingFigure(
                office=row.office_id,
                name=row.office_name,
                appointment_delay=_spread(row, "delay"),
                walk_in_wait=_spread(row, "wait"),
            )
            for row in rows
        ],
        as_of=now.astimezone(zone),
    )


def _spread(row: Row[Any], figure: str) -> Spread:
    people, *minutes = (getattr(row, f"{figure}_{part}") for part in ("people", "median", "p90"))
    enough = people >= domain.FEWEST_APPOINTMENTS
    median, p90 = (round(value, 1) if enough else None for value in minutes)
    return Spread(people=people, median_minutes=median, p90_minutes=p90)

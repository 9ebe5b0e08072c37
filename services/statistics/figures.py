"""The figures of a tenant about appointments that were booked and cancelled."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.statistics import queries
from services.statistics.settings import StatisticsSettings
from shared import clock
from shared.api_figures import AppointmentFigures, DayFigure, OfficeFigure
from shared.service import Service
from shared.tenants import Tenant


def month_bounds(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start and end (exclusive) in UTC of the month that it is in a zone."""
    start = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start.astimezone(UTC), end.astimezone(UTC)


async def appointments_this_month(service: Service[StatisticsSettings], tenant: Tenant) -> AppointmentFigures:
    """Return how many appointments were booked and cancelled online this month."""
    now, zone = clock.now(), ZoneInfo(tenant.zone)
    start, end = month_bounds(now, zone)
    async with service.database.transaction(tenant.id) as session:
        rows = await queries.count_online(session, start, end)
        by_day = await queries.count_by_day(session, start, end, tenant.zone)
    booked = [
        OfficeFigure(office=r.office_id, name=r.office_name, booked_online=r.n) for r in rows if r.fact == "booked"
    ]
    first, today = start.astimezone(zone).date(), now.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    return AppointmentFigures(
        month=f"{now.astimezone(zone):%Y-%m}",
        booked_online=sum(office.booked_online for office in booked),
        cancelled=sum(row.n for row in rows if row.fact == "cancelled"),
        offices=booked,
        days=[DayFigure(day=day, booked_online=by_day.get(day, 0)) for day in days],
        as_of=now.astimezone(zone),
    )

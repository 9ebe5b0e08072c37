"""The figures of a tenant: for the public as JSON, for operators in /metrics."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from prometheus_client import Gauge

from services.statistics import queries
from services.statistics.settings import StatisticsSettings
from shared import clock
from shared.api import AppointmentFigures, DayFigure, OfficeFigure
from shared.service import Service
from shared.tenants import Tenant

BOOKED = Gauge(
    "statistics_appointments_booked_online_this_month", "Appointments booked online this month.", ["tenant", "office"]
)
CANCELLED = Gauge(
    "statistics_appointments_cancelled_this_month", "Online appointments cancelled this month.", ["tenant"]
)


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


class Exporter:
    """Keeps the gauges as fresh as a scrape needs; the database is asked at most every few seconds."""

    def __init__(self) -> None:
        self._read_at = float("-inf")

    async def refresh(self, service: Service[StatisticsSettings]) -> None:
        """Set the gauges from SQL: a counter in the process would double on redelivery and differ by replica."""
        if time.monotonic() - self._read_at < service.settings.figures_cache_seconds:
            return
        figures = {t.id: await appointments_this_month(service, t) for t in service.tenants.by_id.values()}
        BOOKED.clear()
        for tenant, found in figures.items():
            CANCELLED.labels(tenant).set(found.cancelled)
            for office in found.offices:
                BOOKED.labels(tenant, office.office).set(office.booked_online)
        self._read_at = time.monotonic()

"""The figures of applications: how long they stay in each state."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.statistics import domain, queries
from services.statistics.settings import StatisticsSettings
from shared import clock
from shared.api_figures import ProcessingFigure, ProcessingFigures
from shared.service import Service
from shared.tenants import Tenant

PROCESSING_DAYS = 180


async def processing_figures(service: Service[StatisticsSettings], tenant: Tenant) -> ProcessingFigures:
    """Return the durations of the states that applications have left in half a year, until now."""
    now, zone = clock.now(), ZoneInfo(tenant.zone)
    since = now.astimezone(zone).date() - timedelta(days=PROCESSING_DAYS)
    start = datetime.combine(since, time(), zone).astimezone(UTC)
    async with service.database.transaction(tenant.id) as session:
        rows = await queries.measure_processing(session, start, now, domain.FEWEST_APPOINTMENTS)
    return ProcessingFigures(
        since=since,
        states=[
            ProcessingFigure(
                benefit=row.benefit_id,
                state=row.state,
                median_days=round(row.median, 1),
                p80_days=round(row.p80, 1),
                cases=row.cases,
            )
            for row in rows
        ],
        as_of=now.astimezone(zone),
    )

"""The figures of booking: how easily a free time is found, and how many appointments are kept."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.statistics import domain, queries
from services.statistics.figures import month_bounds
from services.statistics.settings import StatisticsSettings
from shared import clock
from shared.api_figures import BookingFigures, KeptFigure, NextFreeFigure, SearchFigure
from shared.service import Service
from shared.tenants import Tenant

KEPT_DAYS = 90


async def booking_figures(service: Service[StatisticsSettings], tenant: Tenant) -> BookingFigures:
    """Return searches of today and this month, days to the next free time, and kept appointments of 90 days."""
    now, zone = clock.now(), ZoneInfo(tenant.zone)
    month, end = month_bounds(now, zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    kept_since = midnight.date() - timedelta(days=KEPT_DAYS)
    async with service.database.transaction(tenant.id) as session:
        rows = await queries.count_searches(session, month, midnight.astimezone(UTC), end)
        days = await queries.count_days_to_next(session, month, end)
        start = datetime.combine(kept_since, time(), zone).astimezone(UTC)
        kept = await queries.count_kept(session, start, now, tenant.zone)
    return BookingFigures(
        month=f"{midnight:%Y-%m}",
        searches_today=_searches((row.today, row.today_with_result) for row in rows),
        searches_this_month=_searches((row.searches, row.with_result) for row in rows),
        next_free=[
            NextFreeFigure(
                office=row.office_id,
                name=row.office_name,
                concern=row.concern_id,
                searches=row.searches,
                with_result=row.with_result,
                share_with_result=domain.share(row.with_result, row.searches),
                median_days=domain.median(days.get((row.office_id, row.concern_id), {})),
            )
            for row in rows
        ],
        kept_since=kept_since,
        kept=[KeptFigure.model_validate(each, from_attributes=True) for each in domain.kept_by_lead(kept)],
        as_of=now.astimezone(zone),
    )


def _searches(counts: Iterable[tuple[int, int]]) -> SearchFigure:
    searches, with_result = (sum(column) for column in zip((0, 0), *counts, strict=True))
    return SearchFigure(
        searches=searches, with_result=with_result, share_with_result=domain.share(with_result, searches)
    )

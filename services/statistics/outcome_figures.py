"""The figures of what became of appointments: served, missed, excused, cancelled in time, late, or by the office."""

from collections import Counter, defaultdict
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Row

from services.statistics import domain, queries
from services.statistics.settings import StatisticsSettings
from services.statistics.waiting_figures import four_weeks
from shared import clock
from shared.api_figures import ConcernOutcomes, DayOutcomes, OfficeOutcomes, OutcomeFigures, Outcomes
from shared.service import Service
from shared.tenants import Tenant


async def outcome_figures(service: Service[StatisticsSettings], tenant: Tenant) -> OutcomeFigures:
    """Return what became of the appointments of four weeks, until now."""
    now, zone = clock.now(), ZoneInfo(tenant.zone)
    since, start = four_weeks(now, zone)
    async with service.database.transaction(tenant.id) as session:
        rows = await queries.count_outcomes(session, start, now, tenant.zone)
    return OutcomeFigures(
        since=since,
        offices=[_of_office(list(found)) for _, found in groupby(rows, attrgetter("office_id"))],
        as_of=now.astimezone(zone),
    )


def _of_office(rows: list[Row[Any]]) -> OfficeOutcomes:
    whole = _by(rows, "office_id")
    return OfficeOutcomes(
        office=rows[0].office_id,
        name=rows[0].office_name,
        outcomes=whole[rows[0].office_id],
        days=[DayOutcomes(day=day, outcomes=outcomes) for day, outcomes in _by(rows, "day").items()],
        concerns=[
            ConcernOutcomes(concern=concern, outcomes=outcomes) for concern, outcomes in _by(rows, "concern_id").items()
        ],
    )


def _by(rows: list[Row[Any]], part: str) -> dict[Any, Outcomes | None]:
    """Return what became of the appointments of each part in order; of those too small to tell, nothing."""
    counts: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[getattr(row, part)][row.outcome] += row.n
    told = domain.parts_to_tell({value: found.total() for value, found in counts.items()})
    names = Outcomes.model_fields
    return {
        value: Outcomes(**{name: counts[value][name] for name in names}) if value in told else None
        for value in sorted(counts)
    }

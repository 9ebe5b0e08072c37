"""The figures of all tenants in /metrics, for operators."""

import time

from prometheus_client import Gauge

from services.statistics.booking_figures import booking_figures
from services.statistics.figures import appointments_this_month
from services.statistics.settings import StatisticsSettings
from shared.api import AppointmentFigures, BookingFigures
from shared.service import Service

BOOKED = Gauge(
    "statistics_appointments_booked_online_this_month", "Appointments booked online this month.", ["tenant", "office"]
)
CANCELLED = Gauge(
    "statistics_appointments_cancelled_this_month", "Online appointments cancelled this month.", ["tenant"]
)
SEARCHES = Gauge("statistics_searches_this_month", "Searches for free times this month.", ["tenant", "office"])
WITHOUT_RESULT = Gauge(
    "statistics_searches_without_result_this_month", "Of these, how many found none.", ["tenant", "office"]
)
KEPT = Gauge(
    "statistics_kept_ratio",
    "Share of appointments of the last 90 days that was not cancelled; missing when they are too few.",
    ["tenant", "lead"],
)


class Exporter:
    """Keeps the gauges as fresh as a scrape needs; the database is asked at most every few seconds."""

    def __init__(self) -> None:
        self._read_at = float("-inf")

    async def refresh(self, service: Service[StatisticsSettings]) -> None:
        """Set the gauges from SQL: a counter in the process would double on redelivery and differ by replica."""
        if time.monotonic() - self._read_at < service.settings.figures_cache_seconds:
            return
        figures = {
            tenant.id: (await appointments_this_month(service, tenant), await booking_figures(service, tenant))
            for tenant in service.tenants.by_id.values()
        }
        for gauge in (BOOKED, SEARCHES, WITHOUT_RESULT, KEPT):
            gauge.clear()
        for name, (appointments, booking) in figures.items():
            _show(name, appointments, booking)
        self._read_at = time.monotonic()


def _show(tenant: str, appointments: AppointmentFigures, booking: BookingFigures) -> None:
    CANCELLED.labels(tenant).set(appointments.cancelled)
    for office in appointments.offices:
        BOOKED.labels(tenant, office.office).set(office.booked_online)
    for searched in booking.next_free:
        SEARCHES.labels(tenant, searched.office).inc(searched.searches)
        WITHOUT_RESULT.labels(tenant, searched.office).inc(searched.searches - searched.with_result)
    for kept in booking.kept:
        if kept.kept_ratio is not None:
            KEPT.labels(tenant, kept.lead).set(kept.kept_ratio)

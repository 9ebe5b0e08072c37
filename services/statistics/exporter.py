"""The figures of all tenants in /metrics, for operators."""

import math
import time
from collections.abc import Mapping

from prometheus_client import Gauge

from services.statistics.booking_figures import booking_figures
from services.statistics.figures import appointments_this_month
from services.statistics.outcome_figures import outcome_figures
from services.statistics.settings import StatisticsSettings
from services.statistics.waiting_figures import waiting_figures
from shared.api_figures import AppointmentFigures, BookingFigures, OutcomeFigures, Outcomes, Spread, WaitingFigures
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
    "Share of appointments of the last 90 days that was not cancelled; not a number when they are too few.",
    ["tenant", "lead"],
)
DELAY = Gauge(
    "statistics_appointment_delay_minutes",
    "How late appointments of the last 28 days began, of who was there in time; not a number when they are too few.",
    ["tenant", "office", "quantile"],
)
WAIT = Gauge(
    "statistics_walk_in_wait_minutes",
    "How long people without an appointment waited in the last 28 days; not a number when they are too few.",
    ["tenant", "office", "quantile"],
)
OUTCOMES = Gauge(
    "statistics_appointment_outcomes",
    "What became of the appointments of the last 28 days; not a number when they are too few.",
    ["tenant", "office", "outcome"],
)


class Exporter:
    """Keeps the gauges as fresh as a scrape needs; the database is asked at most every few seconds."""

    def __init__(self) -> None:
        self._read_at: dict[str, float] = {}

    async def refresh(self, service: Service[StatisticsSettings]) -> None:
        """Set the gauges from SQL: a counter in the process would double on redelivery and differ by replica."""
        tenants = service.tenants.by_id
        if self._is_due("appointments", service.settings.figures_cache_seconds):
            appointments = {name: await appointments_this_month(service, tenants[name]) for name in tenants}
            _show_appointments(appointments)
            self._read_at["appointments"] = time.monotonic()
        if self._is_due("booking", service.settings.booking_figures_cache_seconds):
            booking = {name: await booking_figures(service, tenants[name]) for name in tenants}
            _show_booking(booking)
            self._read_at["booking"] = time.monotonic()
        if self._is_due("waiting", service.settings.booking_figures_cache_seconds):
            _show_waiting({name: await waiting_figures(service, tenants[name]) for name in tenants})
            self._read_at["waiting"] = time.monotonic()
        if self._is_due("outcomes", service.settings.booking_figures_cache_seconds):
            _show_outcomes({name: await outcome_figures(service, tenants[name]) for name in tenants})
            self._read_at["outcomes"] = time.monotonic()

    def _is_due(self, figures: str, seconds: float) -> bool:
        return time.monotonic() - self._read_at.get(figures, float("-inf")) >= seconds


def _show_appointments(figures: Mapping[str, AppointmentFigures]) -> None:
    BOOKED.clear()
    for tenant, found in figures.items():
        CANCELLED.labels(tenant).set(found.cancelled)
        for office in found.offices:
            BOOKED.labels(tenant, office.office).set(office.booked_online)


def _show_booking(figures: Mapping[str, BookingFigures]) -> None:
    for gauge in (SEARCHES, WITHOUT_RESULT, KEPT):
        gauge.clear()
    for tenant, found in figures.items():
        for searched in found.next_free:
            SEARCHES.labels(tenant, searched.office).inc(searched.searches)
            WITHOUT_RESULT.labels(tenant, searched.office).inc(searched.searches - searched.with_result)
        for kept in found.kept:
            KEPT.labels(tenant, kept.lead).set(math.nan if kept.kept_ratio is None else kept.kept_ratio)


def _show_waiting(figures: Mapping[str, WaitingFigures]) -> None:
    for gauge in (DELAY, WAIT):
        gauge.clear()
    for tenant, found in figures.items():
        for office in found.offices:
            _show_spread(DELAY, tenant, office.office, office.appointment_delay)
            _show_spread(WAIT, tenant, office.office, office.walk_in_wait)


def _show_outcomes(figures: Mapping[str, OutcomeFigures]) -> None:
    OUTCOMES.clear()
    for tenant, found in figures.items():
        for office in found.offices:
            for name in Outcomes.model_fields:
                told = math.nan if office.outcomes is None else getattr(office.outcomes, name)
                OUTCOMES.labels(tenant, office.office, name).set(told)


def _show_spread(gauge: Gauge, tenant: str, office: str, spread: Spread) -> None:
    for quantile, minutes in (("0.5", spread.median_minutes), ("0.9", spread.p90_minutes)):
        gauge.labels(tenant, office, quantile).set(math.nan if minutes is None else minutes)

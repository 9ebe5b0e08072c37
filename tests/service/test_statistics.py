"""Figures: what was booked and cancelled online this month, in the tenant's own month, each event once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from uuid_utils.compat import uuid7

from shared.api_figures import AppointmentFigures
from shared.contracts.booking import AppointmentCancelled
from tests.harness import events, kafka, metrics
from tests.harness.identity import Signed
from tests.harness.inprocess import moved_clock, served, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.receiving import receive
from tests.harness.waiting import eventually

OFFICES = {name: events.OFFICE.model_copy(update={"id": name, "name": name.title()}) for name in ("nord", "sued")}


@pytest.fixture
async def statistics(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "statistics") as running:
        yield running


def cancelled(at: datetime, office: str = "nord") -> AppointmentCancelled:
    values = events.booked(office=OFFICES[office], version=2).model_dump()
    return AppointmentCancelled.model_validate(values | {"cancelled_at": at, "cancelled_by": "citizen"})


async def figures(statistics: Running, now: datetime, tenant: str = "musterstadt") -> AppointmentFigures:
    with moved_clock(now):
        answer = await statistics.client.get("/appointments", auth=Signed("statistics", tenant))
    assert answer.status_code == 200
    return AppointmentFigures.model_validate(answer.json())


async def test_figures_are_of_this_month_in_the_tenants_zone(installation: Installation, statistics: Running) -> None:
    august, september = datetime(2026, 8, 31, 21, 30, tzinfo=UTC), datetime(2026, 8, 31, 22, 30, tzinfo=UTC)
    last, october = datetime(2026, 9, 30, 21, 59, tzinfo=UTC), datetime(2026, 9, 30, 23, 30, tzinfo=UTC)
    booked = [events.booked(office=OFFICES["nord"], booked_at=at) for at in (august, september, last, october)]
    await receive(installation, statistics, *booked, cancelled(august), cancelled(last), cancelled(last, "sued"))

    found = await figures(statistics, september)
    assert (found.month, found.booked_online, found.cancelled) == ("2026-09", 2, 2)
    found = await figures(statistics, august)
    assert (found.month, found.booked_online, found.cancelled) == ("2026-08", 1, 1)
    found = await figures(statistics, october)
    assert (found.month, found.booked_online, found.cancelled) == ("2026-10", 1, 0)
    found = await figures(statistics, datetime(2027, 9, 15, tzinfo=UTC))
    assert (found.month, found.booked_online, found.offices) == ("2027-09", 0, [])


async def test_figures_are_told_by_office_and_of_one_tenant_only(
    installation: Installation, statistics: Running
) -> None:
    now = datetime(2026, 9, 15, tzinfo=UTC)
    await receive(
        installation, statistics, *(events.booked(office=OFFICES[o], booked_at=now) for o in ("nord", "sued", "nord"))
    )
    await receive(installation, statistics, events.booked(booked_at=now), tenant="duesseldorf")
    found = await figures(statistics, now)
    assert [(o.office, o.name, o.booked_online) for o in found.offices] == [("nord", "Nord", 2), ("sued", "Sued", 1)]
    assert (await figures(statistics, now, "duesseldorf")).booked_online == 1


async def test_what_was_booked_by_phone_or_at_the_counter_is_not_online(
    installation: Installation, statistics: Running
) -> None:
    now = datetime(2026, 9, 15, tzinfo=UTC)
    by = [events.booked(channel=channel, booked_at=now) for channel in ("online", "phone", "counter")]
    await receive(installation, statistics, *by)
    assert (await figures(statistics, now)).booked_online == 1


async def test_an_event_that_comes_twice_counts_once_also_when_the_inbox_has_forgotten_it(
    installation: Installation, statistics: Running
) -> None:
    now, event, id_ = (
        datetime(2026, 9, 15, tzinfo=UTC),
        events.booked(booked_at=datetime(2026, 9, 2, tzinfo=UTC)),
        uuid7(),
    )
    await receive(installation, statistics, event, event, id_=id_)
    await receive(installation, statistics, event, id_=id_)
    assert (await figures(statistics, now)).booked_online == 1
    await installation.rows("statistics", "TRUNCATE inbox, aggregate_versions")
    await receive(installation, statistics, event, id_=id_)
    assert (await figures(statistics, now)).booked_online == 1


async def test_a_cancellation_before_its_booking_counts_as_well(
    installation: Installation, statistics: Running
) -> None:
    now = datetime(2026, 9, 15, tzinfo=UTC)
    taken_back = cancelled(now)
    booked = events.booked(appointment_id=taken_back.appointment_id, office=OFFICES["nord"], booked_at=now)
    await receive(installation, statistics, taken_back)
    await receive(installation, statistics, booked)
    found = await figures(statistics, now)
    assert (found.booked_online, found.cancelled) == (1, 1)


async def test_what_is_in_kafka_shows_in_the_public_figures_and_in_the_metrics(installation: Installation) -> None:
    async with (
        installation.app("statistics", figures_cache_seconds=0) as statistics,
        installation.app("gateway") as gateway,
        served(statistics.app, installation.ports["statistics"]),
    ):
        event = events.booked(office=OFFICES["nord"])
        record = events.record(installation, event)
        await kafka.produce(installation.kafka, [record, record, events.record(installation, events.booked())])

        async def public() -> bool:
            answer = await gateway.client.get("/api/v1/statistics/appointments")
            return AppointmentFigures.model_validate(answer.json()).booked_online == 2

        await eventually(public)
        page = (await statistics.client.get("/metrics")).text
        name, labels = "statistics_appointments_booked_online_this_month", {"tenant": "musterstadt"}
        assert metrics.value(name, page, office="nord", **labels) == 1
        assert metrics.value(name, page, **labels) == 2
        assert metrics.value(name, page, tenant="duesseldorf") == 0
        assert metrics.value("statistics_appointments_cancelled_this_month", page, **labels) == 0
        for backend in (gateway.app.state.booking, gateway.app.state.statistics):
            await backend.close()

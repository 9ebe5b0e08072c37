"""Figures of booking: how often a free time is found and how far away it is, and how many appointments are kept."""

import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from services.booking import searches as module
from shared.api_figures import BookingFigures
from shared.contracts.booking import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from shared.events import Event
from tests.harness import events, kafka, metrics
from tests.harness.chaos import count
from tests.harness.identity import Signed
from tests.harness.inprocess import moved_clock, served, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.reading import caught_up
from tests.harness.receiving import receive
from tests.harness.waiting import eventually

NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)  # a Thursday, 13:00 in Berlin, where the clock changed on 25 October
FEW = None


@pytest.fixture
async def statistics(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "statistics") as running:
        yield running


async def figures(statistics: Running, now: datetime = NOW, tenant: str = "musterstadt") -> BookingFigures:
    with moved_clock(now):
        answer = await statistics.client.get("/booking", auth=Signed("statistics", tenant))
    assert answer.status_code == 200, answer.text
    return BookingFigures.model_validate(answer.json())


def local(moment: str) -> datetime:
    """Return a moment; `+02:00` is Berlin's summer, `+01:00` its winter."""
    return datetime.fromisoformat(moment)


def booked(at: datetime, starts_at: datetime) -> AppointmentBooked:
    return events.booked(booked_at=at, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))


def moved(event: AppointmentBooked, at: datetime, starts_at: datetime, version: int = 2) -> AppointmentMoved:
    values = event.model_dump() | {"starts_at": starts_at, "version": version}
    return AppointmentMoved(**values, previous_starts_at=event.starts_at, moved_at=at, moved_by="citizen")


def cancelled(event: AppointmentBooked | AppointmentMoved, at: datetime) -> AppointmentCancelled:
    values = event.model_dump() | {"version": event.version + 1}
    return AppointmentCancelled(**values, cancelled_at=at, cancelled_by="citizen")


def kept(found: BookingFigures) -> dict[str, tuple[int, float | None]]:
    """Return what is told of lead times that have any appointments."""
    return {each.lead: (each.appointments, each.kept_ratio) for each in found.kept if each.appointments}


def searched(days: dict[int, int], **changes: Any) -> Event:
    pairs = [{"days": day, "searches": n} for day, n in days.items()]
    values = {"searches": sum(days.values()), "with_result": sum(days.values()), "days_to_next": pairs}
    return events.searched(**(values | changes))


async def test_nothing_searched_and_nothing_booked_is_told_as_such(statistics: Running) -> None:
    found = await figures(statistics)
    assert (found.searches_today.searches, found.searches_today.share_with_result) == (0, None)
    assert (found.searches_this_month.searches, found.next_free) == (0, [])
    assert {each.appointments for each in found.kept} == {0}
    assert len(found.kept) == 6


async def test_searches_are_added_up_over_today_and_this_month_of_the_tenants_zone(
    installation: Installation, statistics: Running
) -> None:
    for moment, searches in (
        ("2026-10-31T23:59+01:00", 1),
        ("2026-11-01T00:00+01:00", 10),
        ("2026-11-04T23:59+01:00", 100),
        ("2026-11-05T00:00+01:00", 1000),
        ("2026-12-01T00:00+01:00", 10000),
    ):
        counted = events.searched(counted_from=local(moment), searches=searches, with_result=searches // 2)
        await receive(installation, statistics, counted)
    found = await figures(statistics)
    assert (found.month, found.searches_today.searches, found.searches_today.with_result) == ("2026-11", 1000, 500)
    month = found.searches_this_month
    assert (month.searches, month.with_result, month.share_with_result) == (1110, 555, 0.5)


async def test_days_to_the_next_free_time_are_the_median_over_all_searches_of_an_office_and_concern(
    installation: Installation, statistics: Running
) -> None:
    other = events.OFFICE.model_copy(update={"id": "nord", "name": "Nord"})
    received = [
        searched({1: 2, 5: 1}, counted_from=NOW),
        searched({5: 3, 40: 1}, counted_from=NOW, searches=8),  # 1 1 5 5 5 5 40
        searched({1: 1, 2: 1}, counted_from=NOW, concern_id="unterlagen"),
        searched({7: 1}, counted_from=NOW, office=other),
        searched({}, counted_from=NOW, office=other, concern_id="unterlagen", searches=3, with_result=0),
        searched({60: 50}, counted_from=NOW - timedelta(days=31)),
    ]
    await receive(installation, statistics, *received)
    found = (await figures(statistics)).next_free
    assert [(each.office, each.concern, each.searches, each.with_result, each.median_days) for each in found] == [
        ("mitte", "neuantrag", 11, 7, 5),
        ("mitte", "unterlagen", 2, 2, 1.5),
        ("nord", "neuantrag", 1, 1, 7),
        ("nord", "unterlagen", 3, 0, None),
    ]
    assert [each.share_with_result for each in found] == [7 / 11, 1, 1, 0]
    assert found[2].name == "Nord"


async def test_counts_that_come_twice_count_once_and_those_of_two_replicas_both(
    installation: Installation, statistics: Running
) -> None:
    one, other, id_ = events.searched(counted_from=NOW), events.searched(counted_from=NOW), uuid7()
    await receive(installation, statistics, one, one, id_=id_)
    await receive(installation, statistics, one, id_=id_)
    await receive(installation, statistics, other)
    await receive(installation, statistics, one)  # published again under another id: the window is the same
    await installation.rows("statistics", "TRUNCATE inbox, aggregate_versions")
    await receive(installation, statistics, one, id_=id_)
    assert (await figures(statistics)).searches_this_month.searches == 20
    assert await count(installation, "statistics", "dead_letters") == 0


async def test_no_tenant_sees_the_figures_of_another(installation: Installation, statistics: Running) -> None:
    start = NOW - timedelta(days=2)
    for tenant, n in (("musterstadt", 5), ("duesseldorf", 7)):
        each = [booked(start - timedelta(days=1), start) for _ in range(n)]
        counted = searched({n: 1}, counted_from=NOW, searches=n)
        await receive(installation, statistics, *each, counted, tenant=tenant)
    for tenant, n in (("musterstadt", 5), ("duesseldorf", 7)):
        found = await figures(statistics, tenant=tenant)
        assert kept(found) == {"next-day": (n, 1)}
        assert (found.searches_today.searches, found.next_free[0].median_days) == (n, n)


async def test_appointments_are_kept_or_not_by_lead_time_on_both_sides_of_each_border(
    installation: Installation, statistics: Running
) -> None:
    start = local("2026-10-20T09:00+02:00")
    for days in (0, 1, 2, 3, 4, 7, 8, 14, 15, 60):
        three = [booked(start - timedelta(days=days, hours=1), start) for _ in range(3)]
        await receive(installation, statistics, *three, cancelled(three[0], start - timedelta(minutes=30)))
    assert kept(await figures(statistics)) == {
        "same-day": (3, FEW), "next-day": (3, FEW), "2-3-days": (6, 4 / 6), "4-7-days": (6, 4 / 6),
        "8-14-days": (6, 4 / 6), "15-days-or-more": (6, 4 / 6),
    }  # fmt: skip


async def test_days_of_a_lead_time_are_those_of_the_calendar_also_when_the_clock_changes(
    installation: Installation, statistics: Running
) -> None:
    for at, start, lead in (
        ("2026-10-20T23:59+02:00", "2026-10-21T00:01+02:00", "next-day"),  # of the calendar, not of hours
        ("2026-10-20T00:01+02:00", "2026-10-20T23:59+02:00", "same-day"),
        ("2026-10-24T00:30+02:00", "2026-10-25T23:30+01:00", "next-day"),  # 48 hours later
        ("2026-10-25T00:30+02:00", "2026-10-25T23:30+01:00", "same-day"),  # a day of 25 hours
        ("2026-10-24T23:30+02:00", "2026-10-28T00:30+01:00", "4-7-days"),
        ("2026-10-24T23:30+02:00", "2026-10-27T23:30+01:00", "2-3-days"),
    ):
        await receive(installation, statistics, *(booked(local(at), local(start)) for _ in range(5)))
        assert kept(await figures(statistics)) == {lead: (5, 1)}, (at, start)
        await installation.rows("statistics", "TRUNCATE appointment_facts")


async def test_a_moved_appointment_counts_once_with_its_last_time_whatever_comes_first(
    installation: Installation, statistics: Running
) -> None:
    at, days = local("2026-10-20T09:00+02:00"), timedelta(days=1)
    one, two, three, four, five = (booked(at, at + 10 * days) for _ in range(5))
    there = moved(two, at + days / 2, at + 4 * days)
    back = moved(two, at + days, at + 3 * days, version=3)
    out, taken_back = moved(three, at + days, NOW + days), moved(four, at + days, at + 2 * days)
    late = moved(five, at + days, at + 3 * days)
    await receive(installation, statistics, one, back, there, two, three, out, taken_back, late)
    await receive(installation, statistics, cancelled(taken_back, at + days * 1.5), four, five)
    assert kept(await figures(statistics)) == {"8-14-days": (1, FEW), "2-3-days": (3, FEW)}
    more = [booked(at, at + 2 * days) for _ in range(2)]
    await receive(installation, statistics, *more)
    assert kept(await figures(statistics))["2-3-days"] == (5, 4 / 5), "of five, one was moved and then cancelled"
    later = await figures(statistics, NOW + 2 * days)
    assert kept(later)["15-days-or-more"] == (1, FEW), "its time has passed by then"


async def test_only_times_that_have_passed_within_ninety_days_count(
    installation: Installation, statistics: Running
) -> None:
    first = local("2026-08-07T00:00+02:00")
    times = (first - timedelta(seconds=1), first, NOW - timedelta(seconds=1), NOW + timedelta(minutes=1))
    for start in times:
        await receive(installation, statistics, *(booked(start - timedelta(minutes=1), start) for _ in range(5)))
    found = await figures(statistics)
    assert found.kept_since == first.date()
    assert sum(each.appointments for each in found.kept) == 10


async def test_a_cancellation_whose_booking_is_still_on_its_way_is_left_out(
    installation: Installation, statistics: Running
) -> None:
    event = booked(NOW - timedelta(days=3), NOW - timedelta(days=1))
    await receive(installation, statistics, cancelled(event, NOW - timedelta(days=2)))
    assert kept(await figures(statistics)) == {}
    await receive(installation, statistics, event)
    assert kept(await figures(statistics)) == {"2-3-days": (1, FEW)}


async def test_what_two_replicas_of_booking_counted_is_in_the_public_figures_and_the_metrics(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.5)
    today = datetime.now(UTC)
    period = {"from": f"{today:%Y-%m-%d}", "to": f"{today + timedelta(days=14):%Y-%m-%d}"}
    async with (
        installation.app("booking") as one,
        installation.app("booking") as other,
        installation.app("statistics", booking_figures_cache_seconds=0) as statistics,
        installation.app("gateway") as gateway,
        served(statistics.app, installation.ports["statistics"]),
    ):
        for replica, times in ((one, 7), (other, 5)):
            for _ in range(times):
                params = {"concern": "weiterbewilligung", **period}
                await replica.client.get("/offices/mitte/slots", params=params, auth=Signed("booking"))
        past = [booked(today - timedelta(days=9), today - timedelta(days=4)) for _ in range(5)]
        await kafka.produce(installation.kafka, [events.record(installation, event) for event in past])
        nothing = events.record(installation, events.searched(office=events.OFFICE, with_result=0, days_to_next=[]))
        await kafka.produce(installation.kafka, [nothing, nothing])

        async def all_there() -> bool:
            found = await figures(statistics, datetime.now(UTC))
            return found.searches_this_month.searches == 22 and kept(found) == {"4-7-days": (5, 1)}

        await eventually(all_there)
        answer = await gateway.client.get("/api/v1/statistics/booking")
        assert answer.headers["cache-control"] == "no-store"
        found = BookingFigures.model_validate(answer.json())
        assert (found.searches_this_month.searches, kept(found)) == (22, {"4-7-days": (5, 1)})
        assert [(each.concern, each.searches) for each in found.next_free] == [
            ("neuantrag", 10), ("weiterbewilligung", 12),
        ]  # fmt: skip
        assert found.next_free[1].median_days is not None
        await caught_up(installation, "statistics")
        page, where = (await statistics.client.get("/metrics")).text, {"tenant": "musterstadt"}
        assert metrics.value("statistics_searches_this_month", page, office="mitte", **where) == 22
        assert metrics.value("statistics_searches_without_result_this_month", page, office="mitte", **where) == 10
        assert metrics.value("statistics_kept_ratio", page, lead="4-7-days", **where) == 1
        assert math.isnan(metrics.value("statistics_kept_ratio", page, lead="same-day", **where)), "too few to tell"
        assert metrics.value("statistics_searches_this_month", page, tenant="duesseldorf") == 0
        for backend in (gateway.app.state.booking, gateway.app.state.statistics):
            await backend.close()

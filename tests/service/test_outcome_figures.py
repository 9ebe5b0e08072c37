"""Figures of what became of appointments: each outcome apart, as booking told it last, in whatever order it comes."""

import math
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from random import shuffle
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from shared.api_figures import OutcomeFigures, Outcomes
from shared.contracts.booking import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentExcused,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentOutcomeWithdrawn,
    AppointmentServed,
)
from shared.events import Event
from tests.harness import events, kafka, metrics
from tests.harness.identity import Signed
from tests.harness.inprocess import moved_clock, served, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.receiving import receive
from tests.harness.waiting import eventually

NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)  # a Thursday; on 25 October the clock changed in Berlin
NORD = events.OFFICE.model_copy(update={"id": "nord", "name": "Nord"})
NONE = dict.fromkeys(Outcomes.model_fields, 0)


@pytest.fixture
async def statistics(installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(installation, "statistics") as running:
        yield running


def booked(starts_at: datetime = NOW - timedelta(days=2), **changes: Any) -> AppointmentBooked:
    times = {"starts_at": starts_at, "ends_at": starts_at, "booked_at": starts_at - timedelta(days=3)}
    return events.booked(**times | changes)


def became(event: AppointmentBooked, outcome: str, version: int = 2, **changes: Any) -> Event:
    """Return the event by which booking tells what has become of an appointment."""
    values = event.model_dump(exclude={"booked_at"}) | {"version": version} | changes
    at = event.starts_at
    other: dict[str, tuple[type[Event], dict[str, Any]]] = {
        "served": (AppointmentServed, {"served_at": at}),
        "missed": (AppointmentMissed, {"missed_at": at}),
        "excused": (AppointmentExcused, {"excused_at": at}),
        "arrived": (AppointmentArrived, {"arrived_at": at}),
        "withdrawn": (AppointmentOutcomeWithdrawn, {"withdrawn": "missed", "withdrawn_at": at}),
        "moved": (AppointmentMoved, {"previous_starts_at": at, "moved_at": at, "moved_by": "citizen"}),
        "cancelled": (AppointmentCancelled, {"cancelled_at": at, "cancelled_by": "citizen"}),
        "cancelled_late": (AppointmentCancelled, {"cancelled_at": at, "cancelled_by": "citizen", "late": True}),
        "cancelled_by_office": (AppointmentCancelled, {"cancelled_at": at, "cancelled_by": "office"}),
    }
    type_, own = other[outcome]
    return type_(**values | own)


def all_of(*counts: tuple[str, int], **changes: Any) -> list[Event]:
    """Return appointments that were booked and came to something."""
    each = [(booked(**changes), outcome) for outcome, n in counts for _ in range(n)]
    return [told for event, outcome in each for told in (event, became(event, outcome))]


async def figures(statistics: Running, tenant: str = "musterstadt", now: datetime = NOW) -> OutcomeFigures:
    with moved_clock(now):
        answer = await statistics.client.get("/outcomes", auth=Signed("statistics", tenant))
    assert answer.status_code == 200, answer.text
    return OutcomeFigures.model_validate(answer.json())


def told(outcomes: Outcomes | None) -> dict[str, int] | None:
    """Return what is told, without what is none."""
    return None if outcomes is None else {name: n for name, n in outcomes.model_dump().items() if n}


async def test_each_outcome_is_counted_apart_by_office_day_and_concern(
    installation: Installation, statistics: Running
) -> None:
    counts = (("served", 7), ("missed", 1), ("excused", 2), ("cancelled", 3), ("cancelled_late", 4))
    papers = events.CONCERN.model_copy(update={"id": "unterlagen"})
    other_day = {"starts_at": datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "concern": papers}  # the 25th in Berlin
    received = all_of(*counts, ("cancelled_by_office", 5)) + all_of(("missed", 6), **other_day)
    received += all_of(("served", 5), office=NORD)
    shuffle(received)
    await receive(installation, statistics, *received)
    found = await figures(statistics)
    mitte, nord = found.offices
    first = dict(counts) | {"cancelled_by_office": 5}
    assert (found.since, mitte.name) == (date(2026, 10, 8), events.OFFICE.name)
    assert told(mitte.outcomes) == first | {"missed": 7}
    assert [(one.day, told(one.outcomes)) for one in mitte.days] == [
        (date(2026, 10, 25), {"missed": 6}), (date(2026, 11, 3), first),
    ]  # fmt: skip
    assert [(one.concern, told(one.outcomes)) for one in mitte.concerns] == [
        ("neuantrag", first), ("unterlagen", {"missed": 6}),
    ]  # fmt: skip
    assert (nord.office, told(nord.outcomes)) == ("nord", {"served": 5})
    assert (await figures(statistics, "duesseldorf")).offices == []


async def test_what_came_last_counts_once_whatever_comes_first(installation: Installation, statistics: Running) -> None:
    histories = (
        (("missed", "withdrawn"), None),
        (("missed", "arrived", "served"), "served"),
        (("excused", "arrived"), None),
        (("missed", "withdrawn", "excused"), "excused"),
        (("excused", "moved"), None),
        (("excused", "cancelled_late"), "cancelled_late"),
    )
    received, expected = all_of(("served", 5)), {"served": 5}
    for outcomes, last in histories:
        event = booked()
        told_of_it = [event, *(became(event, outcome, version) for version, outcome in enumerate(outcomes, 2))]
        received += [*told_of_it, told_of_it[-1]]
        if last:
            expected[last] = expected.get(last, 0) + 1
    shuffle(received)
    for one in received:  # each in a batch of its own, and then all of them once more
        await receive(installation, statistics, one)
    await installation.rows("statistics", "TRUNCATE inbox, aggregate_versions")
    await receive(installation, statistics, *reversed(received))
    [office] = (await figures(statistics)).offices
    assert told(office.outcomes) == expected


async def test_only_times_of_the_last_four_weeks_count_and_only_of_what_was_booked(
    installation: Installation, statistics: Running
) -> None:
    first = datetime(2026, 10, 7, 22, 0, tzinfo=UTC)  # midnight in Berlin
    received = all_of(("served", 5), starts_at=first)
    received += all_of(("missed", 5), starts_at=first - timedelta(seconds=1))
    received += all_of(("cancelled", 5), starts_at=NOW + timedelta(minutes=1))  # their time is yet to come
    received += [became(booked(), "cancelled_by_office") for _ in range(5)]  # were never confirmed
    await receive(installation, statistics, *received)
    [office] = (await figures(statistics)).offices
    assert told(office.outcomes) == {"served": 5}


async def test_of_few_appointments_nothing_is_told_nor_left_to_be_computed(
    installation: Installation, statistics: Running
) -> None:
    days = [NOW - timedelta(days=n) for n in (4, 3, 2)]
    received = [e for day, n in zip(days, (1, 5, 6), strict=True) for e in all_of(("missed", n), starts_at=day)]
    await receive(installation, statistics, *received, *all_of(("missed", 4), office=NORD))
    mitte, nord = (await figures(statistics)).offices
    assert told(mitte.outcomes) == {"missed": 12}
    assert [told(one.outcomes) for one in mitte.days] == [None, None, {"missed": 6}], "12 - 6 - 5 would be the one"
    assert (nord.outcomes, [one.outcomes for one in nord.concerns]) == (None, [None])


async def test_nothing_that_is_kept_names_a_person_a_desk_or_a_member_of_staff(installation: Installation) -> None:
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'appointment_outcomes'"
    assert {row["column_name"] for row in await installation.rows("statistics", columns)} == {
        "appointment_id", "tenant", "version", "office_id", "office_name", "concern_id", "starts_at", "outcome",
    }  # fmt: skip


async def test_what_is_in_kafka_is_in_the_public_figures_and_in_the_metrics(installation: Installation) -> None:
    async with (
        installation.app("statistics", booking_figures_cache_seconds=0) as statistics,
        installation.app("gateway") as gateway,
        served(statistics.app, installation.ports["statistics"]),
    ):
        yesterday = datetime.now(UTC) - timedelta(days=1)
        mistaken, few = booked(yesterday), all_of(("served", 1), starts_at=yesterday, office=NORD)
        received = all_of(("excused", 5), ("cancelled_late", 2), starts_at=yesterday) + few
        received += [mistaken, became(mistaken, "withdrawn", 3), became(mistaken, "missed")]
        records = [events.record(installation, event, id_=uuid7()) for event in received]
        await kafka.produce(installation.kafka, [*records, *records])

        async def all_there() -> bool:
            answer = await gateway.client.get("/api/v1/statistics/outcomes")
            offices = OutcomeFigures.model_validate(answer.json()).offices
            expected = {"excused": 5, "cancelled_late": 2}
            return [told(one.outcomes) for one in offices] == [expected, None]

        await eventually(all_there)
        page, name = (await statistics.client.get("/metrics")).text, "statistics_appointment_outcomes"
        where = {"tenant": "musterstadt", "office": "mitte"}
        assert {outcome: metrics.value(name, page, outcome=outcome, **where) for outcome in NONE} == NONE | {
            "excused": 5, "cancelled_late": 2,
        }  # fmt: skip
        assert math.isnan(metrics.value(name, page, outcome="served", tenant="musterstadt", office="nord"))
        await gateway.app.state.statistics.close()

"""The inbox: whatever Kafka delivers, and however often, an event takes effect once and in its order."""

from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from shared import clock
from shared.contracts.booking import AppointmentCancelled
from tests.harness.chaos import count, no_dead_letters
from tests.harness.events import UNREADABLE, booked, changed, record
from tests.harness.installation import Installation
from tests.harness.kafka import produce
from tests.harness.metrics import value
from tests.harness.reading import caught_up

BOOKED = "booking.appointment-booked.v1"


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "in one batch"])
async def test_an_event_that_comes_five_times_takes_effect_once_and_counts_four_repeats(
    installation: Installation, *, together: bool
) -> None:
    async with installation.app("statistics"):
        event = record(installation, booked())
        repeated, consumed = value("events_repeated_total", type=BOOKED), value("events_consumed_total", type=BOOKED)
        for delivery in [[event] * 5] if together else [[event]] * 5:
            await produce(installation.kafka, delivery)
            await caught_up(installation, "statistics")
        assert await count(installation, "statistics", "appointment_facts") == 1
        assert await count(installation, "statistics", "inbox") == 1
        assert value("events_consumed_total", type=BOOKED) - consumed == 1
        assert value("events_repeated_total", type=BOOKED) - repeated == 4


async def test_an_event_older_than_what_was_seen_of_its_appointment_has_no_effect(installation: Installation) -> None:
    async with installation.app("notifications"):
        first = booked(recipient=UNREADABLE)
        second = AppointmentCancelled(
            **first.model_dump(exclude={"version", "booked_at"}),
            version=2, cancelled_at=clock.now(), cancelled_by="citizen",
        )  # fmt: skip
        stale = value("events_skipped_total", reason="stale")
        await produce(installation.kafka, [record(installation, second)])
        await caught_up(installation, "notifications")
        again = record(installation, second, id_=uuid7())
        await produce(installation.kafka, [record(installation, first), again])
        await caught_up(installation, "notifications")
        rows = await installation.rows("notifications", "SELECT kind FROM messages")
        assert [row["kind"] for row in rows] == ["appointment-cancelled"]
        assert value("events_skipped_total", reason="stale") - stale == 2


async def test_an_event_of_a_type_nobody_knows_here_is_skipped_and_counted(installation: Installation) -> None:
    async with installation.app("statistics"):
        unknown = value("events_skipped_total", reason="unknown-type")
        event = record(installation, booked(), partition=0)
        later = changed(record(installation, booked(), partition=0), ce_type=b"booking.appointment-imagined.v1")
        await produce(installation.kafka, [later, event, later])
        await caught_up(installation, "statistics")
        assert value("events_skipped_total", reason="unknown-type") - unknown == 2
        assert await count(installation, "statistics", "appointment_facts") == 1
    await no_dead_letters(installation, ["statistics"])


async def test_an_event_of_more_than_14_days_ago_mails_nobody_and_is_still_a_fact(installation: Installation) -> None:
    async with installation.app("notifications"), installation.app("statistics"):
        too_old = value("events_skipped_total", reason="too-old")
        old = record(installation, booked(recipient=UNREADABLE), at=clock.now() - timedelta(days=14, seconds=5))
        new = booked(recipient=UNREADABLE)
        young = record(installation, new, at=clock.now() - timedelta(days=13, hours=23))
        await produce(installation.kafka, [old, young])
        await caught_up(installation, "notifications", "statistics")
        rows = await installation.rows("notifications", "SELECT about FROM messages")
        assert [str(row["about"]) for row in rows] == [new.key]
        assert value("events_skipped_total", reason="too-old") - too_old == 1
        assert await count(installation, "statistics", "appointment_facts") == 2
    await no_dead_letters(installation, ["notifications", "statistics"])

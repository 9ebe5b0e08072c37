"""Poison among good events on every topic: each bad record is put aside as it came, all good ones take effect."""

import base64
import os
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from nacl.public import PrivateKey

from services.statistics.consumers import HANDLERS, on_appointment_booked
from shared import clock
from shared.contracts.booking import AppointmentBooked
from shared.contracts.notifications import KeyAnnounced, MessageSent
from shared.db import Session
from shared.dead_letters import decode_headers
from shared.events import Event
from shared.inbox import Handlers
from tests.harness.chaos import count, no_dead_letters
from tests.harness.events import CONCERN, OFFICE, TENANT, UNREADABLE, booked, changed, record
from tests.harness.installation import Installation
from tests.harness.kafka import Raw, produce
from tests.harness.messaging import release
from tests.harness.metrics import value
from tests.harness.reading import caught_up
from tests.harness.waiting import eventually

BOOKED = "booking.appointment-booked.v1"


def announced() -> KeyAnnounced:
    public = base64.b64encode(bytes(PrivateKey.generate().public_key)).decode()
    return KeyAnnounced(key_id=str(uuid4()), version=1, public_key=public, created_at=clock.now())


def message_sent() -> MessageSent:
    ids = {"message_id": uuid4(), "about": uuid4(), "event_id": uuid4()}
    return MessageSent(**ids, version=1, kind="appointment-booked", channel="email", sent_at=clock.now())


def poisoned(good: Raw) -> dict[str, Raw]:
    """Return the ways in which a record can be no event."""

    def with_body(body: bytes | None) -> Raw:
        return Raw(good.topic, good.key, good.headers, body, good.partition)

    return {
        "no JSON": with_body(b"{"),
        "JSON of another thing": with_body(b"[1, 2]"),
        "not UTF-8": with_body(b'{"version": "\xff"}'),
        "fields missing": with_body(b"{}"),
        "version of no kind": changed(good, body={"version": 0}),
        "no body": with_body(None),
        "900 kB of garbage": with_body(os.urandom(900_000)),
        "no headers": Raw(good.topic, None, [], good.value, good.partition),
        "no id": changed(good, ce_id=b""),
        "id that is none": changed(good, ce_id=b"4711"),
        "source not UTF-8": changed(good, ce_source=b"\xff\xfe"),
        "type without value": changed(good, ce_type=None),
        "time of no kind": changed(good, ce_time=b"yesterday"),
        "time without zone": changed(good, ce_time=b"2026-11-23T12:00:00"),
        "NUL in the tenant": changed(good, ce_id=str(uuid4()).encode(), ce_tenant=b"muster\0stadt"),
        "NUL in the time": changed(good, ce_time=b"2026-11-23\0"),
        "about another thing": changed(good, ce_subject=str(uuid4()).encode()),
    }


@pytest.mark.parametrize(
    ("make", "services"),
    [
        (lambda: booked(recipient=UNREADABLE), ("notifications", "statistics")),
        (message_sent, ("booking",)),
        (announced, ("booking", "feedback")),
    ],
    ids=["booking.appointment", "notifications.message", "notifications.key"],
)
async def test_each_bad_record_is_kept_as_it_came_and_all_good_events_around_it_take_effect(
    installation: Installation, make: Any, services: tuple[str, ...]
) -> None:
    good: list[Event] = []
    records: list[Raw] = []
    bad: dict[int, Raw] = {}
    for poison in poisoned(record(installation, make(), partition=0)).values():
        bad[len(records)] = poison
        good.append(make())
        # A header that is no concern of ours may be anything.
        fine = record(installation, good[-1], partition=0)
        records += [poison, Raw(fine.topic, fine.key, [*fine.headers, ("x-note", None)], fine.value, 0)]
    async with AsyncExitStack() as running:
        for service in services:
            await running.enter_async_context(installation.app(service))
        already = {service: await count(installation, service, "inbox") for service in services}
        places = await produce(installation.kafka, records)
        await caught_up(installation, *services)
    for service in services:
        kept = await installation.rows(service, "SELECT * FROM dead_letters ORDER BY id")
        assert [(row["topic"], row["partition"], row["offset"]) for row in kept] == [
            (raw.topic, *places[number]) for number, raw in bad.items()
        ]
        for row, raw in zip(kept, bad.values(), strict=True):
            assert decode_headers(row["headers"]) == list(raw.headers), row["error"]
            assert (row["key"], row["body"]) == (raw.key, raw.value), row["error"]
        assert await count(installation, service, "inbox") - already[service] >= len(good)
    found = {key for service in services for key in await effects(installation, service)}
    assert {event.key for event in good} <= found


async def effects(installation: Installation, service: str) -> set[str]:
    """Return the aggregates whose events have had an effect in a service."""
    query = {
        "notifications": "SELECT about::text AS key FROM messages",
        "statistics": "SELECT appointment_id::text AS key FROM appointment_facts",
        "booking": "SELECT key FROM aggregate_versions",
        "feedback": "SELECT key_id AS key FROM sealing_keys",
    }[service]
    return {row["key"] for row in await installation.rows(service, query)}


async def test_an_event_the_database_refuses_is_put_aside_alone_and_counted_as_what_it_is(
    installation: Installation,
) -> None:
    refused = booked(office=OFFICE.model_copy(update={"name": "Mit\0te"}))
    good = [booked(concern=CONCERN) for _ in range(20)]
    records = [record(installation, event, partition=0) for event in [*good[:10], refused, *good[10:]]]
    consumed = value("events_consumed_total", type=BOOKED)
    dead = value("events_dead_lettered_total", topic=records[0].topic)
    await produce(installation.kafka, records)
    async with installation.app("statistics"):
        await caught_up(installation, "statistics")
    assert await effects(installation, "statistics") == {event.key for event in good}
    [row] = await installation.rows("statistics", "SELECT * FROM dead_letters")
    assert (row["key"], row["tenant"], row["body"]) == (refused.key.encode(), TENANT, records[10].value)
    assert "Mit" not in row["error"], "an error's text may repeat what is in the row"
    assert value("events_dead_lettered_total", topic=records[0].topic) - dead == 1
    assert value("events_consumed_total", type=BOOKED) - consumed == len(good)


async def test_what_a_failing_handler_has_written_is_undone_and_its_neighbours_stay(installation: Installation) -> None:
    events = [booked() for _ in range(9)]

    async def fails_on_the_fifth(event: AppointmentBooked, session: Session) -> None:
        await on_appointment_booked(event, session)
        await session.flush()
        if event.key == events[4].key:
            raise KeyError("a fault of this release")

    await produce(installation.kafka, [record(installation, event, partition=0) for event in events])
    handlers: Handlers = {**dict(HANDLERS), AppointmentBooked: fails_on_the_fifth}
    async with release(installation, "statistics", handlers, versioned=False):
        await caught_up(installation, "statistics")
    assert await effects(installation, "statistics") == {event.key for event in events} - {events[4].key}
    [row] = await installation.rows("statistics", "SELECT * FROM dead_letters")
    assert row["key"] == events[4].key.encode()
    assert row["error"].startswith("KeyError")
    assert await count(installation, "statistics", "inbox") == 8


async def test_an_event_of_a_tenant_that_is_not_served_here_stops_nobody_elses_mail(installation: Installation) -> None:
    await installation.start("notifications", "mailbox", CLAIM_SECONDS="25")
    stranger = record(installation, booked(recipient=UNREADABLE), tenant="nowhere", partition=0)
    ours = [record(installation, booked(recipient=UNREADABLE), partition=0) for _ in range(5)]
    await produce(installation.kafka, [stranger, *ours])
    await caught_up(installation, "notifications")

    async def ended() -> bool:
        rows = await installation.rows("notifications", "SELECT tenant FROM messages WHERE state = 'failed'")
        return len([row for row in rows if row["tenant"] == TENANT]) == len(ours)

    await eventually(ended)
    assert installation.children["notifications"].process.returncode is None
    await no_dead_letters(installation, ["notifications"])

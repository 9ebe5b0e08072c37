"""The inbox: each event takes effect once. A batch of records becomes one transaction of effects and inbox rows.

What is read twice is dropped by its id, what is older than what was seen of its aggregate by its version, and
what can never be handled is put aside as a dead letter in the same transaction.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from shared import clock, dead_letters, metrics
from shared.careful import UnreadableRecord
from shared.db import Database, Session, is_transient
from shared.dead_letters import Record
from shared.events import BadEvent, Envelope, Event, parse
from shared.tracing import span

log = structlog.get_logger()

Handler = Callable[[Any, Session], Awaitable[None]]
Handlers = Mapping[type[Event], Handler]

_CLAIM = text(
    "INSERT INTO inbox (ce_id, tenant, received_at) "
    "SELECT id, tenant, :now FROM unnest(CAST(:ids AS uuid[]), CAST(:tenants AS text[])) AS new (id, tenant) "
    "ON CONFLICT DO NOTHING RETURNING ce_id"
)
_VERSIONS = text(
    "SELECT topic, key, version FROM aggregate_versions "
    "JOIN unnest(CAST(:topics AS text[]), CAST(:keys AS text[])) AS wanted (topic, key) USING (topic, key)"
)
_KEEP_VERSIONS = text(
    "INSERT INTO aggregate_versions (topic, key, version, tenant, seen_at) SELECT topic, key, version, tenant, :now "
    "FROM unnest(CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:versions AS int[]), CAST(:tenants AS text[])) "
    "AS new (topic, key, version, tenant) ORDER BY topic, key "
    "ON CONFLICT (topic, key) DO UPDATE SET version = excluded.version, seen_at = excluded.seen_at "
    "WHERE aggregate_versions.version < excluded.version"
)


class TooManyDeadLetters(Exception):
    """So many records in a row failed that the fault is more likely in this release than in them."""


@dataclass
class Outcome:
    """What became of a batch; counted only once it is committed."""

    done: list[Event] = field(default_factory=list)
    repeated: list[Event] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    dead: list[Record] = field(default_factory=list)
    dead_in_a_row: int = 0


class Inbox:
    """Applies records to one service's database."""

    def __init__(
        self,
        database: Database,
        handlers: Handlers,
        *,
        versioned: bool,
        max_age: timedelta | None,
        dead_letter_limit: int,
    ) -> None:
        self._database = database
        self._types = {handled.type: handled for handled in handlers}
        self._handlers = {handled.type: handler for handled, handler in handlers.items()}
        self._versioned = versioned
        self._max_age = max_age
        self._limit = dead_letter_limit
        self._dead_in_a_row = 0

    async def handle(self, records: Sequence[Record]) -> None:
        """Apply a batch: all of it commits, or none and the error is raised (then Kafka delivers it again).

        Raises `TooManyDeadLetters` when more records in a row fail than allowed.
        """
        try:
            async with self._database.transaction() as session:
                outcome = await self._apply(session, records, one_by_one=False)
        except Exception as error:
            if is_transient(error):
                raise
            log.warning("batch failed, trying its records one by one", error=type(error).__name__)
            async with self._database.transaction() as session:
                outcome = await self._apply(session, records, one_by_one=True)
        self._count(outcome)

    async def replay(self, session: Session, record: Record) -> None:
        """Apply one dead letter again inside the caller's transaction; raises what its handler raises."""
        event = self._read(record)
        if isinstance(event, str):
            raise BadEvent(f"it has no effect here: {event}")
        outcome = Outcome()
        await self._apply_events(session, [event], outcome)
        await session.set_tenant("")

    async def _apply(self, session: Session, records: Sequence[Record], *, one_by_one: bool) -> Outcome:
        outcome = Outcome()
        events: list[Event] = []
        outcome.dead_in_a_row = self._dead_in_a_row
        for record in records:
            try:
                event = self._read(record)
            except BadEvent as error:
                self._put_aside(session, record, error, outcome)
                continue
            if isinstance(event, str):
                outcome.skipped[event] += 1
            elif not one_by_one:
                events.append(event)
                outcome.dead_in_a_row = 0
            else:
                try:
                    async with session.savepoint():
                        await self._apply_events(session, [event], outcome)
                    outcome.dead_in_a_row = 0
                except Exception as error:
                    if is_transient(error):
                        raise
                    await session.set_tenant("")
                    self._put_aside(session, record, error, outcome)
        await self._apply_events(session, events, outcome)
        return outcome

    def _read(self, record: Record) -> Event | str:
        """Return the event in a record, or the reason why it has no effect here."""
        if isinstance(record, UnreadableRecord):
            raise BadEvent("the name of a header is not UTF-8; read the record in Kafka")
        envelope = Envelope.from_headers(record.headers)
        if envelope.type not in self._types:
            return "unknown-type"
        if self._max_age is not None and clock.now() - envelope.time > self._max_age:
            return "too-old"
        return parse(envelope, record.value, self._types)

    async def _apply_events(self, session: Session, events: Sequence[Event], outcome: Outcome) -> None:
        if not events:
            return
        by_id: dict[UUID, Event] = {}
        for event in events:
            by_id.setdefault(event.envelope.id, event)
        claim = {
            "ids": list(by_id),
            "tenants": [event.envelope.tenant for event in by_id.values()],
            "now": clock.now(),
        }
        new = set((await session.execute(_CLAIM, claim)).scalars())
        fresh = [event for id_, event in by_id.items() if id_ in new]
        first = {id(event) for event in fresh}
        outcome.repeated += [event for event in events if id(event) not in first]
        by_tenant: dict[str, list[Event]] = defaultdict(list)
        for event in await self._drop_stale(session, fresh, outcome) if self._versioned else fresh:
            by_tenant[event.envelope.tenant].append(event)
        for tenant, group in by_tenant.items():
            await session.set_tenant(tenant)
            for event in group:
                with span(event.type, event.envelope.traceparent):
                    await self._handlers[event.type](event, session)
        await session.flush()
        outcome.done += [event for group in by_tenant.values() for event in group]

    async def _drop_stale(self, session: Session, events: Sequence[Event], outcome: Outcome) -> list[Event]:
        """Leave out events that are not newer than what was seen of their aggregate; remember the newest."""
        keys = {(event.topic, event.key): event.envelope.tenant for event in events}
        arrays = {"topics": [topic for topic, _ in keys], "keys": [key for _, key in keys]}
        found = await session.execute(_VERSIONS, arrays)
        seen: dict[tuple[str, str], int] = {(row.topic, row.key): row.version for row in found}
        kept = []
        for event in events:
            if event.version > seen.get((event.topic, event.key), 0):
                seen[event.topic, event.key] = event.version
                kept.append(event)
            else:
                outcome.skipped["stale"] += 1
        newest = arrays | {
            "versions": [seen[key] for key in keys],
            "tenants": list(keys.values()),
            "now": clock.now(),
        }
        await session.execute(_KEEP_VERSIONS, newest)
        return kept

    def _put_aside(self, session: Session, record: Record, error: Exception, outcome: Outcome) -> None:
        dead_letters.put(session, record, error)
        outcome.dead.append(record)
        outcome.dead_in_a_row += 1
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.error("dead letter", error=type(error).__name__, **where)
        if outcome.dead_in_a_row > self._limit:
            raise TooManyDeadLetters(f"more than {self._limit} dead letters in a row")

    def _count(self, outcome: Outcome) -> None:
        self._dead_in_a_row = outcome.dead_in_a_row
        now = clock.now()
        for event in outcome.done:
            metrics.EVENTS_CONSUMED.labels(event.type).inc()
            metrics.EVENT_END_TO_END.labels(event.type).observe((now - event.envelope.time).total_seconds())
        for event in outcome.repeated:
            metrics.EVENTS_REPEATED.labels(event.type).inc()
        for reason, count in outcome.skipped.items():
            metrics.EVENTS_SKIPPED.labels(reason).inc(count)
        for record in outcome.dead:
            metrics.EVENTS_DEAD_LETTERED.labels(record.topic).inc()

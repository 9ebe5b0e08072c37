"""Applies dead letters again that someone has marked with `python -m shared.dead_letters … replay`."""

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Row

from shared import dead_letters, metrics
from shared.db import Database, Session, is_transient
from shared.dead_letters import decode_headers
from shared.inbox import Inbox
from shared.models import dead_letters as table

log = structlog.get_logger()

POLL_SECONDS = 2.0


@dataclass(frozen=True)
class StoredRecord:
    """A dead letter in the shape of a Kafka record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: list[tuple[str, bytes | None]]
    value: bytes | None


async def run(database: Database, inbox: Inbox) -> None:
    """Look for marked dead letters for ever; one that fails again stays, with its new error."""
    while True:
        try:
            async with database.transaction() as session:
                await _replay_marked(session, inbox)
                metrics.DEAD_LETTERS.set(await dead_letters.count(session))
        except Exception as error:
            if not is_transient(error):
                raise
        await asyncio.sleep(POLL_SECONDS)


async def _replay_marked(session: Session, inbox: Inbox) -> None:
    marked = select(table).where(table.c.replay_at.is_not(None)).order_by(table.c.id).limit(50)
    for row in (await session.execute(marked.with_for_update(skip_locked=True))).all():
        try:
            async with session.savepoint():
                await inbox.replay(session, _record(row))
                await session.execute(delete(table).where(table.c.id == row.id))
            log.info("dead letter replayed", id=row.id)
        except Exception as error:
            if is_transient(error):
                raise
            await session.set_tenant("")
            again = update(table).where(table.c.id == row.id)
            await session.execute(again.values(replay_at=None, error=dead_letters.describe(error)))
            log.warning("dead letter failed again", id=row.id, error=type(error).__name__)


def _record(row: Row[Any]) -> StoredRecord:
    return StoredRecord(row.topic, row.partition, row.offset, row.key, decode_headers(row.headers), row.body)

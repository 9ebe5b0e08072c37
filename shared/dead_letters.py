"""Dead letters: records that cannot be handled, kept as they came, and the command that works on them.

    python -m shared.dead_letters SERVICE list|show ID|replay ID…|drop ID…

`replay` marks them; the running service applies them again, through the same inbox and version check.
"""

import argparse
import asyncio
import base64
import json
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared import clock
from shared.db import Database, Session, sqlstate
from shared.models import dead_letters
from shared.settings import Settings

_PUT = insert(dead_letters).on_conflict_do_nothing(constraint="uq_dead_letters_topic_partition_offset")


class Record(Protocol):
    """What is needed of aiokafka's `ConsumerRecord`."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...
    @property
    def value(self) -> bytes | None: ...


def put(session: Session, record: Record, error: Exception) -> None:
    """Keep a record with the reason why it could not be handled."""
    tenant = next((value for name, value in record.headers if name == "ce_tenant" and value), b"")
    row = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "headers": [[name.replace("\0", ""), _encode(value)] for name, value in record.headers],
        "body": record.value,
        "tenant": tenant.decode(errors="replace").replace("\0", ""),
        "error": describe(error),
        "created_at": clock.now(),
    }
    session.execute_later(_PUT, row)


def describe(error: Exception) -> str:
    """Say what went wrong. The text of a database error would repeat the row, so only its class is kept."""
    cause = getattr(error, "orig", None)
    text = f"{type(error).__name__}: {error}" if cause is None else f"{type(cause).__name__} {sqlstate(error)}"
    return text.replace("\0", "")[:2000]


def _encode(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def decode_headers(stored: Sequence[Sequence[Any]]) -> list[tuple[str, bytes | None]]:
    """Return the headers of a stored record as Kafka delivered them."""
    return [(name, None if value is None else base64.b64decode(value)) for name, value in stored]


async def _list(session: Session) -> int:
    rows = (await session.execute(select(dead_letters).order_by(dead_letters.c.id))).all()
    for row in rows:
        state = "replaying" if row.replay_at else "waiting"
        where = f"{row.topic}/{row.partition}@{row.offset}"
        print(f"{row.id:>6}  {row.created_at:%Y-%m-%d %H:%M:%S}  {state:9}  {where}  {row.error}")
    print(f"{len(rows)} dead letters")
    return 0


async def _show(session: Session, ids: list[int]) -> int:
    rows = (await session.execute(select(dead_letters).where(dead_letters.c.id.in_(ids)))).all()
    for row in rows:
        headers = {
            name: None if value is None else value.decode(errors="replace")
            for name, value in decode_headers(row.headers)
        }
        print(json.dumps({"id": row.id, "error": row.error, "headers": headers}, indent=2, ensure_ascii=False))
        print((row.body or b"").decode(errors="replace"))
    return _missing(ids, len(rows))


async def _replay(session: Session, ids: list[int]) -> int:
    marked = update(dead_letters).where(dead_letters.c.id.in_(ids)).values(replay_at=clock.now())
    count = (await session.execute(marked)).rowcount
    print(f"{count} marked; the running service applies them within seconds. See `list` for what remains.")
    return _missing(ids, count)


async def _drop(session: Session, ids: list[int]) -> int:
    count = (await session.execute(delete(dead_letters).where(dead_letters.c.id.in_(ids)))).rowcount
    print(f"{count} dropped")
    return _missing(ids, count)


def _missing(ids: list[int], found: int) -> int:
    if found < len(set(ids)):
        print(f"{len(set(ids)) - found} of these ids are not there; see `list`.", file=sys.stderr)
    return int(found < len(set(ids)))


async def count(session: Session) -> int:
    """Return how many dead letters wait."""
    return int((await session.execute(select(func.count()).select_from(dead_letters))).scalar_one())


async def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m shared.dead_letters", description=__doc__)
    parser.add_argument("service")
    parser.add_argument("action", choices=["list", "show", "replay", "drop"])
    parser.add_argument("ids", type=int, nargs="*")
    given = parser.parse_args(arguments)
    if given.action != "list" and not given.ids:
        parser.error(f"{given.action} needs at least one id; `list` shows them")
    database = Database(Settings().database_of(given.service))
    try:
        async with database.transaction() as session:
            match given.action:
                case "list":
                    return await _list(session)
                case "show":
                    return await _show(session, given.ids)
                case "replay":
                    return await _replay(session, given.ids)
                case _:
                    return await _drop(session, given.ids)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

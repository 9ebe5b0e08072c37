"""Reading applications, each with its papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.engine import RowMapping

from services.applications import domain
from services.applications.models import applications, documents, items, steps
from shared.contracts.values import Paper
from shared.db import Session

Row = Mapping[str, Any]


@dataclass
class Case:
    """An application with its papers, in the transaction that has read and locked it; it is changed here first."""

    row: dict[str, Any]
    items: list[dict[str, Any]]
    _changed: set[str] = field(default_factory=set)

    @property
    def missing(self) -> list[Paper]:
        """What the person still has to hand in."""
        return [paper(item) for item in self.items if domain.is_missing(item)]

    def item(self, item_id: str) -> dict[str, Any]:
        """Return a paper; raise `UnknownItem`."""
        found = next((item for item in self.items if item["item_id"] == item_id), None)
        if found is None:
            raise domain.UnknownItem("This application needs no such paper.")
        return found

    def change(self, **values: Any) -> None:  # noqa: ANN401  a column's value
        """Change the application; `save` writes it."""
        self.row |= values
        self._changed |= values.keys()

    async def save(self, session: Session) -> None:
        """Write what was changed of the application itself."""
        changes = {name: self.row[name] for name in sorted(self._changed)}
        if changes:
            await session.execute(update(applications).where(applications.c.id == self.row["id"]).values(changes))
        self._changed.clear()

    async def save_item(self, session: Session, item: dict[str, Any], **values: Any) -> None:  # noqa: ANN401  likewise
        """Change a paper, and write that."""
        item |= values
        own = items.c.application_id == self.row["id"], items.c.item_id == item["item_id"]
        await session.execute(update(items).where(*own).values(values))


def zone_of(row: Row) -> ZoneInfo:
    """Return the time zone of an application's office."""
    return ZoneInfo(row["office"]["zone"])


def paper(item: Row) -> Paper:
    """Return a paper as events name it."""
    return Paper(id=item["item_id"], name=item["name"])


async def find(session: Session, reference: str) -> Row | None:
    """Return the application of a reference, as it is stored."""
    query = select(applications).where(applications.c.reference == reference)
    return _read((await session.execute(query)).mappings().one_or_none())


async def find_by_key(session: Session, idempotency_key: str) -> Row | None:
    """Return the application that was made with a key."""
    query = select(applications).where(applications.c.idempotency_key == idempotency_key)
    return _read((await session.execute(query)).mappings().one_or_none())


async def load_case(session: Session, application_id: UUID, *, lock: bool = False) -> Case | None:
    """Return an application with its papers; `lock` it to change it."""
    return await _case(session, applications.c.id == application_id, lock=lock)


async def load_case_of(session: Session, reference: str, *, lock: bool = False) -> Case | None:
    """Return the same by its reference."""
    return await _case(session, applications.c.reference == reference, lock=lock)


async def _case(session: Session, which: ColumnElement[bool], *, lock: bool) -> Case | None:
    query = select(applications).where(which)
    row = (await session.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        return None
    own = select(items).where(items.c.application_id == row["id"]).order_by(items.c.position, items.c.item_id)
    return Case(dict(row), [dict(item) for item in (await session.execute(own)).mappings()])


async def list_steps(session: Session, application_id: UUID) -> Sequence[Row]:
    """Return an application's history, oldest first."""
    query = select(steps).where(steps.c.application_id == application_id).order_by(steps.c.at, steps.c.id)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def list_documents(session: Session, application_id: UUID) -> Sequence[Row]:
    """Return what was handed in as files, in the order of the pages."""
    order = documents.c.item_id, documents.c.sequence, documents.c.received_at, documents.c.id
    query = select(documents).where(documents.c.application_id == application_id).order_by(*order)
    return [dict(row) for row in (await session.execute(query)).mappings()]


def _read(row: RowMapping | None) -> Row | None:
    return None if row is None else dict(row)

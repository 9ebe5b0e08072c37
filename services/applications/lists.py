"""Lists of applications for staff: filtered and in pages, what a search finds, and tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, tuple_

from services.applications import domain
from services.applications.models import applications, documents, items, staff_tasks
from services.applications.queries import Row
from shared import api_staff_applications as api
from shared import links
from shared.contracts.applications import Actor, State
from shared.db import Session
from shared.name_search import has_word
from shared.wanted import read_wanted

_UNSEEN = and_(items.c.application_id == applications.c.id, items.c.state == "received")
_SHOWN = [
    applications.c[name]
    for name in ("id", "reference", "office_id", "office", "benefit_name", "name", "state", "state_since",
                 "received_at", "due_at")
]  # fmt: skip
_ENTRIES = select(*_SHOWN, select(func.count()).select_from(items).where(_UNSEEN).scalar_subquery().label("unseen"))


@dataclass(frozen=True)
class Part:
    """Which applications are wanted; what is left out may be anything."""

    offices: Sequence[str]
    state: State | None = None
    next_actor: Actor | None = None
    overdue: bool = False
    unseen: bool = False
    received_before: datetime | None = None
    after: tuple[datetime, UUID] | None = None  # the last one of the page before


async def list_part(session: Session, part: Part, now: datetime) -> Sequence[Row]:
    """Return the oldest of a part, and one more than a page holds when there are more."""
    conditions: list[ColumnElement[bool]] = [applications.c.office_id.in_(part.offices)]
    if part.state:
        conditions.append(applications.c.state == part.state)
    if part.next_actor:
        conditions.append(applications.c.state.in_(domain.states_of(part.next_actor)))
    if part.overdue:
        conditions.append(applications.c.due_at < now)
    if part.unseen:
        conditions.append(exists().where(_UNSEEN))
    if part.received_before:
        conditions.append(applications.c.received_at < part.received_before)
    order = applications.c.received_at, applications.c.id
    if part.after:
        conditions.append(tuple_(*order) > tuple_(*part.after))
    return await _read(session, _ENTRIES.where(*conditions).order_by(*order).limit(api.MOST_LISTED + 1))


async def search(session: Session, offices: Sequence[str], typed: str) -> Sequence[Row]:
    """Return the newest of these offices with such a reference (the own system's too), name or day of birth."""
    number = links.normalise(typed)
    wanted = read_wanted(typed, number)
    either = [and_(*(has_word(applications.c.name, word) for word in wanted.words))] if wanted.words else []
    if number and set(number) <= set(links.ALPHABET):
        either.append(func.starts_with(func.replace(applications.c.reference, "-", ""), number))
    either.append(applications.c.external_reference == typed.strip())
    if wanted.born:
        either.append(applications.c.birth_date == wanted.born)
    query = _ENTRIES.where(applications.c.office_id.in_(offices), or_(false(), *either))
    newest = query.order_by(applications.c.received_at.desc(), applications.c.id.desc())
    return await _read(session, newest.limit(api.MOST_LISTED))


async def list_tasks(session: Session, offices: Sequence[str]) -> Sequence[Row]:
    """Return what is to be done at these offices, the oldest first."""
    query = (
        select(
            staff_tasks,
            applications.c.reference,
            applications.c.office,
            applications.c.name,
            applications.c.phone,
            items.c.name.label("item_name"),
            documents.c.file_name,
        )
        .join(applications, applications.c.id == staff_tasks.c.application_id)
        .outerjoin(
            items,
            and_(items.c.application_id == applications.c.id, items.c.item_id == staff_tasks.c.item_id),
        )
        .outerjoin(documents, documents.c.id == staff_tasks.c.document_id)
        .where(staff_tasks.c.office_id.in_(offices), staff_tasks.c.done_at.is_(None))
        .order_by(staff_tasks.c.created_at, staff_tasks.c.id)
        .limit(api.MOST_LISTED)
    )
    return await _read(session, query)


async def _read(session: Session, query: Select[Any]) -> Sequence[Row]:
    return [dict(row) for row in (await session.execute(query)).mappings()]

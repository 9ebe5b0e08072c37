"""People's rights: everything that is here about somebody, and having it erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from services.applications import domain, queries
from services.applications.access import Access
from services.applications.archives import Entries, as_json
from services.applications.benefits import Offer
from services.applications.erasing import NOBODY, erase
from services.applications.kept import Kept
from services.applications.models import audit_entries, inquiries, staff_tasks
from services.applications.queries import Case
from services.applications.staff import find, note
from services.applications.telling import go_to
from shared import clock
from shared.db import Session
from shared.identity import Identity

Row = Mapping[str, Any]
# Of the row not given: what opens or checks something, and says nothing about the person.
_SECRET = ("tenant", "data_key", "request_hash", "idempotency_key", "external_hash", "access_version")
_KINDS = {"jpeg": "jpg"}


@dataclass(frozen=True)
class Everything:
    """All that is here about the person of an application."""

    case: Case
    documents: Sequence[Row]
    data: dict[str, Any]


async def collect(session: Session, reference: str, staff: Identity) -> Everything:
    """Return everything about the person; raise `ApplicationNotFound`, `NotYourTask`.

    Wrong codes are not among it: they are counted by keyed hashes, which tell nobody whose they are. Who of the staff
    did something is left out: that is about them.
    """
    case = await find(session, reference, staff)
    note(session, staff, "export-application", case.row)
    await session.flush()
    documents = await queries.list_documents(session, case.row["id"])
    row = {name: value for name, value in case.row.items() if name not in _SECRET}
    actions = select(audit_entries).where(audit_entries.c.target == case.row["reference"])
    data = {
        "application": row,
        "items": [_without(item, "tenant", "application_id") for item in case.items],
        "history": [_without(one, "tenant", "application_id") for one in await _steps(session, case)],
        "inquiries": await _of(session, inquiries, case),
        "tasks": [_without(one, "done_by") for one in await _of(session, staff_tasks, case)],
        "receipts": [_without(one, "tenant", "idempotency_key", "original_key", "pdf_key") for one in documents],
        "actions_of_staff": [
            _without(dict(one), "tenant", "subject") for one in (await session.execute(actions)).mappings()
        ],
    }
    return Everything(case, documents, data)


async def files(everything: Everything, kept: Kept) -> Entries:
    """Yield the data, then each document as it came, or its copy when that has to stay locked. Raises `StoreAway`."""
    yield "data.json", as_json(everything.data)
    for document in everything.documents:
        name = f"documents/{document['item_id']}-{document['id']}"
        if (original := await kept.original(document)) is not None:
            yield f"{name}.{_KINDS.get(document['kind'], document['kind'])}", original
        elif (copy := await kept.copy(document)) is not None:
            yield f"{name}.pdf", copy


async def erase_person(session: Session, reference: str, staff: Identity, offer: Offer, access: Access) -> Case:
    """Erase the person and the key of their documents, now and for good; an application that is going on ends by it.

    No message goes to anybody about it. Raises `ApplicationNotFound`, `NotYourTask`.
    """
    if not staff.may("erasure"):
        raise domain.NotYourTask("Only managers of the office may erase a person.")
    case = await find(session, reference, staff, lock=True)
    now, before = clock.now(), case.row["state"]
    case.change(**NOBODY)
    if before not in domain.ENDED:
        go_to(session, case, "withdrawn", now, offer, access, by="office")
    await case.save(session)
    await session.flush()
    await erase(session, [case.row["id"]], now)
    note(session, staff, "erase-person", case.row, {"state": before}, {"state": case.row["state"]})
    found = await queries.load_case(session, case.row["id"])
    assert found is not None  # noqa: S101  it is locked
    return found


async def _steps(session: Session, case: Case) -> Sequence[Row]:
    return await queries.list_steps(session, case.row["id"])


async def _of(session: Session, table: Table, case: Case) -> list[dict[str, Any]]:
    query = select(table).where(table.c.application_id == case.row["id"]).order_by(table.c.id)
    return [_without(dict(row), "tenant", "application_id") for row in (await session.execute(query)).mappings()]


def _without(row: Row, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}

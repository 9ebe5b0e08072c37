"""Handing documents over to the office's own records: marked, fetched, and some time after deleted here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from services.applications import domain, queries, rows
from services.applications.archives import Entries, as_json
from services.applications.kept import Kept
from services.applications.models import documents
from services.applications.queries import Case
from services.applications.staff import find, note
from shared import clock
from shared.db import Session
from shared.documents import pipeline
from shared.documents.errors import DocumentRefused
from shared.documents.limits import MIB
from shared.identity import Identity

Row = Mapping[str, Any]
MOST_AT_ONCE = 32 * MIB  # of one item's copies in one PDF; what is more begins another


async def hand_over(session: Session, reference: str, staff: Identity) -> Case:
    """Mark an application as handed over; marked already, nothing changes, unless files have come in since.

    Raises `ApplicationNotFound`, `NotYourTask`, `DocumentsPending`.
    """
    case = await find(session, reference, staff, lock=True)
    found = await queries.list_documents(session, case.row["id"])
    if any(one["state"] == "pending" for one in found):
        raise domain.DocumentsPending("Files are still being checked. Please try again in some minutes.")
    before, now = case.row["handed_over_at"], clock.now()
    new = [one["id"] for one in found if one["state"] == "accepted" and one["handed_over_at"] is None]
    if before is None or new:
        case.change(handed_over_at=now)
        await case.save(session)
        await session.execute(update(documents).where(documents.c.id.in_(new)).values(handed_over_at=now))
        at = before and before.isoformat()
        note(session, staff, "hand-over", case.row, {"handed_over_at": at}, {"files": len(new)})
    return case


async def fetch(session: Session, reference: str, staff: Identity) -> tuple[Case, Sequence[Row]]:
    """Return what was handed over; raise `ApplicationNotFound`, `NotYourTask`, `NotHandedOver`."""
    case = await find(session, reference, staff)
    if case.row["handed_over_at"] is None:
        raise domain.NotHandedOver("Please mark the application as handed over first.")
    note(session, staff, "fetch-hand-over", case.row)
    return case, await queries.list_documents(session, case.row["id"])


async def files(case: Case, found: Sequence[Row], kept: Kept) -> Entries:
    """Yield one PDF/A for each paper, and last what they are. Raises `StoreAway`, `WorkerAway`."""
    told = []
    given = [one for one in found if one["handed_over_at"] is not None]
    for position, item in enumerate(case.items, 1):
        made: list[dict[str, Any]] = []
        own = [one for one in given if one["item_id"] == item["item_id"]]
        name = f"{position:02}-{item['item_id']}"
        async for content, receipts in _combined(own, kept):
            number = f"-{len(made) + 1}" if made else ""
            made.append({"name": f"{name}{number}.pdf", "sha256": sha256(content).hexdigest(), "receipts": receipts})
            yield made[-1]["name"], content
        told.append(_item(case, item) | {"files": made})
    held = {receipt for item in told for file in item["files"] for receipt in file["receipts"]}
    receipts = [_receipt(one, case) | {"in_archive": one["id"] in held} for one in found]
    yield "metadata.json", as_json(_about(case) | {"items": told, "receipts": receipts})


async def _combined(found: Sequence[Row], kept: Kept) -> AsyncIterator[tuple[bytes, list[Any]]]:
    """Yield the copies of one paper as few PDFs, each with the receipts of what is in it."""
    some: list[bytes] = []
    ids: list[Any] = []
    for document in found:
        copy = await kept.copy(document)
        if copy is None:
            continue
        if some and sum(map(len, some)) + len(copy) > MOST_AT_ONCE:
            async for made in _one(some, ids):
                yield made
            some, ids = [], []
        some.append(copy)
        ids.append(document["id"])
    if some:
        async for made in _one(some, ids):
            yield made


async def _one(copies: list[bytes], ids: list[Any]) -> AsyncIterator[tuple[bytes, list[Any]]]:
    """Yield one PDF of them; if that cannot be, each by itself."""
    try:
        yield (copies[0] if len(copies) == 1 else await pipeline.combine(copies)), ids
    except DocumentRefused:
        for copy, id_ in zip(copies, ids, strict=True):
            yield copy, [id_]


def _about(case: Case) -> dict[str, Any]:
    row, zone = case.row, queries.zone_of(case.row)
    as_they_are = {name: row[name] for name in ("reference", "external_reference", "name", "birth_date", "state")}
    times = {
        name: row[name] and row[name].astimezone(zone) for name in ("received_at", "state_since", "handed_over_at")
    }
    return as_they_are | times | {"benefit": row["benefit_name"], "office": row["office"]["name"]}


def _item(case: Case, item: Row) -> dict[str, Any]:
    zone = queries.zone_of(case.row)
    times = {name: item[name] and item[name].astimezone(zone) for name in ("received_at", "looked_at")}
    return {"id": item["item_id"]} | {name: item[name] for name in ("name", "state", "reason", "channel")} | times


def _receipt(document: Row, case: Case) -> dict[str, Any]:
    return rows.receipt(document, case).model_dump(mode="json", exclude={"reference", "item_name"}) | {
        "handed_over_at": document["handed_over_at"],
        "deleted_at": document["deleted_at"],
    }

"""Papers: whichever way one comes in, it is received; then somebody looks at it, or a check finds it of no use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, update
from uuid_utils.compat import uuid7

from services.applications import domain, queries
from services.applications.access import Access
from services.applications.benefits import ItemKind, Offer
from services.applications.models import documents, staff_tasks
from services.applications.queries import Case, paper
from services.applications.telling import settle, tell
from shared.contracts.applications import Channel, DocumentReceived, DocumentRejected, RejectReason
from shared.db import Session

MOST_NAMED = 3  # files in one message


def new_item(tenant: str, application_id: UUID, kind: ItemKind, position: int) -> dict[str, Any]:
    """Return a paper of the benefit's list as a row of an application's."""
    nothing_yet = {"reason": None, "channel": None, "received_at": None, "looked_at": None}
    return {
        "application_id": application_id,
        "item_id": kind.id,
        "tenant": tenant,
        "position": position,
        "name": kind.name,
        "needed": kind.needed == "always",
        "state": "open",
        **nothing_yet,
    }


async def receive(
    session: Session,
    case: Case,
    item_id: str,
    channel: Channel,
    now: datetime,
    offer: Offer,
    access: Access,
    document_id: UUID | None = None,
) -> None:
    """Note that a paper has come in for a locked application, on paper or as a file; the caller saves the case.

    Raises `UnknownItem`, `ApplicationEnded`.
    """
    domain.check_can_receive(case.row["state"])
    item = case.item(item_id)
    await case.save_item(session, item, state="received", reason=None, channel=channel, received_at=now, looked_at=None)
    tell(
        session, case, DocumentReceived, access,
        paper=paper(item), document_id=document_id, channel=channel, received_at=now,
    )  # fmt: skip
    settle(session, case, now, offer, access)


async def accept(session: Session, case: Case, item_id: str, now: datetime, offer: Offer, access: Access) -> None:
    """Note that a paper is what was needed; raise `UnknownItem`, `ItemStateWrong`."""
    item = case.item(item_id)
    domain.check_can_look_at(item["state"])
    await case.save_item(session, item, state="accepted", reason=None, looked_at=now)
    case.change(version=case.row["version"] + 1, changed_version=case.row["version"] + 1)
    settle(session, case, now, offer, access)


async def reject(
    session: Session, case: Case, item_id: str, reason: RejectReason, now: datetime, offer: Offer, access: Access
) -> None:
    """Note that a paper does not do, and have the person told; raise `UnknownItem`, `ItemStateWrong`."""
    item = case.item(item_id)
    domain.check_can_look_at(item["state"])
    needed = item["needed"] and reason != "not-needed"
    await case.save_item(session, item, state="rejected", reason=reason, looked_at=now, needed=needed)
    files = [row for row in await queries.list_documents(session, case.row["id"]) if row["item_id"] == item_id]
    names = [row["file_name"] for row in files if row["file_name"] and row["state"] != "refused"]
    await _tell_rejected(session, case, item, reason, "staff", now, access, ", ".join(names[:MOST_NAMED]))
    settle(session, case, now, offer, access, back=True)


async def refuse(
    session: Session,
    case: Case,
    document: Mapping[str, Any],
    reason: RejectReason,
    now: datetime,
    offer: Offer,
    access: Access,
) -> None:
    """Note that a file turned out to be of no use, and have the person told; the caller saves the case.

    The paper is needed again, unless another file of it is good or may be yet. What is refused already stays so.
    """
    own = update(documents).where(documents.c.id == document["id"], documents.c.state == "pending")
    refused = await session.execute(own.values(state="refused", reason=reason, checked_at=now))
    if not refused.rowcount or case.row["erased_at"] is not None:
        return
    item = case.item(document["item_id"])
    files = await queries.list_documents(session, case.row["id"])
    if not any(row["item_id"] == item["item_id"] and row["state"] != "refused" for row in files):
        on_paper = item["channel"] != "online"  # somebody has it in their hands
        if item["state"] == "received" and not on_paper:
            await case.save_item(session, item, state="rejected", reason=reason)
    name = document["file_name"] or ""
    await _tell_rejected(session, case, item, reason, "check", now, access, name, document["id"])
    settle(session, case, now, offer, access, back=True)


async def _tell_rejected(
    session: Session,
    case: Case,
    item: Mapping[str, Any],
    reason: RejectReason,
    by: Literal["staff", "check"],
    now: datetime,
    access: Access,
    file_name: str,
    document_id: UUID | None = None,
) -> None:
    """Tell of it; when no mail can, somebody at the office has to."""
    tell(
        session, case, DocumentRejected, access, file_name,
        paper=paper(item), document_id=document_id, reason=reason, rejected_by=by, rejected_at=now,
    )  # fmt: skip
    if case.row["email"]:
        return
    row = {
        "id": uuid7(),
        "tenant": session.tenant,
        "application_id": case.row["id"],
        "office_id": case.row["office_id"],
        "kind": "tell-rejected",
        "item_id": item["item_id"],
        "document_id": document_id,
        "reason": reason,
        "created_at": now,
    }
    await session.execute(insert(staff_tasks).values(row))

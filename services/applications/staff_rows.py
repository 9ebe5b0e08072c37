"""Applications as the staff of their offices are told of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.applications import domain, queries, rows
from services.applications.benefits import Offer
from services.applications.queries import Case, zone_of
from shared import api_staff_applications as api
from shared.api import Office
from shared.db import Session

_AS_THEY_ARE = (
    "id", "reference", "version", "benefit_id", "channel", "state", "name", "birth_date", "email", "phone", "language",
    "online_access", "external_reference",
)  # fmt: skip


async def staff_application(session: Session, case: Case, offer: Offer, now: datetime) -> api.StaffApplication:
    """Return an application as it is now in this transaction."""
    await session.flush()
    row, zone = case.row, zone_of(case.row)
    steps = await queries.list_steps(session, row["id"])
    documents = await queries.list_documents(session, row["id"])
    benefit = offer.benefits.get(row["benefit_id"])
    return api.StaffApplication(
        **{name: row[name] for name in _AS_THEY_ARE},
        **_times(row, now),
        **{name: row[name] and row[name].astimezone(zone) for name in ("handed_over_at", "erased_at")},
        benefit=row["benefit_name"],
        office=Office.model_validate(row["office"]),
        possible=[
            api.PossibleState(state=state, backward=domain.is_backward(row["state"], state))
            for state in domain.possible(row["state"])
        ],
        history=[
            api.StaffStep(**own.model_dump(), by=one["by"])
            for own, one in zip(rows.history(steps, zone), steps, strict=True)
        ],
        items=[
            api.StaffItem(
                **rows.item(one, documents, offer.item(row["benefit_id"], one["item_id"]), zone).model_dump(),
                channel=one["channel"],
                received_at=one["received_at"] and one["received_at"].astimezone(zone),
            )
            for one in case.items
        ],
        requestable=[kind.id for kind in benefit.items] if benefit else [one["item_id"] for one in case.items],
    )


def entry(row: Mapping[str, Any], now: datetime) -> api.Entry:
    """Return an application of a list."""
    return api.Entry(
        **{name: row[name] for name in ("reference", "name", "state", "unseen")},
        **_times(row, now),
        office=row["office_id"],
        benefit=row["benefit_name"],
    )


def page(found: Sequence[Mapping[str, Any]], now: datetime) -> api.Page:
    """Return a page; `found`: its rows, and one more if there are more."""
    shown = found[: api.MOST_LISTED]
    more = len(found) > len(shown)
    following = api.Cursor(after=shown[-1]["received_at"], after_id=shown[-1]["id"]) if more else None
    return api.Page(entries=[entry(row, now) for row in shown], next=following)


def task(row: Mapping[str, Any]) -> api.StaffTask:
    """Return something to do."""
    return api.StaffTask(
        **{name: row[name] for name in ("id", "kind", "reference", "name", "phone", "reason")},
        office=row["office_id"],
        item=row["item_id"],
        item_name=row["item_name"] or {},
        file_name=row["file_name"] or "",
        created_at=row["created_at"].astimezone(zone_of(row)),
    )


def _times(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    zone = zone_of(row)
    return {
        "state_since": row["state_since"].astimezone(zone),
        "received_at": row["received_at"].astimezone(zone),
        "next_actor": domain.next_actor(row["state"]),
        "due_at": row["due_at"] and row["due_at"].astimezone(zone),
        "overdue": row["due_at"] is not None and row["due_at"] < now,
    }

"""Applications as their people are told of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.applications import domain
from services.applications.benefits import Benefit, ItemKind, Offer
from services.applications.queries import Case, zone_of
from shared.api_applications import (
    ApplicationStatus,
    BenefitOffer,
    Item,
    Receipt,
    Scope,
    SentDocument,
    Step,
    WantedItem,
)

Rows = Sequence[Mapping[str, Any]]


def status(case: Case, scope: Scope, steps: Rows, documents: Rows, offer: Offer, now: datetime) -> ApplicationStatus:
    """Return where an application stands, as far as the scope goes."""
    row, zone = case.row, zone_of(case.row)
    state = {
        "reference": row["reference"],
        "scope": scope,
        "benefit_id": row["benefit_id"],
        "benefit": row["benefit_name"],
        "state": row["state"],
        "state_since": row["state_since"].astimezone(zone),
        "received_at": row["received_at"].astimezone(zone),
        "next_actor": domain.next_actor(row["state"]),
        "due_at": row["due_at"] and row["due_at"].astimezone(zone),
        "as_of": now.astimezone(zone),
    }
    if scope == "state":
        return ApplicationStatus(**state)
    return ApplicationStatus(
        **state,
        name=row["name"],
        has_email=bool(row["email"]),
        can_upload=row["state"] not in domain.ENDED,
        history=history(steps, zone),
        items=[item(one, documents, offer.item(row["benefit_id"], one["item_id"]), zone) for one in case.items],
    )


def history(steps: Rows, zone: ZoneInfo) -> list[Step]:
    """Return what has happened, oldest first."""
    return [
        Step(
            state=one["state"], at=one["at"].astimezone(zone), backward=one["backward"], explanation=one["explanation"]
        )
        for one in steps
    ]


def item(row: Mapping[str, Any], documents: Rows, kind: ItemKind | None, zone: ZoneInfo) -> Item:
    """Return a paper with what was handed in for it; `kind`: how it is explained, if it is in the list still."""
    return Item(
        id=row["item_id"],
        name=row["name"],
        help=kind.help if kind else {},
        black_out=kind.black_out if kind else {},
        picture=kind.picture if kind else "",
        needed=row["needed"],
        state=row["state"],
        reason=row["reason"],
        documents=[sent_document(one, zone) for one in documents if one["item_id"] == row["item_id"]],
    )


def sent_document(row: Mapping[str, Any], zone: ZoneInfo) -> SentDocument:
    """Return a file that was handed in."""
    as_they_are = {name: row[name] for name in ("bytes", "sha256", "state", "reason")}
    return SentDocument(
        receipt=row["id"],
        file_name=row["file_name"] or "",
        received_at=row["received_at"].astimezone(zone),
        **as_they_are,
    )


def receipt(row: Mapping[str, Any], case: Case) -> Receipt:
    """Return the proof that a file came in."""
    as_they_are = {name: row[name] for name in ("id", "bytes", "sha256", "channel", "state", "reason")}
    return Receipt(
        reference=case.row["reference"],
        item=row["item_id"],
        item_name=case.item(row["item_id"])["name"],
        file_name=row["file_name"] or "",
        received_at=row["received_at"].astimezone(zone_of(case.row)),
        **as_they_are,
    )


def benefit(one: Benefit, today: date) -> BenefitOffer:
    """Return what can be applied for, by its present name."""
    return BenefitOffer(
        id=one.id,
        name=one.name_on(today),
        items=[
            WantedItem(
                id=kind.id, name=kind.name, help=kind.help, black_out=kind.black_out, picture=kind.picture,
                always=kind.needed == "always",
            )
            for kind in one.items
        ],
    )  # fmt: skip

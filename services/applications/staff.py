"""What staff do with the applications of their offices; each in one transaction, and written down with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from services.applications import applying, domain, papers, queries
from services.applications.access import Access
from services.applications.benefits import Benefit, Offer
from services.applications.models import audit_entries, items
from services.applications.queries import Case
from services.applications.telling import add_step, go_to, tell
from shared import api_staff_applications as api
from shared import audit, clock, references
from shared.contracts.applications import DocumentsRequested, State
from shared.db import Session
from shared.documents.sealed import MasterKeys
from shared.identity import Identity


def check_may(staff: Identity, office_id: str | None = None) -> None:
    """Raise `NotYourTask` or `OfficeNotYours`. Said openly: which offices there are is known to all."""
    if not staff.may("application"):
        raise domain.NotYourTask("Your role does not allow this. Whoever manages accounts can change that.")
    if office_id is not None and office_id not in staff.offices:
        raise domain.OfficeNotYours("You do not work for this office. Whoever manages accounts can change that.")


async def find(session: Session, reference: str, staff: Identity, *, lock: bool = False) -> Case:
    """Return an application of the member's offices; raise `ApplicationNotFound`, `NotYourTask`.

    One of another office looks as if it did not exist; and one that was erased can be looked at, but not changed.
    """
    check_may(staff)
    case = await queries.load_case_of(session, references.normalise(reference), lock=lock)
    if case is None or case.row["office_id"] not in staff.offices or (lock and case.row["erased_at"]):
        raise domain.ApplicationNotFound("No application of your offices has this reference. Please check it.")
    return case


async def register(
    session: Session,
    request: api.StaffApplicationRequest,
    idempotency_key: str,
    staff: Identity,
    offer: Offer,
    access: Access,
    keys: MasterKeys,
) -> Mapping[str, Any]:
    """Register an application that came in on paper, or return what this key has registered before.

    Raises `NotYourTask`, `OfficeNotYours`, and what `applying.apply` does.
    """
    check_may(staff, request.office)
    row, is_new = await applying.apply(
        session, request, idempotency_key, offer, access, keys, request.channel, request.received_at
    )
    if is_new:
        note(session, staff, "register-application", row, after={"channel": request.channel})
    return row


async def view(session: Session, reference: str, staff: Identity) -> Case:
    """Show an application; raise `ApplicationNotFound`, `NotYourTask`."""
    case = await find(session, reference, staff)
    note(session, staff, "view-application", case.row)
    return case


async def change_state(
    session: Session, reference: str, wanted: api.StateChange, staff: Identity, offer: Offer, access: Access
) -> Case:
    """Let an application go to another state.

    Raises `ApplicationNotFound`, `NotYourTask`, `ApplicationChanged`, `StateJump`, `ExplanationNeeded`,
    `NothingMissing`.
    """
    case = await find(session, reference, staff, lock=True)
    check_unchanged(case, wanted.version)
    await move(session, case, wanted.state, clock.now(), staff, offer, access, wanted.explanation)
    return case


async def move(
    session: Session,
    case: Case,
    state: State,
    at: datetime,
    staff: Identity,
    offer: Offer,
    access: Access,
    explanation: str = "",
) -> None:
    """Let a locked application go to another state; raise `StateJump`, `ExplanationNeeded`, `NothingMissing`."""
    before = case.row["state"]
    check_move(before, state, explanation, missing=bool(case.missing))
    go_to(session, case, state, at, offer, access, by="office", explanation=explanation)
    if state == "documents-missing":
        tell(session, case, DocumentsRequested, access, requested=case.missing, requested_at=at)
    await case.save(session)
    note(session, staff, "change-application", case.row, {"state": before}, {"state": state})


def check_move(before: State, wanted: State, explanation: str, *, missing: bool) -> None:
    """Raise `StateJump`, `ExplanationNeeded`, `NothingMissing`."""
    domain.check_change(before, wanted, explanation)
    if wanted == "documents-missing" and not missing:
        raise domain.NothingMissing("No paper is missing. Please choose which ones are needed.")


async def request_papers(
    session: Session, reference: str, wanted: api.PapersRequest, staff: Identity, offer: Offer, access: Access
) -> Case:
    """Ask for papers, also such as are here already and do not do any more; the person has the whole time again.

    Raises `ApplicationNotFound`, `NotYourTask`, `ApplicationChanged`, `UnknownItem`, `StateJump`.
    """
    case = await find(session, reference, staff, lock=True)
    check_unchanged(case, wanted.version)
    before, now = case.row["state"], clock.now()
    if before != "documents-missing":
        domain.check_change(before, "documents-missing", wanted.note)
    asked = []
    for item_id in dict.fromkeys(wanted.items):
        item = await _item_to_ask_for(session, case, item_id, offer)
        await case.save_item(session, item, needed=True, state="open", reason=None, looked_at=None)
        asked.append(queries.paper(item))
    if before != "documents-missing":
        go_to(session, case, "documents-missing", now, offer, access, by="office", explanation=wanted.note)
    else:
        case.change(due_at=domain.due(before, now, offer.due_days(case.row["benefit_id"]), queries.zone_of(case.row)))
        if wanted.note:
            add_step(session, case, now, "office", wanted.note, backward=False)
    tell(session, case, DocumentsRequested, access, requested=asked, requested_at=now)
    await case.save(session)
    after = {"state": "documents-missing", "items": [one.id for one in asked]}
    note(session, staff, "request-papers", case.row, {"state": before}, after)
    return case


async def receive_item(
    session: Session,
    reference: str,
    item_id: str,
    channel: api.OnPaper,
    staff: Identity,
    offer: Offer,
    access: Access,
) -> Case:
    """Tick off a paper that came to the desk or by post; ticked off already, nothing changes.

    Raises `ApplicationNotFound`, `NotYourTask`, `UnknownItem`, `ApplicationEnded`.
    """
    case = await find(session, reference, staff, lock=True)
    before = _item_state(case, item_id)
    if (before["state"], before["channel"]) == ("received", channel):
        return case
    await papers.receive(session, case, item_id, channel, clock.now(), offer, access)
    await case.save(session)
    note(session, staff, "receive-paper", case.row, before, _item_state(case, item_id))
    return case


async def accept_item(
    session: Session, reference: str, item_id: str, staff: Identity, offer: Offer, access: Access
) -> Case:
    """Note that a paper is what was needed; noted already, nothing changes.

    Raises `ApplicationNotFound`, `NotYourTask`, `UnknownItem`, `ItemStateWrong`.
    """
    case = await find(session, reference, staff, lock=True)
    before = _item_state(case, item_id)
    if before["state"] != "accepted":
        await papers.accept(session, case, item_id, clock.now(), offer, access)
        await case.save(session)
        note(session, staff, "accept-paper", case.row, before, _item_state(case, item_id))
    return case


async def reject_item(
    session: Session,
    reference: str,
    item_id: str,
    reason: api.StaffReason,
    staff: Identity,
    offer: Offer,
    access: Access,
) -> Case:
    """Note that a paper does not do; noted already for this reason, nothing changes.

    Raises `ApplicationNotFound`, `NotYourTask`, `UnknownItem`, `ItemStateWrong`.
    """
    case = await find(session, reference, staff, lock=True)
    before = _item_state(case, item_id)
    if (before["state"], before["reason"]) != ("rejected", reason):
        await papers.reject(session, case, item_id, reason, clock.now(), offer, access)
        await case.save(session)
        note(session, staff, "reject-paper", case.row, before, _item_state(case, item_id))
    return case


def check_unchanged(case: Case, version: int) -> None:
    """Raise `ApplicationChanged` when it is not what was looked at any more. That somebody asked is no change."""
    row = case.row
    if not row["changed_version"] <= version <= row["version"]:
        raise domain.ApplicationChanged(
            f"In the meantime something has happened: it is in the state {row['state']} since "
            f"{row['state_since'].astimezone(queries.zone_of(row)):%d.%m.%Y %H:%M}. Please look at it again.",
            state=row["state"],
            state_since=row["state_since"].isoformat(),
            version=row["version"],
        )


def note(
    session: Session,
    staff: Identity,
    action: str,
    row: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an action on an application down; `before` and `after` name nobody."""
    audit.add(
        session, audit_entries, staff, action,
        office=row["office_id"], target=row["reference"], before=before, after=after,
    )  # fmt: skip


def _item_state(case: Case, item_id: str) -> dict[str, Any]:
    item = case.item(item_id)
    return {"item": item_id} | {name: item[name] for name in ("state", "channel", "reason")}


async def _item_to_ask_for(session: Session, case: Case, item_id: str, offer: Offer) -> dict[str, Any]:
    """Return a paper of the application, or put one on its list that the benefit's has by now."""
    if any(item["item_id"] == item_id for item in case.items):
        return case.item(item_id)
    benefit: Benefit | None = offer.benefits.get(case.row["benefit_id"])
    kind = benefit.item(item_id) if benefit else None
    if kind is None:
        raise domain.UnknownItem("There is no such paper on the benefit's list.")
    row = papers.new_item(session.tenant, case.row["id"], kind, len(case.items))
    await session.execute(insert(items).values(row))
    case.items.append(row)
    return row

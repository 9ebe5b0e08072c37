"""Events of an application: each tells the whole of what holds after it."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from services.applications import domain
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.models import steps
from services.applications.queries import Case, zone_of
from shared import outbox
from shared.contracts.applications import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationStatusChanged,
    DocumentReceived,
    DocumentRejected,
    DocumentsRequested,
    State,
    StatusInquired,
)
from shared.db import Session

_INSERT_STEP = insert(steps)
Told = (
    type[ApplicationReceived]
    | type[ApplicationStatusChanged]
    | type[ApplicationDecided]
    | type[DocumentsRequested]
    | type[DocumentReceived]
    | type[DocumentRejected]
    | type[StatusInquired]
)


def tell(session: Session, case: Case, kind: Told, access: Access, file_name: str | None = None, **values: Any) -> None:  # noqa: ANN401  what the event has besides
    """Publish what has happened to a locked application, which is one version on by it."""
    if case.row["erased_at"] is not None:
        raise AssertionError("of an erased application nothing is told")
    version = case.row["version"] + 1
    case.change(version=version)
    if kind is not StatusInquired:
        case.change(changed_version=version)
    row = case.row
    event = kind(
        application_id=row["id"],
        version=version,
        office=row["office"],
        benefit_id=row["benefit_id"],
        state=row["state"],
        state_since=row["state_since"],
        next_actor=domain.next_actor(row["state"]),
        due_at=row["due_at"],
        missing=case.missing,
        recipient=access.seal_recipient(row, file_name),
        **values,
    )
    outbox.add(session, event)


def add_step(session: Session, case: Case, at: datetime, by: str, explanation: str = "", *, backward: bool) -> None:
    """Write the present state into the application's history."""
    row = {
        "id": uuid7(),
        "tenant": session.tenant,
        "application_id": case.row["id"],
        "at": at,
        "state": case.row["state"],
        "backward": backward,
        "explanation": explanation,
        "by": by,
    }
    session.execute_later(_INSERT_STEP, row)


def go_to(
    session: Session,
    case: Case,
    state: State,
    now: datetime,
    offer: Offer,
    access: Access,
    by: str,
    explanation: str = "",
) -> None:
    """Let a locked application go to another state, and tell of it; that it may was checked before."""
    before, since = case.row["state"], case.row["state_since"]
    backward = domain.is_backward(before, state)
    due_at = domain.due(state, now, offer.due_days(case.row["benefit_id"]), zone_of(case.row))
    ended_at = now if state in domain.ENDED else None
    case.change(state=state, state_since=now, due_at=due_at, ended_at=ended_at)
    add_step(session, case, now, by, explanation, backward=backward)
    tell(
        session, case, ApplicationStatusChanged, access,
        previous_state=before, previous_since=since, backward=backward, changed_at=now,
    )  # fmt: skip
    if state == "decided":
        tell(session, case, ApplicationDecided, access, decided_at=now)


def settle(session: Session, case: Case, now: datetime, offer: Offer, access: Access, *, back: bool = False) -> None:
    """Let the state follow from the papers, after one of them has changed; `back`: one turned out not to do."""
    wanted = domain.automatic(case.row["state"], missing=bool(case.missing), back=back)
    if wanted != case.row["state"]:
        go_to(session, case, wanted, now, offer, access, by="papers")

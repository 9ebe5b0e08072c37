"""What people do with their own application, opened by a bearer: look at it, ask where it stands, withdraw it."""

from datetime import timedelta

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from services.applications import domain, opening, queries, rows
from services.applications.access import Access, Opened
from services.applications.benefits import Offer
from services.applications.models import inquiries
from services.applications.queries import Case, Row
from services.applications.telling import go_to, tell
from shared import clock
from shared.api_applications import ApplicationStatus, Inquiry, Scope
from shared.contracts.applications import StatusInquired
from shared.db import Session

_INSERT = insert(inquiries)


async def look_at(session: Session, reference: str, opened: Opened | None, offer: Offer) -> ApplicationStatus:
    """Return where an application stands; raise `BearerRefused`."""
    case = await opening.view(session, reference, opened)
    return await status_of(session, case, opened.scope if opened else "state", offer)


async def status_of(session: Session, case: Case, scope: Scope, offer: Offer) -> ApplicationStatus:
    """Return where an application stands, as it is now in this transaction."""
    await session.flush()
    whole = scope == "all"
    steps = await queries.list_steps(session, case.row["id"]) if whole else []
    documents = await queries.list_documents(session, case.row["id"]) if whole else []
    return rows.status(case, scope, steps, documents, offer, clock.now())


async def for_summary(session: Session, reference: str, opened: Opened | None) -> Row:
    """Return an application for its summary; raise `BearerRefused`, `ScopeTooSmall`."""
    opening.check_scope(opened)
    return (await opening.view(session, reference, opened)).row


async def inquire(session: Session, reference: str, opened: Opened | None, access: Access, pause: timedelta) -> Inquiry:
    """Let the address on file be told where an application stands, once within the pause; raise `BearerRefused`.

    The birth date is enough: nothing is told but to that address.
    """
    case = await opening.view(session, reference, opened, lock=True)
    now, last = clock.now(), case.row["inquired_at"]
    has_email = bool(case.row["email"])
    if last is not None and now - last < pause:
        return Inquiry(inquired_at=last, mail="just-sent" if has_email else "no-address")
    case.change(inquired_at=now)
    if has_email:
        tell(session, case, StatusInquired, access, inquired_at=now)
    await case.save(session)
    inquiry = Inquiry(inquired_at=now, mail="will-be-sent" if has_email else "no-address")
    row = {"id": uuid7(), "tenant": session.tenant, "application_id": case.row["id"], "inquired_at": now}
    session.execute_later(_INSERT, row | {"mail": inquiry.mail})
    return inquiry


async def withdraw(
    session: Session, reference: str, opened: Opened | None, offer: Offer, access: Access
) -> ApplicationStatus:
    """Withdraw an application for its citizen; doing so again changes nothing.

    Raises `BearerRefused`, `ScopeTooSmall`, `AlreadyDecided`.
    """
    opening.check_scope(opened)
    case = await opening.view(session, reference, opened, lock=True)
    if case.row["state"] == "decided":
        raise domain.AlreadyDecided("The application is decided already. If you do not agree, please ask your office.")
    if case.row["state"] != "withdrawn":
        go_to(session, case, "withdrawn", clock.now(), offer, access, by="citizen")
        await case.save(session)
    return await status_of(session, case, "all", offer)

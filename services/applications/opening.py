"""Opening an application without an account: reference and code, the personal link, or the birth date.

Whatever does not open looks alike and takes the same work: an unknown or mistyped reference, a wrong code, access
that was closed. How guessing is slowed down: `domain.throttling`.
"""

import hmac
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.applications import domain, queries
from services.applications.access import Access, Opened
from services.applications.models import access_failures as failures
from services.applications.queries import Case
from shared import clock, references
from shared.api_applications import AccessRequest, Scope
from shared.db import Session

_NOBODY = UUID(int=0)  # stands for the application that is not there, so that the work is the same
OPEN_AGAIN = "Please open your application again: the time is over, or access has changed."
NOT_OPENED = "No application is opened by this. Please check what you typed, or ask your office for a new code."


async def open_application(
    session: Session, reference: str, given: AccessRequest, client: str, access: Access
) -> Opened | None:
    """Return what is opened, or nothing: that is counted with this transaction, so whoever asks raises afterwards.

    `client`: the keyed hash of the address that asks. Raises `TooManyTries`.
    """
    reference = references.normalise(reference)
    kind = "birth-date" if given.birth_date else "code"
    of_client = access.keyed_hash(f"client/{session.tenant}/{client}")
    of_reference = access.keyed_hash(f"reference/{session.tenant}/{reference}")
    guessable = given.token is None
    if guessable:
        await _check_may_try(session, of_client, kind, of_reference)
    found = await queries.find(session, reference)
    scope = _scope(found, given, access)
    if found is not None and scope is not None:
        return Opened(found["id"], scope, found["access_version"])
    if guessable:
        await _count(session, "client", of_client)
        await _count(session, kind, of_reference)
    return None


async def view(session: Session, reference: str, opened: Opened | None, *, lock: bool = False) -> Case:
    """Return the application of a bearer; raise `BearerRefused`. Closing access or a new code ends bearers at once."""
    case = await view_own(session, opened, lock=lock)
    if case.row["reference"] != references.normalise(reference):
        raise domain.BearerRefused(OPEN_AGAIN)
    return case


async def view_own(session: Session, opened: Opened | None, *, lock: bool = False) -> Case:
    """Return the application that a bearer is for, whatever its reference; raise `BearerRefused`."""
    case = await queries.load_case(session, opened.application_id, lock=lock) if opened else None
    if opened is None or case is None or case.row["access_version"] != opened.version or not _is_open(case.row):
        raise domain.BearerRefused(OPEN_AGAIN)
    return case


def check_scope(opened: Opened | None) -> None:
    """Raise `ScopeTooSmall` for whoever has told the birth date alone."""
    if opened is not None and opened.scope != "all":
        raise domain.ScopeTooSmall("With the date of birth alone this cannot be done. Please use the code or the link.")


def _scope(found: Mapping[str, Any] | None, given: AccessRequest, access: Access) -> Scope | None:
    """Return how far it opens. All is compared in constant time, also when there is nothing to compare with."""
    row = found or {"id": _NOBODY, "access_version": 1, "birth_date": None}
    if given.birth_date is not None:
        right = hmac.compare_digest(str(row["birth_date"]).encode(), given.birth_date.isoformat().encode())
        scope: Scope = "state"
    elif given.token is not None:
        right, scope = access.is_token(row["id"], row["access_version"], given.token), "all"
    else:
        right, scope = access.is_code(row["id"], row["access_version"], given.code or ""), "all"
    return scope if right and found is not None and _is_open(found) else None


def _is_open(row: Mapping[str, Any]) -> bool:
    return bool(row["online_access"]) and row["erased_at"] is None


async def _check_may_try(session: Session, of_client: bytes, kind: str, of_reference: bytes) -> None:
    """Raise `TooManyTries`. Tries of one client, and such for one reference, come one after the other until then.

    Without that, many at once would all be let through before one of them is counted.
    """
    for lock in sorted((f"try/{of_client.hex()}", f"try/{of_reference.hex()}")):  # in one order: no deadlocks
        await session.lock(lock)
    wanted = (failures.c.key.in_([of_client, of_reference]), failures.c.kind.in_(["client", kind]))
    found = {row.kind: row for row in (await session.execute(select(failures).where(*wanted))).all()}
    client, reference = (
        domain.Failures(one, found[one].failures, found[one].failed_at) if one in found else domain.Failures(one)
        for one in ("client", kind)
    )
    if seconds := domain.seconds_to_wait(client, reference, clock.now()):
        raise domain.TooManyTries(
            "There were too many wrong tries. Please wait, or use the link or the code from your letter.",
            seconds=seconds,
        )


async def _count(session: Session, kind: str, key: bytes) -> None:
    own = failures.c.kind == kind, failures.c.key == key
    row = (await session.execute(select(failures).where(*own))).one_or_none()
    before = domain.Failures(kind, row.failures, row.failed_at) if row else domain.Failures(kind)
    after = before.one_more(clock.now())
    values = {"failures": after.number, "failed_at": after.last_at}
    statement = insert(failures).values(tenant=session.tenant, kind=kind, key=key, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=failures.primary_key, set_=values))

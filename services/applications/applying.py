"""Making an application: what somebody sends, with the time it comes in, is one."""

import hmac
from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from uuid_utils.compat import uuid7

from services.applications import domain, queries
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.models import applications, items
from services.applications.papers import new_item
from services.applications.queries import Case
from services.applications.telling import add_step, tell
from shared import clock, references
from shared.api_applications import ApplicationRequest, ApplicationSent
from shared.contracts.applications import ApplicationReceived, Channel
from shared.db import Session
from shared.documents.sealed import DataKey, MasterKeys

_INSERT = insert_or_not(applications).on_conflict_do_nothing().returning(applications.c.id)
OLDEST_YEARS = 130
NOTHING_YET: dict[str, Any] = dict.fromkeys(
    ("inquired_at", "handed_over_at", "ended_at", "erased_at", "external_reference", "external_hash")
)


async def apply(
    session: Session,
    request: ApplicationRequest,
    idempotency_key: str,
    offer: Offer,
    access: Access,
    keys: MasterKeys,
    channel: Channel = "online",
    received_at: datetime | None = None,
    own: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Mapping[str, Any], bool]:
    """Make an application, or return the one that this key has made before; and whether it is new.

    `received_at`: when it came in on paper; left out: now. `own`: further columns, of the office's own system.
    Raises `UnknownBenefit`, `UnknownOffice`, `BirthDateImpossible`, `ReceivedInFuture`, `IdempotencyKeyReused`.
    """
    now, hash_ = clock.now(), access.request_hash(request)
    if earlier := await queries.find_by_key(session, idempotency_key):
        return _same_request(earlier, hash_), False
    benefit, office = offer.benefit(request.benefit), offer.office(request.office)
    _check_birth_date(request.birth_date, now.astimezone(offer.zone).date())
    if received_at is not None and received_at > now:
        raise domain.ReceivedInFuture("It cannot have come in later than now.")
    since = received_at.astimezone(UTC) if received_at else now
    row = {
        "id": uuid7(),
        "tenant": session.tenant,
        "reference": references.new_reference(),
        "version": 0,
        "changed_version": 0,
        "benefit_id": benefit.id,
        "benefit_name": benefit.name_on(since.astimezone(offer.zone).date()),
        "office_id": office.id,
        "office": office.model_dump(mode="json"),
        "channel": channel,
        "state": "received",
        "state_since": since,
        "due_at": domain.due("received", since, benefit.due_days, ZoneInfo(office.zone)),
        "received_at": since,
        **person(request),
        "idempotency_key": idempotency_key,
        "request_hash": hash_,
        "online_access": True,
        "access_version": 1,
        "data_key": DataKey.generate().wrap(keys),
        **own,
    }
    while (await session.execute(_INSERT, row)).first() is None:
        if earlier := await queries.find_by_key(session, idempotency_key):
            return _same_request(earlier, hash_), False
        row["reference"] = references.new_reference()  # it was given already
    papers = [new_item(session.tenant, row["id"], kind, position) for position, kind in enumerate(benefit.items)]
    await session.execute(insert(items), papers)
    case = Case(NOTHING_YET | row, papers)
    add_step(session, case, since, "citizen" if channel == "online" else "office", backward=False)
    tell(session, case, ApplicationReceived, access, channel=channel, received_at=since)
    await case.save(session)
    return case.row, True


def sent(row: Mapping[str, Any], access: Access) -> ApplicationSent:
    """Return what whoever applied is given, and given again, also when that code was replaced since."""
    return ApplicationSent(
        reference=row["reference"],
        code=access.code(row["id"]),
        link=access.link(row["id"], row["reference"]),
        received_at=row["received_at"],
    )


def person(request: ApplicationRequest) -> dict[str, Any]:
    """Return what an application keeps of the person."""
    return {name: getattr(request, name) for name in ("name", "birth_date", "email", "phone", "language")}


def check_birth_date(born: date, offer: Offer) -> None:
    """Raise `BirthDateImpossible`."""
    _check_birth_date(born, clock.now().astimezone(offer.zone).date())


def _check_birth_date(born: date, today: date) -> None:
    if not date(today.year - OLDEST_YEARS, 1, 1) <= born <= today:
        raise domain.BirthDateImpossible("Please check the date of birth.")


def _same_request(earlier: Mapping[str, Any], hash_: bytes) -> Mapping[str, Any]:
    if not hmac.compare_digest(earlier["request_hash"] or b"", hash_):
        raise domain.IdempotencyKeyReused("This Idempotency-Key was used for another request. Please send a new one.")
    return earlier

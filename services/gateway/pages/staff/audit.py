"""Who of the staff did what: entries of gateway, booking and applications, in one list, newest first."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from services.gateway import accounts
from services.gateway.backend import Backend
from services.gateway.doors import Applications, Booking, CurrentTenant, OffersOfTenants
from services.gateway.members import Member, require
from services.gateway.models import audit_entries
from services.gateway.moments import Moment, clock_time, long_date
from services.gateway.pages.staff.audit_words import ACTIONS, FIELDS, SUBJECTS, VALUES
from services.gateway.render import CurrentLanguage, page, translate
from shared import audit
from shared.api_audit import AuditEntry, Before

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/audit")
Reader = Annotated[Member, Depends(require("audit"))]
Word = Annotated[str, Query(max_length=100, pattern=r"^[a-z0-9-]*$")]
_ENTRIES = TypeAdapter(list[AuditEntry])
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # says nothing to a person
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(rf"{_DAY.pattern}T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Line:
    """An entry as it is shown. `changes`: what, before, after."""

    day: str
    time: str
    who: str
    action: str
    office: str
    target: str
    changes: list[tuple[str, str, str]]


@router.get("")
async def show(
    request: Request,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Reader,
    booking: Booking,
    applications: Applications,
    offers: OffersOfTenants,
    office: Word = "",
    action: Word = "",
    before: Before | None = None,
    before_id: UUID | None = None,
) -> Response:
    """Show entries of the member's offices; to admins all of them."""
    start = (before, before_id or UUID(int=0)) if before else None
    everywhere = "admin" in member.identity.roles
    part = audit.Part(None if everywhere else member.identity.offices, office, action, start)
    async with request.app.state.service.database.transaction(tenant.id) as session:
        rows = await audit.read(session, audit_entries, part)
        names = await accounts.list_names(session)
    own = [AuditEntry.model_validate(dict(row._mapping), extra="ignore") for row in rows]
    others = await asyncio.gather(*(_ask(member, service, part) for service in (booking, applications)))
    found = sorted(chain(own, *others), key=lambda entry: (entry.at, entry.id), reverse=True)[: audit.MOST]
    known = {one["id"]: one["name"] for one in (await offers.get(tenant.id)).offices}
    zone = ZoneInfo(tenant.zone)
    older = ""
    if len(found) == audit.MOST:
        last = {"before": found[-1].at.isoformat(), "before_id": str(found[-1].id)}
        older = urlencode({"office": office, "action": action} | last)
    choices = {id_: name for id_, name in known.items() if everywhere or id_ in member.identity.offices}
    words = sorted((translate(language, text), name) for name, text in ACTIONS.items())
    return page(
        request, language, "staff/audit.html", tenant, member=member, offices=choices, office=office, action=action,
        lines=[_line(entry, language, zone, names, known) for entry in found], older=older, actions=words,
    )  # fmt: skip


async def _ask(member: Member, service: Backend, part: audit.Part) -> list[AuditEntry]:
    params = {"office": part.office, "action": part.action}
    if part.before:
        params |= {"before": part.before[0].isoformat(), "before_id": str(part.before[1])}
    answer = await member.ask(service, "GET", "/staff/audit", params=params)
    if not answer.is_success:
        raise service.away(f"status {answer.status_code}")
    return _ENTRIES.validate_python(answer.json())


def _line(
    entry: AuditEntry, language: str, zone: ZoneInfo, names: Mapping[str, str], offices: Mapping[str, str]
) -> Line:
    at: datetime = entry.at.astimezone(zone)
    word = SUBJECTS.get(entry.subject)
    action = ACTIONS.get(entry.action)
    return Line(
        day=long_date(at.date(), language),
        time=clock_time(at.time(), language),
        who=translate(language, word) if word else names.get(entry.subject, entry.subject),
        action=translate(language, action) if action else entry.action.replace("-", " "),
        office=offices.get(entry.office_id, entry.office_id),
        target="" if _ID.fullmatch(entry.target) else _text(language, zone, entry.target),
        changes=_changes(language, zone, entry.before or {}, entry.after or {}),
    )


def _changes(
    language: str, zone: ZoneInfo, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    return [
        (
            translate(language, FIELDS[name]) if name in FIELDS else name.replace("_", " "),
            _text(language, zone, before.get(name)),
            _text(language, zone, after.get(name)),
        )
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _text(language: str, zone: ZoneInfo, value: Any) -> str:  # noqa: ANN401  JSON
    if isinstance(value, list):
        return ", ".join(_text(language, zone, one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(language, zone, one)}" for name, one in value.items())
    if isinstance(value, bool) or (isinstance(value, str) and value in VALUES):
        return translate(language, VALUES[value])
    if isinstance(value, str) and _DAY.fullmatch(value):
        return long_date(date.fromisoformat(value), language)
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        moment = Moment.of(datetime.fromisoformat(value).astimezone(zone), language)
        return translate(language, "%(date)s, %(time)s", date=moment.date, time=moment.time)
    return "" if value is None else str(value)

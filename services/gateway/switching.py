"""Switching on and off: now, or scheduled; what was done is written down, and told to the services, together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, cast, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from uuid_utils.compat import uuid7

from services.gateway.models import audit_entries, due_switch_changes, staff_accounts, switch_changes, switch_settings
from services.gateway.switches import WAKES
from shared import audit, clock, outbox
from shared import switches as registry
from shared.contracts.gateway import SwitchSet
from shared.db import Session
from shared.errors import Conflict
from shared.identity import Identity
from shared.service import Service

SECONDS = 1.0  # between looks for what is due
MOST_SHOWN = 50
BY_SCHEDULE = "schedule"  # who did it, when nobody pressed

_ACCOUNT = cast(staff_accounts.c.id, Text)
_NAMED = select(switch_changes, staff_accounts.c.name.label("by")).outerjoin(
    staff_accounts, switch_changes.c.set_by == _ACCOUNT
)


class ChangedMeanwhile(Conflict):
    """Somebody else has used the switch since the page was shown."""


class OtherwiseScheduled(Conflict):
    """The opposite is scheduled for the same moment."""


@dataclass(frozen=True)
class Place:
    """A switch of an office, or of the whole tenant (office '')."""

    office: str
    name: registry.Name


@dataclass(frozen=True)
class Setting:
    """What is set at a place. `is_on`: None when nothing is; `version`: 0 when nothing ever was."""

    is_on: bool | None = None
    version: int = 0
    since: datetime | None = None
    by: str | None = None  # None as well when the account is gone
    reason: str = ""


async def settings(session: Session, office: str) -> dict[Place, Setting]:
    """Return what is set for an office and for the whole tenant, with who did it."""
    own, made = switch_settings.c, switch_changes.c
    same = [made[column] == own[column] for column in ("tenant", "office_id", "name", "version")]
    joined = switch_settings.outerjoin(switch_changes, and_(*same)).outerjoin(staff_accounts, made.set_by == _ACCOUNT)
    query = select(switch_settings, made.reason, staff_accounts.c.name.label("by")).select_from(joined)
    query = query.where(own.tenant == session.tenant, own.office_id.in_([office, registry.WHOLE_TENANT]))
    return {
        Place(row.office_id, row.name): Setting(row.is_on, row.version, row.from_at, row.by, row.reason or "")
        for row in await session.execute(query)
    }


async def changes(session: Session, place: Place, *, scheduled: bool) -> Sequence[Mapping[str, Any]]:
    """Return what is scheduled, the next first, or what was done or withdrawn, the newest first."""
    query = _NAMED.where(*_at(place), (switch_changes.c.state == "scheduled").is_(scheduled))
    moment = switch_changes.c.at
    rows = await session.execute(query.order_by(moment if scheduled else moment.desc()).limit(MOST_SHOWN))
    return [dict(row._mapping) for row in rows]


async def set_now(
    session: Session, place: Place, version: int, who: Identity, *, is_on: bool | None, reason: str = ""
) -> bool:
    """Set a switch at once (None: nothing of its own any more); tell whether that changed anything.

    `version`: of the setting that the member saw. Raises `ChangedMeanwhile`.
    """
    now = clock.now()
    own = await _locked(session, place)
    if own.is_on is is_on:
        return False
    if own.version != version:
        raise ChangedMeanwhile("Somebody else has used this switch meanwhile. Please look at it again.")
    made = await _set(session, place, own, now, is_on=is_on)
    row = _change(session, place, who, is_on=is_on, at=now, reason=reason) | {
        "state": "done",
        "was_on": own.is_on,
        "version": made,
    }
    await session.execute(insert(switch_changes).values(row))
    _audit(session, who, "switch", place, {"is_on": own.is_on}, {"is_on": is_on, "reason": reason})
    return True


async def schedule(
    session: Session,
    place: Place,
    who: Identity,
    *,
    is_on: bool,
    start: datetime,
    end: datetime | None = None,
    reason: str = "",
) -> None:
    """Set a switch at a time, and with an end as it is set now again, or to the opposite when that is the same.

    What is scheduled already stays so. Raises `OtherwiseScheduled`.
    """
    own = await _locked(session, place)
    wanted: dict[datetime, bool | None] = {start: is_on}
    if end is not None:
        wanted[end] = own.is_on if own.is_on is not is_on else not is_on
    planned = {change["at"]: change["is_on"] for change in await changes(session, place, scheduled=True)}
    for at, value in wanted.items():
        if at in planned and planned[at] is not value:
            raise OtherwiseScheduled("Something else is scheduled for this moment. Please withdraw that first.")
        if at not in planned:
            row = _change(session, place, who, is_on=value, at=at, reason=reason) | {"state": "scheduled"}
            await session.execute(insert(switch_changes).values(row))
            due = {"change_id": row["id"], "tenant": session.tenant, "due_at": at}
            await session.execute(insert(due_switch_changes).values(due))
            after = {"is_on": value, "at": at.isoformat(), "reason": reason}
            _audit(session, who, "schedule-switch", place, {"is_on": own.is_on}, after)


async def withdraw(session: Session, place: Place, change_id: UUID, who: Identity) -> bool:
    """Withdraw a scheduled change; tell whether there was still one."""
    await _locked(session, place)
    planned = update(switch_changes).where(
        *_at(place), switch_changes.c.id == change_id, switch_changes.c.state == "scheduled"
    )
    planned = planned.values(state="withdrawn", withdrawn_by=who.subject)
    row = (await session.execute(planned.returning(switch_changes.c.is_on, switch_changes.c.at))).one_or_none()
    if row is None:
        return False
    await session.execute(delete(due_switch_changes).where(due_switch_changes.c.change_id == change_id))
    _audit(session, who, "withdraw-switch", place, {"is_on": row.is_on, "at": row.at.isoformat()}, None)
    return True


async def run_due(service: Service[Any]) -> None:
    """Do what is scheduled for now, in order; what a time without any gateway has delayed too."""
    due = select(due_switch_changes).where(due_switch_changes.c.due_at <= clock.now())
    async with service.database.transaction() as session:
        rows = (await session.execute(due.order_by(due_switch_changes.c.due_at, due_switch_changes.c.change_id))).all()
    for row in rows:

        async def work(session: Session, change_id: UUID = row.change_id) -> None:
            await _do_scheduled(session, change_id)

        await service.database.run(work, row.tenant)


async def _do_scheduled(session: Session, change_id: UUID) -> None:
    found = select(switch_changes).where(switch_changes.c.id == change_id)
    change = (await session.execute(found)).one()
    place = Place(change.office_id, change.name)
    own = await _locked(session, place)
    await session.execute(delete(due_switch_changes).where(due_switch_changes.c.change_id == change_id))
    now = clock.now()
    planned = update(switch_changes).where(switch_changes.c.id == change_id, switch_changes.c.state == "scheduled")
    done = planned.values(state="done", was_on=own.is_on, at=now)
    if (await session.execute(done)).rowcount and own.is_on is not change.is_on:
        made = await _set(session, place, own, now, is_on=change.is_on)
        await session.execute(update(switch_changes).where(switch_changes.c.id == change_id).values(version=made))
        after = {"is_on": change.is_on, "reason": change.reason, "scheduled_by": change.set_by}
        _audit(session, BY_SCHEDULE, "switch", place, {"is_on": own.is_on}, after)


async def _locked(session: Session, place: Place) -> Setting:
    """Return what is set at a place once nobody else changes it; a row may not be there to lock."""
    await session.lock(f"switch/{registry.key(session.tenant, place.office, place.name)}")
    own = switch_settings.c
    query = select(switch_settings).where(own.tenant == session.tenant, own.office_id == place.office)
    row = (await session.execute(query.where(own.name == place.name))).one_or_none()
    return Setting() if row is None else Setting(row.is_on, row.version, row.from_at)


async def _set(session: Session, place: Place, own: Setting, now: datetime, *, is_on: bool | None) -> int:
    """Set a locked switch and tell the services; return the setting's version."""
    key = {"tenant": session.tenant, "office_id": place.office, "name": place.name}
    values = {"is_on": is_on, "version": own.version + 1, "from_at": now}
    row = upsert(switch_settings).values(key | values)
    await session.execute(row.on_conflict_do_update(index_elements=switch_settings.primary_key, set_=values))
    event = SwitchSet(
        switch_id=registry.key(session.tenant, place.office, place.name),
        version=own.version + 1,
        office_id=place.office,
        switch=place.name,
        is_on=is_on,
        set_at=now,
    )
    outbox.add(session, event)
    session.wakes.add(WAKES)
    return event.version


def _change(
    session: Session, place: Place, who: Identity, *, is_on: bool | None, at: datetime, reason: str
) -> dict[str, Any]:
    what = {"id": uuid7(), "tenant": session.tenant, "office_id": place.office, "name": place.name, "is_on": is_on}
    return what | {"at": at, "reason": reason, "set_by": who.subject, "set_at": clock.now()}


def _at(place: Place) -> tuple[Any, Any]:
    return switch_changes.c.office_id == place.office, switch_changes.c.name == place.name


def _audit(
    session: Session,
    who: Identity | str,
    action: str,
    place: Place,
    before: Mapping[str, Any],
    after: Mapping[str, Any] | None,
) -> None:
    audit.add(session, audit_entries, who, action, office=place.office, target=place.name, before=before, after=after)

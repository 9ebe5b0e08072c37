"""Desks at which somebody works just now. Who, is not kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Row

from services.booking import domain
from services.booking.models import audit_entries, open_desks
from services.booking.queue import reading, tickets
from services.booking.staff import check_may
from shared import audit, clock
from shared.db import Session
from shared.identity import Identity

Desk = Row[Any]


def is_open(desk: Desk, now: datetime, away: timedelta) -> bool:
    """Whether something was heard of a desk so recently that somebody sits there, or somebody is being served at it."""
    return desk.busy or (desk.seen_at is not None and desk.seen_at > now - away)


def count_open(desks: Sequence[Desk], now: datetime, away: timedelta) -> dict[str, int]:
    """Return how many desks of each team are open."""
    teams = [desk.team_id for desk in desks if is_open(desk, now, away)]
    return {team: teams.count(team) for team in teams}


async def keep_open(session: Session, office_id: str, desk_id: int, staff: Identity, away: timedelta) -> Desk:
    """Note that somebody works at a desk; opened anew, it is written down. Raises `UnknownDesk`."""
    now = clock.now()
    desk = next((one for one in await reading.list_desks(session, office_id) if one.id == desk_id), None)
    if desk is None:
        raise domain.UnknownDesk("The office has no such desk. Please choose one of the list.")
    seen = {"seen_at": now}
    if not is_open(desk, now, away):
        seen |= {"opened_at": now}
        audit.add(session, audit_entries, staff, "desk-open", office=office_id, target=desk.name)
    row = {"desk_id": desk_id, "tenant": session.tenant, "office_id": office_id, "opened_at": now, "seen_at": now}
    kept = insert(open_desks).values(row).on_conflict_do_update(index_elements=["desk_id"], set_=seen)
    await session.execute(kept)
    return desk


async def open_desk(session: Session, office_id: str, desk_id: int, staff: Identity, away: timedelta) -> None:
    """Open a desk, or say that somebody is there still. Raises `NotYourTask`, `OfficeNotYours`, `UnknownDesk`."""
    check_may(staff, "desk", office_id)
    await keep_open(session, office_id, desk_id, staff, away)


async def close_desk(session: Session, office_id: str, desk_id: int, staff: Identity) -> None:
    """Close a desk; closed already, nothing changes.

    Raises `NotYourTask`, `OfficeNotYours`, and `DeskBusy` while somebody is called to it or served there.
    """
    check_may(staff, "desk", office_id)
    await tickets.lock(session, office_id)
    here = await reading.today(session, office_id, clock.now())
    for row in await tickets.list_open(session, here, clock.now()):
        if row["desk_id"] == desk_id:
            raise domain.DeskBusy(
                f"Number {row['label']} is at this desk still. Please finish it or put it back first."
            )
    own = delete(open_desks).where(open_desks.c.desk_id == desk_id, open_desks.c.office_id == office_id)
    if (await session.execute(own)).rowcount:
        name = next(one.name for one in await reading.list_desks(session, office_id) if one.id == desk_id)
        audit.add(session, audit_entries, staff, "desk-close", office=office_id, target=name)

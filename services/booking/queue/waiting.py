"""How long people wait at an office: for those who wait, and those who would come now. Asked often, computed seldom."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select

from services.booking import domain, queries, switches
from services.booking.models import concerns
from services.booking.queue import documents, measuring, presence, reading
from services.booking.queue.measuring import Measured
from services.booking.queue.reading import Ticket, Today
from services.booking.settings import BookingSettings
from shared import api_queue, clock
from shared.db import Database, Session

log = structlog.get_logger()

# Many wait, each with a phone that asks: then nobody's range changes much within a minute.
MANY, MANY_SECONDS = 20, 60.0
MOST_TOLD = 10_000
MEASURED_SECONDS = 300.0  # yesterday's conversations change nothing in five minutes
# Desks that were open on other days open within so long; before it begins, people may be there already.
OPENING = timedelta(minutes=15)
_LAST = 1_000_000  # the number of a ticket that nobody has drawn yet


@dataclass
class Picture:
    """An office at a moment, ready to be estimated from."""

    here: Today
    now: datetime
    concerns: Sequence[Mapping[str, Any]]
    coming: tuple[domain.Plan, datetime] | None  # the plan that waits, and when it comes into force
    open_desks: Mapping[str, int]  # by team
    paused: Mapping[str, Sequence[datetime]]  # by team
    there: Sequence[Ticket]
    to_come: Sequence[Mapping[str, Any]]
    planned: Mapping[str, float]
    measured: Measured
    tells: bool  # whether the office wants the expected wait to be told
    gives: bool  # whether it gives tickets at kiosk and phone
    made_at: float = field(default_factory=time.monotonic)
    told: dict[str, domain.Range | domain.Untold] = field(default_factory=dict)  # by concern, to who comes now

    @property
    def waiting(self) -> Counter[str]:
        """How many wait for each team."""
        return Counter(row["team_id"] for row in self.there if row["state"] == "waiting")

    def range_for(self, row: Ticket) -> domain.Range | domain.Untold:
        """Return how much longer somebody will wait who has a ticket."""
        return self._estimate(row["team_id"], domain.Queued(reading.waiting(row), row["concern_id"]))

    def range_now(self, concern: str, team: str) -> domain.Range | domain.Untold:
        """Return how long somebody would wait who comes now without an appointment."""
        if concern not in self.told:
            me = domain.Waiting(uuid4(), self.now, number=_LAST)
            self.told[concern] = self._estimate(team, domain.Queued(me, concern))
        return self.told[concern]

    def team_for(self, concern: str) -> tuple[str | None, bool]:
        """Return the team that somebody would wait for, and whether it receives people now."""
        rules = self._rules(concern)
        try:
            return domain.shortest(domain.open_teams(rules, self.now), self.waiting, self.open_desks), True
        except domain.NoTicketsNow:
            return next(iter(domain.teams_for(rules)), None), False

    @property
    def opens_at(self) -> datetime | None:
        """When the office receives people next; none when it does now, or when that is not known."""
        rules = self._rules()
        if self.coming:
            plan, changes_at = self.coming
            rules = replace(rules, coming=replace(rules, plan=plan), changes_at=changes_at)
        return domain.next_opening(rules, self.now)

    def _estimate(self, team: str, me: domain.Queued) -> domain.Range | domain.Untold:
        try:
            line = self._line(team, me.concern)
            return domain.expected_wait(line, me) if line else "no-desk"
        except Exception:  # an estimate that fails must not take the ticket with it
            log.exception("a waiting time could not be estimated", office=self.here.id, team=team)
            return "no-desk"

    def _line(self, team: str, concern: str) -> domain.Line | None:
        if team not in self.here.teams:
            return None
        hours = [one for one in domain.openings(self._rules(concern), team, self.now) if one[1] > self.now]
        if not hours:
            return None
        own = [row for row in self.there if row["team_id"] == team]
        coming = [row for row in self.to_come if self._team_of(row) == team and self._can_come(row)]
        # By the plan, and what the team had to do with by an earlier one.
        handled = {concern, *self.here.office.plan.teams[team].concerns}
        handled |= {row["concern_id"] for row in (*own, *coming)}
        desks = max(self.open_desks.get(team, 0), sum(row["state"] != "waiting" for row in own))
        paused = [since for since in self.paused.get(team, ()) if since >= hours[0][0]]
        opening = abs(self.now - hours[0][0]) < OPENING
        return domain.Line(
            now=self.now,
            opens_at=hours[0][0],
            closes_at=hours[0][1],
            desks=desks,
            durations={
                one: domain.Durations(self.planned[one], self.measured.durations.get(one, ()))
                for one in handled & self.planned.keys()
            },
            waiting=[
                domain.Queued(reading.waiting(row), row["concern_id"]) for row in own if row["state"] == "waiting"
            ],
            serving=[domain.Serving(row["concern_id"], row["called_at"]) for row in own if row["state"] != "waiting"],
            expected=[domain.Expected(row["starts_at"], row["concern_id"]) for row in coming],
            punctuality=self.measured.punctuality,
            gaps=domain.Gaps(between=self.measured.gaps.get(team, ())),
            unopened=max(0, self.measured.desks.get(team, 0) - desks - len(paused)) if opening else 0,
            paused=paused,
        )

    def _can_come(self, row: Mapping[str, Any]) -> bool:
        return row["outcome"] is None and bool(row["starts_at"] + domain.GRACE > self.now)

    def _team_of(self, row: Mapping[str, Any]) -> str | None:
        teams = self.here.office.plan.teams
        handling = (name for name, team in teams.items() if row["concern_id"] in team.concerns)
        return row["team_id"] or next(handling, None)

    def _rules(self, *concerns: str) -> domain.Rules:
        office = self.here.office
        return domain.Rules(
            zone=office.zone,
            holidays=office.holidays,
            plan=office.plan,
            desks={},
            concern_ids=concerns,
            minutes=0,
            lead_days=0,
            horizon_days=0,
        )


class Waits:
    """What this process knows of the waiting times of all offices; each is looked at again after some seconds."""

    def __init__(self, settings: BookingSettings) -> None:
        self._settings = settings
        self._pictures: dict[tuple[str, str], Picture] = {}
        self._measured: dict[tuple[str, str], tuple[float, Measured]] = {}
        self._told: dict[UUID, tuple[float, domain.Range | domain.Untold]] = {}  # by ticket
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)  # by tenant and office

    def forget(self) -> None:
        """Look at all offices anew."""
        self._pictures.clear()
        self._told.clear()
        self._measured.clear()

    async def expected(self, database: Database, tenant: str, row: Ticket) -> api_queue.Expected | None:
        """Return how much longer somebody will wait who has a ticket."""
        if row["state"] != "waiting":
            return None
        async with self._locks[tenant, row["office_id"]]:
            picture = await self._picture(database, tenant, row["office_id"])
            seconds = MANY_SECONDS if picture.waiting[row["team_id"]] > MANY else self._settings.waiting_cache_seconds
            if not picture.tells:
                return None
            known = self._told.get(row["id"])
            if known is None or time.monotonic() - known[0] >= seconds:
                if len(self._told) >= MOST_TOLD:
                    self._told.clear()
                known = self._told[row["id"]] = time.monotonic(), await asyncio.to_thread(picture.range_for, row)
            return told(known[1])

    async def describe(self, database: Database, tenant: str, office_id: str) -> api_queue.Waiting:
        """Return how long people wait at an office; raise `UnknownOffice`."""
        async with self._locks[tenant, office_id]:
            picture = await self._picture(database, tenant, office_id)
            return await asyncio.to_thread(_describe, picture)

    async def is_too_long(self, database: Database, tenant: str, office_id: str, concern: str) -> bool:
        """Tell whether somebody who comes now would probably wait until the office closes."""
        async with self._locks[tenant, office_id]:
            picture = await self._picture(database, tenant, office_id)
            team, is_open = picture.team_for(concern)
            if team is None or not is_open:
                return False
            return await asyncio.to_thread(picture.range_now, concern, team) == "too-many"

    async def _picture(self, database: Database, tenant: str, office_id: str) -> Picture:
        key = tenant, office_id
        known = self._pictures.get(key)
        if known is None or time.monotonic() - known.made_at >= self._settings.waiting_cache_seconds:
            async with database.transaction(tenant) as session:
                self._pictures[key] = await self._look(session, office_id)
        return self._pictures[key]

    async def _look(self, session: Session, office_id: str) -> Picture:
        now, away = clock.now(), timedelta(minutes=self._settings.desk_away_minutes)
        here = await reading.today(session, office_id, now)
        now = now.astimezone(here.office.zone)  # pauses and openings go by its clock
        desks = await reading.list_desks(session, office_id)
        planned = {row.id: row.minutes for row in await session.execute(select(concerns.c.id, concerns.c.minutes))}
        listed = await queries.list_concerns(session, office_id)
        return Picture(
            here=here,
            now=now,
            concerns=listed,
            coming=await queries.load_coming_plan(session, office_id, now),
            open_desks=presence.count_open(desks, now, away),
            paused=await reading.list_paused(
                session, here, [one.id for one in desks if presence.is_open(one, now, away)], now
            ),
            there=await reading.list_open_today(session, here),
            to_come=await reading.list_to_come(session, here),
            planned=planned | {row["id"]: row["minutes"] for row in listed},
            measured=await self._measure(session, office_id, now),
            tells=await switches.is_on(session, office_id, "expected-wait"),
            gives=await switches.is_on(session, office_id, "walk-in-tickets"),
        )

    async def _measure(self, session: Session, office_id: str, now: datetime) -> Measured:
        key = session.tenant, office_id
        measured_at, found = self._measured.get(key, (float("-inf"), None))
        if found is None or time.monotonic() - measured_at >= MEASURED_SECONDS:
            found = await measuring.measure(session, office_id, now, self._settings.ticket_link_retention_days)
            self._measured[key] = time.monotonic(), found
        return found


def told(found: domain.Range | domain.Untold) -> api_queue.Expected | None:
    """Return a range as people are told it; nothing where none can be told."""
    if isinstance(found, str):
        return None
    return api_queue.Expected(from_minutes=found.from_minutes, to_minutes=found.to_minutes)


def _describe(picture: Picture) -> api_queue.Waiting:
    described = []
    for row in picture.concerns:
        team, is_open = picture.team_for(row["id"])
        described.append(
            api_queue.ConcernWaiting(
                concern=api_queue.NamedConcern(id=row["id"], name=row["name"]),
                waiting=picture.waiting[team] if team else 0,
                expected=told(picture.range_now(row["id"], team)) if team and is_open and picture.tells else None,
                open=is_open and picture.gives,
            )
        )
    zone, opens_at = picture.here.office.zone, picture.opens_at
    return api_queue.Waiting(
        office=documents.office(picture.here),
        open_desks=sum(picture.open_desks.values()),
        concerns=described,
        opens_at=opens_at and opens_at.astimezone(zone),
        as_of=picture.now.astimezone(zone),
    )

"""Fills booking's empty tables from the tenant files, once: afterwards offices and plans belong to booking."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain import Closure, Hours, OtherHours, Plan, TeamPlan
from services.booking.models import concerns, desks, offices, plans
from shared import clock, tenants
from shared.api import Kind
from shared.contracts.values import Address


class _Seed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


# In the tenant's file these make the names of the desks, after which the team is called: the plan has none.
_OF_DESKS = ("name", "desks")


class Team(_Seed):
    """A team of desks that handle the same concerns; all but id, name and desks is part of the opening plan."""

    id: str
    name: str
    desks: int = Field(gt=0, le=200)
    concerns: list[str] = Field(min_length=1)
    hours: list[Hours] = Field(min_length=1)
    exceptions: list[OtherHours] = Field(default_factory=list)
    walk_in: list[Hours] = Field(default_factory=list)
    kept_desks: int = Field(0, ge=0)

    @property
    def plan(self) -> TeamPlan:
        """The team's part of the opening plan."""
        return TeamPlan(**{name: getattr(self, name) for name in TeamPlan.model_fields if name not in _OF_DESKS})


class Office(_Seed):
    """An office with its teams."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    name: str
    address: Address
    phone: str
    video_url: str = Field("", pattern=r"^(https://\S+)?$")
    teams: list[Team] = Field(min_length=1)
    closures: list[Closure] = Field(default_factory=list)


class Concern(_Seed):
    """What people come for."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    name: dict[str, str]
    minutes: int = Field(gt=0, le=480)
    lead_days: int = Field(1, ge=0)
    horizon_days: int = Field(14, ge=0, le=366)
    papers: dict[str, list[str]]
    kinds: list[Kind] = Field(["office"], min_length=1)
    per_person: int | None = Field(None, ge=1)
    confirm_minutes: int | None = Field(None, ge=5, le=24 * 60)


class TenantSeed(tenants.Tenant):
    """The part of a tenant's file that booking is filled from."""

    offices: list[Office] = Field(min_length=1)
    concerns: list[Concern] = Field(min_length=1)


async def seed(connection: AsyncConnection, directory: Path) -> None:
    """Insert the offices of each tenant that has none yet. `connection` is the owner's, who sees all tenants."""
    for tenant_id in tenants.load(directory).by_id:
        found = TenantSeed.model_validate(tenants.read(directory / f"{tenant_id}.yml"))
        if (await connection.execute(select(offices.c.id).where(offices.c.tenant == tenant_id).limit(1))).first():
            continue
        await _insert_tenant(connection, found)


async def _insert_tenant(connection: AsyncConnection, tenant: TenantSeed) -> None:
    key = {"tenant": tenant.id}
    concern_rows = [{**key, "position": n, **c.model_dump(mode="json")} for n, c in enumerate(tenant.concerns)]
    await connection.execute(insert(concerns), concern_rows)
    for position, office in enumerate(tenant.offices):
        values = {"id": office.id, "name": office.name, "address": office.address.model_dump(), "phone": office.phone}
        values |= {"video_url": office.video_url}
        place = {"zone": tenant.zone, "land": tenant.land, "position": position}
        await connection.execute(insert(offices), {**key, **values, **place})
        office_key = {**key, "office_id": office.id}
        desk_rows = [
            {**office_key, "team_id": team.id, "name": f"{team.name} {number}"}
            for team in office.teams
            for number in range(1, team.desks + 1)
        ]
        await connection.execute(insert(desks), desk_rows)
        document = plan_document(office)
        version = {"version": 1, "document": document, "sha256": plan_hash(document), "published_at": clock.now()}
        await connection.execute(insert(plans), {**office_key, **version})


def plan_document(office: Office) -> dict[str, Any]:
    """Return an office's opening plan as it is stored."""
    teams = {team.id: team.plan for team in office.teams}
    return Plan(teams=teams, closures=office.closures).document()


def plan_hash(document: dict[str, Any]) -> str:
    """Return the hash that names a plan: equal plans have equal hashes."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()

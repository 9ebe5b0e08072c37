"""Kiosks and call displays of an office: registered by staff, known by a secret in the cookie of their browser."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import insert, select, update
from uuid_utils.compat import uuid7

from services.gateway.models import audit_entries, devices
from shared import audit, clock
from shared.db import Session
from shared.errors import Forbidden
from shared.identity import Identity

Kind = Literal["kiosk", "display"]

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
COOKIE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep one; each use begins anew

_REGISTER = insert(devices)
_LINK = "link:"  # before the secret of a link, so that it is none of a cookie, nor the other way round


class DeviceUnknown(Forbidden):
    """This browser is no kiosk or display of this office (any more)."""


def is_name(text: str) -> bool:
    """Tell whether a device can be called so."""
    return bool(_NAME.fullmatch(text))


async def register(session: Session, who: Identity, office: str, kind: Kind, name: str) -> str:
    """Register a device; return the secret of the link that makes a browser it, once: nobody can be told it again."""
    secret, id_ = secrets.token_urlsafe(32), uuid7()
    row = {"id": id_, "tenant": session.tenant, "office_id": office, "kind": kind, "name": name}
    await session.execute(_REGISTER.values(**row, secret_hash=_hashed(_LINK + secret), created_at=clock.now()))
    told = {"kind": kind, "name": name}
    audit.add(session, audit_entries, who, "register-device", office=office, target=str(id_), after=told)
    return secret


async def list_devices(session: Session, office: str) -> Sequence[Mapping[str, Any]]:
    """Return the office's devices that may be used, the newest first."""
    query = select(devices).where(devices.c.office_id == office, devices.c.revoked_at.is_(None))
    found = await session.execute(query.order_by(devices.c.created_at.desc(), devices.c.id))
    return [dict(row._mapping) for row in found]


async def revoke(session: Session, who: Identity, office: str, id_: UUID) -> None:
    """Let a device be used no more; done already, or of another office: nothing changes."""
    query = update(devices).where(devices.c.id == id_, devices.c.office_id == office, devices.c.revoked_at.is_(None))
    query = query.values(revoked_at=clock.now()).returning(devices.c.kind, devices.c.name)
    row = (await session.execute(query)).one_or_none()
    if row is not None:
        told = {"kind": row.kind, "name": row.name}
        audit.add(session, audit_entries, who, "revoke-device", office=office, target=str(id_), before=told)


async def take(session: Session, office: str, kind: Kind, link_secret: str) -> str:
    """Use a new device's link up; return the secret for the cookie of its browser. Raise `DeviceUnknown`."""
    secret = secrets.token_urlsafe(32)
    query = update(devices).where(
        devices.c.secret_hash == _hashed(_LINK + link_secret),
        devices.c.office_id == office,
        devices.c.kind == kind,
        devices.c.revoked_at.is_(None),
    )
    query = query.values(secret_hash=_hashed(secret)).returning(devices.c.id, devices.c.name)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise DeviceUnknown("This link opens no device of this office, or it was used already.")
    told = {"kind": kind, "name": row.name}
    audit.add(session, audit_entries, "device", "connect-device", office=office, target=str(row.id), after=told)
    return secret


async def is_registered(request: Request, tenant: str, office: str, kind: Kind) -> bool:
    """Tell whether this browser is such a device of the office."""
    given = request.cookies.get(cookie_name(request), "")
    if not given:
        return False
    query = select(devices.c.id).where(
        devices.c.secret_hash == _hashed(given),
        devices.c.office_id == office,
        devices.c.kind == kind,
        devices.c.revoked_at.is_(None),
    )
    async with request.app.state.service.database.transaction(tenant) as session:
        return (await session.execute(query)).one_or_none() is not None


def set_cookie(request: Request, response: Response, secret: str = "") -> None:
    """Let the browser keep the secret for as long as it can."""
    secret, secure = secret or request.cookies[cookie_name(request)], request.url.scheme == "https"
    response.set_cookie(
        cookie_name(request), secret, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure
    )


def cookie_name(request: Request) -> str:
    """Return the cookie's name; over TLS one that no sibling host can set."""
    return "__Host-device" if request.url.scheme == "https" else "device"


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

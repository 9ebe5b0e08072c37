"""The bytes of an upload, in parts, each encrypted with the application's key and bound to its place."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select

from services.applications.models import upload_parts
from shared.db import Session
from shared.documents.sealed import DataKey

Row = Mapping[str, Any]
HASHED_AT_ONCE = 16  # parts, each 256 KiB at most


async def add(session: Session, upload: Row, start: int, piece: bytes, key: DataKey) -> None:
    """Keep a piece that begins at `start`."""
    sealed = key.encrypt(piece, *_context(upload, start))
    row = {"upload_id": upload["id"], "start": start, "tenant": session.tenant, "data": sealed}
    await session.execute(insert(upload_parts).values(row))


async def hash_of(session: Session, upload: Row, key: DataKey) -> str:
    """Return the SHA-256 of all that has come in, in hex: of what is stored, not of what was meant to be."""
    digest, start = hashlib.sha256(), -1
    own = upload_parts.c.upload_id == upload["id"]
    while True:
        query = select(upload_parts).where(own, upload_parts.c.start > start).order_by(upload_parts.c.start)
        found = (await session.execute(query.limit(HASHED_AT_ONCE))).mappings().all()
        if not found:
            return digest.hexdigest()
        for part in found:
            start = part["start"]
            digest.update(key.decrypt(part["data"], *_context(upload, start)))


async def read(session: Session, upload: Row, key: DataKey) -> bytes:
    """Return all that has come in."""
    own = upload_parts.c.upload_id == upload["id"]
    query = select(upload_parts.c.start, upload_parts.c.data).where(own).order_by(upload_parts.c.start)
    parts = (await session.execute(query)).all()

    def opened() -> bytes:
        return b"".join(key.decrypt(part.data, *_context(upload, part.start)) for part in parts)

    return await asyncio.to_thread(opened)


def _context(upload: Row, start: int) -> tuple[str, ...]:
    """Return what a part is, so that one in another's place does not open."""
    return str(upload["application_id"]), str(upload["id"]), "part", str(start)

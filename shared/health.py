"""Health and metrics of a process. Live: it and its tasks run. Ready: database, migrations and keys are there.

Kafka away is shown and alarmed but is no reason to refuse a booking: events wait in the outbox.
"""

import asyncio
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from shared.db import is_not_migrated, is_transient
from shared.sealing import NoSealingKey

router = APIRouter(include_in_schema=False)

ANSWER_SECONDS = 3
ROOT = Path(__file__).parent.parent
_REVISIONS = text("SELECT (SELECT version_num FROM alembic_version_shared), (SELECT version_num FROM alembic_version)")


@cache
def newest_revision(package: str) -> str:
    """Return the newest revision of a package's migrations; they are numbered 0001, 0002, …

    Importing Alembic to ask it costs 0.8 s in every process.
    """
    return max((file.name[:4] for file in (ROOT / package / "migrations").glob("[0-9]*.py")), default="")


@router.get("/health/live")
async def live(request: Request) -> JSONResponse:
    """Say whether the process does its work; 503 means: restart it."""
    service = request.app.state.service
    halted = service.consumer is not None and service.consumer.halted
    parts = {"tasks": f"ended: {service.background.dead}" if service.background.dead else "ok"}
    parts["consumer"] = "halted after too many dead letters" if halted else "ok"
    healthy = not halted and not service.background.dead
    return JSONResponse({"status": "live" if healthy else "failing", "parts": parts}, 200 if healthy else 503)


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """Say whether requests can be served; 503 means: send them elsewhere for now."""
    service = request.app.state.service
    parts = {"database": "ok", "migrations": "ok"}
    try:
        async with asyncio.timeout(ANSWER_SECONDS), service.database.transaction() as session:
            shared_at, own_at = (await session.execute(_REVISIONS)).one()
        if shared_at < newest_revision("shared") or (own_at or "") < newest_revision(f"services/{service.name}"):
            parts["migrations"] = "behind: run `python -m deploy.migrate`"
        if service.seals:
            await service.sealing_keys.newest()
            parts["keys"] = "ok"
    except NoSealingKey:
        parts["keys"] = "none has been announced yet; notifications does that through Kafka"
    except Exception as error:
        if is_not_migrated(error):
            parts["migrations"] = "missing: run `python -m deploy.migrate`"
        elif is_transient(error):
            parts["database"] = "away"
        else:
            raise
    healthy = all(state == "ok" for state in parts.values())
    parts["kafka"] = "away: events wait in the outbox" if service.relay.state == "Kafka is away" else "ok"
    return JSONResponse({"status": "ready" if healthy else "waiting", "parts": parts}, 200 if healthy else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return the metrics of this process for Prometheus; without figures from SQL while the database is away."""
    service = request.app.state.service
    if service.before_scrape is not None:
        try:
            await service.before_scrape(service)
        except Exception as error:
            if not is_transient(error):
                raise
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

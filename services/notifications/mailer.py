"""The mailer: claims what is due, hands it to the mail server outside of any transaction, records the result.

A crash between the server's yes and the record sends the mail again, with the same Message-ID: better twice than
never. See docs/adr/0007.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import stamina
import structlog
from sqlalchemy import ARRAY, Uuid, bindparam, delete, func, select, text, update

from services.notifications import render
from services.notifications.keys import KeyRing, UnreadableRecipient
from services.notifications.models import WAKES, application_states, due_messages, messages
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import TIMEOUT_SECONDS, MailServer, Refused, ServerAway
from shared import clock, outbox
from shared.contracts.notifications import MessageFailed, MessageSent
from shared.contracts.values import SealedRecipient
from shared.db import is_transient
from shared.service import Service
from shared.tracing import span

log = structlog.get_logger()

POLL_SECONDS = 0.5
AWAY_SECONDS = 5.0
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 30.0, 3600.0
CLAIM_PER_CONNECTION = 10
RECORD_SECONDS = 4.0

# Only the first waiting message about a thing is claimed, so that a cancellation never overtakes its confirmation.
_CLAIM = text("""
    UPDATE due_messages SET claimed_until = :until WHERE id IN (
        SELECT id FROM due_messages d
        WHERE due_at <= :now AND (claimed_until IS NULL OR claimed_until < :now)
        AND NOT EXISTS (SELECT FROM due_messages earlier WHERE earlier.about = d.about AND earlier.id < d.id)
        ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING message_id, tenant
""")
# Read after the claim: a paper that had arrived by then is not asked for again.
_LOAD = (
    select(messages, application_states.c.content.label("newest"), application_states.c.as_of)
    .outerjoin(application_states, application_states.c.application_id == messages.c.about)
    .where(messages.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
)

Row = Mapping[str, Any]


class Mailer:
    """Sends one service's messages over a few connections at a time."""

    def __init__(self, service: Service[NotificationsSettings]) -> None:
        self._service = service
        self._settings = service.settings
        self._database = service.database
        self._ring = KeyRing(service.settings.sealing_keys_file)
        url = service.settings.smtp_url.get_secret_value()
        self._servers = [MailServer(url) for _ in range(service.settings.smtp_connections)]

    async def run(self) -> None:
        """Send for ever."""
        try:
            while True:
                self._database.signal(WAKES).clear()
                try:
                    more = await self._send_due()
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("mailer lost its database, trying again", error=type(error).__name__)
                    more = False
                if not more:
                    await self._database.wait_for_signal(WAKES, POLL_SECONDS)
        finally:
            await asyncio.gather(*(server.close() for server in self._servers))

    async def _send_due(self) -> bool:
        """Send what is due; tell whether more may be waiting already."""
        now = clock.now()
        until = now + timedelta(seconds=self._settings.claim_seconds)
        limit = CLAIM_PER_CONNECTION * len(self._servers)
        rows = await self._claim(now, until, limit)
        # Whoever is not reached in time leaves the message to the next claim: nobody sends beside a second sender.
        deadline = until - timedelta(seconds=TIMEOUT_SECONDS + RECORD_SECONDS)
        count = len(self._servers)
        work = [self._send_all(server, rows[n::count], deadline) for n, server in enumerate(self._servers)]
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        return len(rows) == limit

    async def _claim(self, now: datetime, until: datetime, limit: int) -> list[Row]:
        by_tenant: dict[str, list[UUID]] = {}
        rows: list[Row] = []
        async with self._database.transaction() as session:
            for row in await session.execute(_CLAIM, {"now": now, "until": until, "limit": limit}):
                by_tenant.setdefault(row.tenant, []).append(row.message_id)
            for tenant, ids in by_tenant.items():
                await session.set_tenant(tenant)
                rows += [dict(row._mapping) for row in await session.execute(_LOAD, {"ids": ids})]
        return rows

    async def _send_all(self, server: MailServer, rows: Sequence[Row], deadline: datetime) -> None:
        for position, row in enumerate(rows):
            if clock.now() > deadline:
                return
            try:
                with span(f"send {row['kind']}", row["traceparent"]):
                    await self._send(server, row)
            except ServerAway as error:
                log.warning("mail server is away, messages wait", reason=str(error))
                await self._give_back([waiting["id"] for waiting in rows[position:]])
                return

    async def _send(self, server: MailServer, row: Row) -> None:
        now = clock.now()
        if self._is_useless(row, now):
            await self._end(row, "expired")
            return
        try:
            tenant = self._service.tenants.by_id[row["tenant"]]
            recipient = self._ring.open(SealedRecipient(key_id=row["key_id"], box=row["box"]))
            content = row["content"]
            if row["newest"] is not None:
                content = {**content, **row["newest"], "as_of": row["as_of"].isoformat()}
            message = render.Message(row["id"], row["kind"], row["sequence"], content, recipient)
            await server.send(render.to_email(message, tenant, now))
        except UnreadableRecipient:
            await self._end(row, "unreadable")
        except Refused as error:
            if error.permanent:
                await self._end(row, "refused")
            else:
                await self._retry(row, str(error))
        except ServerAway:
            raise
        except Exception as error:
            # A fault of this release in one message must not keep the others from being sent.
            log.exception("message cannot be composed", message_id=str(row["id"]), kind=row["kind"])
            await self._retry(row, type(error).__name__)
        else:
            await self._end(row, "sent")

    async def _end(self, row: Row, outcome: str) -> None:
        now = clock.now()
        common = {
            "message_id": row["id"],
            "version": 1,
            "kind": row["kind"],
            "about": row["about"],
            "event_id": row["event_id"],
            "channel": "email",
        }
        sent = outcome == "sent"
        event = MessageSent(**common, sent_at=now) if sent else MessageFailed(**common, failed_at=now, reason=outcome)
        values = {
            "state": "sent" if sent else "failed",
            "error": "" if sent else outcome,
            "attempts": row["attempts"] + 1,
            "box": "",
            "ended_at": now,
        }
        # The mail is out: a database that is away for a moment is no reason to send it again.
        async for attempt in stamina.retry_context(on=is_transient, attempts=None, timeout=RECORD_SECONDS):
            with attempt:
                async with self._database.transaction(row["tenant"]) as session:
                    await session.execute(update(messages).where(messages.c.id == row["id"]).values(values))
                    await session.execute(delete(due_messages).where(due_messages.c.message_id == row["id"]))
                    outbox.add(session, event)

    async def _retry(self, row: Row, reason: str) -> None:
        seconds = min(FIRST_RETRY_SECONDS * 2 ** min(row["attempts"], 10), LONGEST_RETRY_SECONDS)
        await self._postpone(row, seconds, reason, attempts=row["attempts"] + 1)

    def _is_useless(self, row: Row, now: datetime) -> bool:
        """Tell whether a message comes too late: refused for too long, or about what has begun or ended.

        A mail server that is away refuses nothing: what waited for it is sent, however long that took.
        """
        too_long = now - row["created_at"] > timedelta(hours=self._settings.give_up_hours)
        content = row["content"]
        ends = content.get("valid_until") or content.get("confirm_until") or content.get("starts_at")
        ended = ends is not None and datetime.fromisoformat(ends) < now
        return ended or (too_long and row["attempts"] > 0)

    async def _give_back(self, ids: list[UUID]) -> None:
        """Let go of claimed messages for a while, in one statement: there may be many."""
        later = {"claimed_until": None, "due_at": clock.now() + timedelta(seconds=AWAY_SECONDS)}
        async with self._database.transaction() as session:
            await session.execute(update(due_messages).where(due_messages.c.message_id.in_(ids)).values(later))

    async def _postpone(self, row: Row, seconds: float, reason: str, *, attempts: int) -> None:
        due = {"due_at": clock.now() + timedelta(seconds=seconds), "claimed_until": None}
        async with self._database.transaction(row["tenant"]) as session:
            changes = {"attempts": attempts, "error": reason[:200]}
            await session.execute(update(messages).where(messages.c.id == row["id"]).values(changes))
            await session.execute(update(due_messages).where(due_messages.c.message_id == row["id"]).values(due))

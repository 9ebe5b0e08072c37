"""The command for dead letters, as an operator runs it beside the running service."""

import asyncio
import os
import re
import subprocess
import sys

from services.notifications.consumers import HANDLERS
from shared import clock
from shared.contracts.booking import AppointmentBooked, AppointmentCancelled
from shared.db import Session
from tests.harness.chaos import count
from tests.harness.events import UNREADABLE, booked, record
from tests.harness.installation import Installation
from tests.harness.kafka import produce
from tests.harness.messaging import fails, release
from tests.harness.reading import caught_up
from tests.harness.waiting import eventually


async def command(installation: Installation, *arguments: object) -> tuple[int, str]:
    """Run the command; return its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shared.dead_letters", "notifications", *map(str, arguments)),
        env={**os.environ, "DATABASE_URL": installation.database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def messages(installation: Installation) -> list[tuple[str, str]]:
    rows = await installation.rows("notifications", "SELECT kind, about::text FROM messages ORDER BY created_at")
    return [(row["kind"], row["about"]) for row in rows]


async def test_dead_letters_are_listed_shown_replayed_once_and_in_order_and_dropped(installation: Installation) -> None:
    stale, late, unwanted = (booked(recipient=UNREADABLE) for _ in range(3))

    await produce(installation.kafka, [record(installation, event, partition=0) for event in (stale, late, unwanted)])
    async with release(installation, "notifications", {**dict(HANDLERS), AppointmentBooked: fails}):
        await caught_up(installation, "notifications")
    rows = await installation.rows("notifications", "SELECT id, key FROM dead_letters")
    ids = {row["key"].decode(): row["id"] for row in rows}
    code, said = await command(installation, "list")
    assert code == 0
    assert re.findall(r"(waiting) .*(RuntimeError): a fault", said) == [("waiting", "RuntimeError")] * 3
    assert said.endswith("3 dead letters\n")
    code, said = await command(installation, "show", ids[late.key])
    assert code == 0
    for part in ("booking.appointment-booked.v1", f'"ce_subject": "{late.key}"', late.model_dump_json()):
        assert part in said

    cancelled = AppointmentCancelled(
        **stale.model_dump(exclude={"version", "booked_at"}),
        version=2, cancelled_at=clock.now(), cancelled_by="citizen",
    )  # fmt: skip
    await produce(installation.kafka, [record(installation, cancelled)])
    async with installation.app("notifications"):
        await caught_up(installation, "notifications")
        assert await messages(installation) == [("appointment-cancelled", stale.key)]
        code, said = await command(installation, "replay", ids[stale.key], ids[late.key])
        assert (code, said.split()[0]) == (0, "2"), said

        async def applied() -> bool:
            return await count(installation, "notifications", "dead_letters") == 1

        await eventually(applied)
        # The first was overtaken by its cancellation while it lay aside: it must not be confirmed any more.
        both = [("appointment-cancelled", stale.key), ("appointment-booked", late.key)]
        assert await messages(installation) == both
        code, said = await command(installation, "replay", ids[late.key])
        assert code == 1, "it is not there any more"
        code, said = await command(installation, "drop", ids[unwanted.key])
        assert (code, said) == (0, "1 dropped\n")
        assert await command(installation, "list") == (0, "0 dead letters\n")
        assert await messages(installation) == both


async def test_a_dead_letter_that_fails_again_stays_with_its_new_error(installation: Installation) -> None:
    async def fails_otherwise(event: AppointmentBooked, session: Session) -> None:
        await HANDLERS[AppointmentBooked](event, session)
        await session.flush()
        raise LookupError("another fault")

    await produce(installation.kafka, [record(installation, booked(recipient=UNREADABLE))])
    async with release(installation, "notifications", {**dict(HANDLERS), AppointmentBooked: fails}):
        await caught_up(installation, "notifications")
    [row] = await installation.rows("notifications", "SELECT id FROM dead_letters")
    async with release(installation, "notifications", {**dict(HANDLERS), AppointmentBooked: fails_otherwise}):
        assert (await command(installation, "replay", row["id"]))[0] == 0

        async def tried() -> bool:
            _, said = await command(installation, "list")
            return "LookupError: another fault" in said and "waiting" in said

        await eventually(tried)
    assert await messages(installation) == []
    assert await count(installation, "notifications", "inbox") == 0

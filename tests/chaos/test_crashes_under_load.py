"""Every service is killed while people book: nothing that was acknowledged is lost, nothing happens twice."""

import asyncio

import httpx

from deploy.migrate import SERVICES
from tests.conftest import NewInstallation
from tests.harness.chaos import count, kill, mails, no_dead_letters, outboxes_empty
from tests.harness.citizen import Citizen
from tests.harness.installation import Installation
from tests.harness.load import Crowd, add_desks, address
from tests.harness.waiting import eventually

PEOPLE, PER_SECOND = 800, 20
KILLED = (
    ("notifications",),
    ("booking",),
    ("notifications", "gateway"),
    ("statistics",),
    ("notifications",),
    ("applications", "cards", "feedback"),
    ("gateway", "booking"),
    ("statistics", "booking"),
)


async def test_whatever_is_killed_while_people_book_each_has_one_appointment_and_one_confirmation(
    new_installation: NewInstallation,
) -> None:
    # One connection to the mail server: then each crash repeats at most the one mail that was under way.
    installation = await new_installation(CLAIM_SECONDS="25", SMTP_CONNECTIONS="1")
    await add_desks(installation, 60)
    await installation.start("mailbox", *SERVICES)
    async with httpx.AsyncClient(base_url=installation.url("gateway"), trust_env=False, timeout=30) as client:
        crowd = await Crowd.gather(client)
        await _book_while_killing(installation, crowd)
        await _check_appointments(installation, crowd)
        await _check_mails(installation, crowd)
        await _check_figures(installation, Citizen(client))
    await outboxes_empty(installation, SERVICES)
    await no_dead_letters(installation, SERVICES)


async def _book_while_killing(installation: Installation, crowd: Crowd) -> None:
    every = PEOPLE // (len(KILLED) + 1)
    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.book(PEOPLE, PER_SECOND))
        for turn, services in enumerate(KILLED, 1):

            async def enough(so_many: int = turn * every) -> bool:
                return len(crowd.acknowledged) >= so_many

            await eventually(enough, within=60)
            await kill(installation, *services)
            await installation.start(*services)
    print(f"answers under load: {dict(crowd.statuses)}; kills: {sum(map(len, KILLED))}")
    assert len(crowd.acknowledged) == PEOPLE


async def _check_appointments(installation: Installation, crowd: Crowd) -> None:
    rows = await installation.rows(
        "booking",
        "SELECT a.id, a.number, a.idempotency_key, count(o.appointment_id) AS desks FROM appointments a "
        "LEFT JOIN occupancies o ON o.appointment_id = a.id GROUP BY a.id",
    )
    assert {row["idempotency_key"]: row["number"] for row in rows} == {
        key: answer["number"] for key, answer in crowd.acknowledged.items()
    }, "what was acknowledged and what is booked must be the same"
    assert len(rows) == PEOPLE
    assert {row["desks"] for row in rows} == {1}


async def _check_mails(installation: Installation, crowd: Crowd) -> None:
    async def all_told() -> bool:
        [row] = await installation.rows("booking", "SELECT count(*) AS n FROM appointments WHERE mail = 'sent'")
        return bool(row["n"] == PEOPLE)

    await eventually(all_told, within=90, every=0.5)
    found = await mails(installation)
    assert set(found) == {address(key) for key in crowd.acknowledged}
    assert {len(ids) for ids in found.values()} == {1}, "one confirmation for each, whatever was delivered again"
    repeats = sum(ids.total() - 1 for ids in found.values())
    print(f"mails handed over again with the same Message-ID: {repeats}")
    assert repeats <= sum("notifications" in services for services in KILLED), (
        "docs/adr/0007: at most what was under way in a crash"
    )


async def _check_figures(installation: Installation, citizen: Citizen) -> None:
    async def figure() -> bool:
        answer = await citizen.client.get("/api/v1/statistics/appointments")
        return bool(answer.json()["booked_online"] == PEOPLE)

    await eventually(figure)
    assert await count(installation, "statistics", "appointment_facts") == PEOPLE

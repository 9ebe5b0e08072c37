"""Twenty desks press "next" at once while 200 wait, at two processes of booking that are killed in between."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx

from services.booking.domain import Urgency, Waiting, in_order
from tests.conftest import NewInstallation
from tests.harness.chaos import kill, no_dead_letters
from tests.harness.identity import SignedAs, clerk
from tests.harness.inprocess import announce_key, clock_offset, moved_clock
from tests.harness.installation import Installation
from tests.harness.ports import free_port
from tests.harness.waiting import eventually

DESKS, WAITING, KILLS = 20, 200, 3
MORNING = datetime(2026, 9, 8, 7, 0, tzinfo=UTC)  # Tuesday, 09:00 in Berlin
PROCESSES = ("booking", "second")

_MORE_DESKS = """
    INSERT INTO desks (tenant, office_id, team_id, name)
    SELECT 'musterstadt', 'mitte', 'eingang', 'more ' || n FROM generate_series(1, :count) AS n
"""
_WAITS = """
    INSERT INTO tickets (id, tenant, office_id, day, label, number, kind, state, team_id, concern_id, language,
    arrived_at, due_at, urgency, version) VALUES (:id, 'musterstadt', 'mitte', '2026-09-08', :label, :number, :kind,
    'waiting', 'eingang', 'unterlagen', 'de', :arrived_at, :due_at, :urgency, 1)
"""


@dataclass
class Hall:
    """An office with many desks and two processes of booking; each desk asks either."""

    installation: Installation
    clients: list[httpx.AsyncClient]
    waiting: dict[str, Waiting] = field(default_factory=dict)
    got: list[tuple[int, str]] = field(default_factory=list)  # desk and label, each time it was somebody new

    async def fill(self) -> None:
        """Let people come: without appointments, in time, too late, and some who cannot wait."""
        chance = Random(6)
        for number in range(1, WAITING + 1):
            arrived_at = MORNING - timedelta(seconds=chance.randrange(5400))
            due_at = arrived_at + timedelta(minutes=chance.randrange(-40, 60)) if number % 3 == 0 else None
            urgency: Urgency = "frail" if number % 25 == 0 else ""
            one = Waiting(uuid.uuid4(), arrived_at, due_at, urgency, number)
            label = f"A{number:03}"
            self.waiting[label] = one
            values = {"id": one.id, "label": label, "number": number, "kind": "appointment" if due_at else "walk-in"}
            values |= {"arrived_at": arrived_at, "due_at": due_at, "urgency": urgency}
            await self.installation.rows("booking", _WAITS, **values)

    async def work(self, desk: int) -> None:
        """Call and serve until nobody waits any more."""
        while ticket := (await self._ask(desk, f"/staff/offices/mitte/desks/{desk}/calls")).json()["ticket"]:
            if (desk, ticket["label"]) not in self.got:
                self.got.append((desk, ticket["label"]))
            served = await self._ask(desk, f"/staff/tickets/{ticket['id']}/serve")
            assert served.is_success or served.json()["state"] == "served", served.text

    async def _ask(self, desk: int, path: str) -> httpx.Response:
        """Ask one process, and the other when that is away, until there is an answer."""
        turn = desk
        while True:
            try:
                answer = await self.clients[turn % 2].post(path)
            except httpx.TransportError:
                turn += 1
                await asyncio.sleep(0.05)
            else:
                assert answer.status_code in (200, 409, 503), answer.text
                if answer.status_code != 503:
                    return answer

    async def called(self) -> list[tuple[str, datetime]]:
        """Return who was called, in the order in which it happened."""
        query = "SELECT label, called_at FROM tickets WHERE state = 'served' ORDER BY called_at"
        return [(row["label"], row["called_at"]) for row in await self.installation.rows("booking", query)]


@asynccontextmanager
async def hall(new_installation: NewInstallation) -> AsyncIterator[Hall]:
    """Open the office on a Tuesday morning."""
    with moved_clock(MORNING):
        installation = await new_installation(CLOCK_OFFSET_SECONDS=str(clock_offset()))
        await announce_key(installation)
        await installation.rows("booking", _MORE_DESKS, count=DESKS - 3)
        installation.ports["second"] = free_port()
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(
                    httpx.AsyncClient(
                        base_url=installation.url(name),
                        auth=SignedAs("booking", clerk("mitte")),
                        trust_env=False,
                        timeout=30,
                    )
                )
                for name in PROCESSES
            ]
            opened = Hall(installation, clients)
            await opened.fill()
            await asyncio.gather(*(start(installation, name) for name in PROCESSES))
            yield opened


async def start(installation: Installation, name: str) -> None:
    """Start one of the processes of booking."""
    installation.children[name] = await installation.spawn("booking", {"PORT": str(installation.ports[name])})
    await installation.ready(name)


async def kill_sometimes(opened: Hall) -> None:
    """Kill one process, later the other, and so on, each while desks are calling."""
    for turn in range(KILLS):

        async def enough(so_many: int = (turn + 1) * WAITING // (KILLS + 1)) -> bool:
            return len(opened.got) >= so_many

        await eventually(enough, within=60)
        await kill(opened.installation, PROCESSES[turn % 2])
        await start(opened.installation, PROCESSES[turn % 2])


async def test_twenty_desks_at_once_get_200_people_each_once_and_by_the_rule(
    new_installation: NewInstallation,
) -> None:
    async with hall(new_installation) as opened:
        query = "SELECT id FROM desks WHERE tenant = 'musterstadt' AND office_id = 'mitte' AND team_id = 'eingang'"
        desks: list[Any] = [row["id"] for row in await opened.installation.rows("booking", query)]
        assert len(desks) == DESKS
        async with asyncio.TaskGroup() as group:
            group.create_task(kill_sometimes(opened))
            for desk in desks:
                group.create_task(opened.work(desk))

        labels = [label for _, label in opened.got]
        assert sorted(labels) == sorted(opened.waiting), "each once, nobody forgotten"
        assert len({desk for desk, _ in opened.got}) == DESKS, "all desks took part"
        called = await opened.called()
        assert len(called) == WAITING
        left = dict(opened.waiting)
        for label, at in called:
            first = in_order(left.values(), at)[0]
            assert left.pop(label) == first, f"{label} was called before number {first.number}"
        await no_dead_letters(opened.installation, ["booking"])

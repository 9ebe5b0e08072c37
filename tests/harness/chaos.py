"""Ending processes without asking, and what must hold afterwards."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.kafka import Kafka
from deploy.local.process import Child
from tests.harness.citizen import Mailbox
from tests.harness.installation import Installation
from tests.harness.parts import new_kafka
from tests.harness.waiting import eventually


async def kill(installation: Installation, *services: str) -> None:
    """End processes of an installation with SIGKILL and return when they are gone."""
    for service in services:
        child = installation.children.pop(service)
        child.signal(signal.SIGKILL)
        await child.wait()


async def stop(installation: Installation, *services: str) -> list[int]:
    """Ask processes of an installation to end and return their exit codes; -9 is one that had to be killed."""
    return await asyncio.gather(*(installation.children.pop(service).stop() for service in services))


@dataclass
class Broker:
    """A Kafka for one test alone, which it may kill."""

    kafka: Kafka
    child: Child | None = None

    @classmethod
    async def create(cls, directory: Path) -> "Broker":
        """Start one with data of its own."""
        broker = cls(new_kafka(directory))
        await broker.start()
        return broker

    async def start(self) -> None:
        """Start it, on the data there are."""
        self.child = await self.kafka.start()

    async def kill(self) -> None:
        """End it with SIGKILL."""
        if self.child is not None:
            self.child.signal(signal.SIGKILL)
            await self.child.wait()
            self.child = None


async def count(installation: Installation, service: str, table: str) -> int:
    """Return how many rows a table of a service has."""
    [row] = await installation.rows(service, f"SELECT count(*) AS n FROM {table}")
    return int(row["n"])


async def appointments_waiting(installation: Installation) -> int:
    """Return how many events of appointments wait in booking's outbox; what was searched may wait beside them."""
    query = "SELECT count(*) AS n FROM outbox WHERE topic = 'booking.appointment'"
    [row] = await installation.rows("booking", query)
    return int(row["n"])


async def outboxes_empty(installation: Installation, services: Iterable[str], within: float = 30) -> None:
    """Return when all events of these services are in Kafka."""
    for service in services:

        async def empty(service: str = service) -> bool:
            return await count(installation, service, "outbox") == 0

        await eventually(empty, within=within)


async def no_dead_letters(installation: Installation, services: Iterable[str]) -> None:
    """Fail when there is any dead letter; name its error."""
    for service in services:
        found = await installation.rows(service, "SELECT topic, error FROM dead_letters")
        assert found == [], f"{service}: {found}"


async def mails(installation: Installation) -> dict[str, Counter[str]]:
    """Return, by address, how often each Message-ID has arrived there."""
    mailbox = Mailbox.of(installation)
    summaries = await mailbox.summaries()
    await mailbox.close()
    found: dict[str, Counter[str]] = {}
    for summary in summaries:
        for to in summary["To"]:
            found.setdefault(to["Address"], Counter())[summary["MessageID"]] += 1
    return found

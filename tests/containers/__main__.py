"""`python -m tests.containers GATEWAY MAILPIT PROMETHEUS GRAFANA`: what an operator sees of the running containers.

Books an appointment, waits for its mail, and asks every panel of the dashboards for its data; prints what it measures.
The arguments are the parts' addresses.
"""

import asyncio
import sys
import time
import uuid
from typing import Any

import httpx

from tests.harness import dashboards
from tests.harness.citizen import Citizen, Mailbox
from tests.harness.waiting import eventually

MAIL_SECONDS = 10
# Searches are told at the full minute, and statistics looks at them once a minute; then comes the scrape.
SCRAPE_SECONDS = 150


async def book(gateway: str) -> str:
    """Book the first free time and return the address that its mail must reach."""
    address = f"{uuid.uuid4()}@buerger.example"
    async with httpx.AsyncClient(base_url=gateway, trust_env=False, timeout=30) as client:
        citizen = Citizen(client)
        booked = await citizen.book((await citizen.slots())[0]["start"], email=address)
    assert booked.status_code == 201, booked.text
    return address


async def wait_for_mail(mailpit: str, address: str) -> None:
    """Return when the confirmation has arrived, with its calendar file; fail when it takes too long."""
    mailbox = Mailbox(mailpit)
    [mail] = await mailbox.to(address, within=MAIL_SECONDS)
    await mailbox.close()
    assert "calendar" in str(mail.as_bytes()), mail["Subject"]


async def empty_panels(prometheus: str, grafana: str) -> tuple[int, list[str]]:
    """Return how many queries the dashboards have, and those that bring no data.

    A stand-in for Grafana tells that itself; the real one has no such page, so Prometheus is asked in its place.
    """
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        answer = await client.get(f"{grafana}/check")
        if answer.status_code == 200:
            checked: dict[str, Any] = answer.json()
            return checked["queries"], checked["bad"]
        queries = dashboards.queries()
        empty = []
        for query in queries:
            parameters = {"query": query.replace("$__rate_interval", "1m")}
            found = (await client.get(f"{prometheus}/api/v1/query", params=parameters)).json()
            if not found.get("data", {}).get("result"):
                empty.append(f"{query}: {found.get('error', 'no data')}")
        return len(queries), empty


async def main(gateway: str, mailpit: str, prometheus: str, grafana: str) -> None:
    """Check all, in the order in which somebody would."""
    started = time.perf_counter()
    address = await book(gateway)
    booked = time.perf_counter()
    await wait_for_mail(mailpit, address)
    mailed = time.perf_counter()
    print(f"booked in {booked - started:.2f} s, its mail arrived {mailed - booked:.2f} s later")

    async def filled() -> int:
        number, empty = await empty_panels(prometheus, grafana)
        filled.__qualname__ = f"panels without data: {empty}"
        return 0 if empty else number

    number = await eventually(filled, within=SCRAPE_SECONDS, every=1)
    print(f"all {number} queries of the dashboards have data, {time.perf_counter() - mailed:.1f} s after the mail")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

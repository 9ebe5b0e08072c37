"""The system as a whole: what goes along a booking, and what happens when a part is missing."""

import signal
import uuid

import httpx

from tests.harness.citizen import Citizen, Mailbox
from tests.harness.installation import Installation
from tests.harness.waiting import eventually


async def test_a_trace_goes_from_the_request_to_the_event_of_the_sent_mail(
    system: Installation, citizen: Citizen, mailbox: Mailbox
) -> None:
    trace_id = uuid.uuid4().hex
    citizen.client.headers["traceparent"] = f"00-{trace_id}-{'1' * 16}-01"
    try:
        slot = (await citizen.slots())[-7]
        await citizen.book(slot["start"], email="trace@example.org")
    finally:
        del citizen.client.headers["traceparent"]
    await mailbox.to("trace@example.org")
    found = await system.rows(
        "notifications", "SELECT traceparent FROM messages WHERE traceparent LIKE :t", t=f"%{trace_id}%"
    )
    assert len(found) == 1


async def test_every_process_tells_health_and_metrics(system: Installation) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for service in ("gateway", "booking", "notifications", "statistics"):
            live = await client.get(f"{system.url(service)}/health/live")
            ready = await client.get(f"{system.url(service)}/health/ready")
            metrics = await client.get(f"{system.url(service)}/metrics")
            assert (live.status_code, ready.status_code, metrics.status_code) == (200, 200, 200)
            assert ready.json()["parts"]["kafka"] == "ok"
            assert "outbox_oldest_age_seconds" in metrics.text


async def test_the_host_name_chooses_the_jobcenter(citizen: Citizen) -> None:
    here = (await citizen.client.get("/api/v1/offices")).json()
    there = (await citizen.client.get("/api/v1/offices", headers={"Host": "duesseldorf.localhost:8000"})).json()
    assert [office["id"] for office in here] == ["mitte"]
    assert len(there) == 4
    nobody = await citizen.client.get("/api/v1/offices", headers={"Host": "evil.example"})
    assert nobody.status_code == 404
    assert nobody.json()["type"] == "/problems/unknown-host"


async def test_a_part_that_is_away_is_named_and_the_others_go_on(system: Installation, citizen: Citizen) -> None:
    statistics = system.children.pop("statistics")
    statistics.signal(signal.SIGKILL)
    await statistics.wait()
    away = await citizen.client.get("/api/v1/statistics/appointments")
    assert away.status_code == 503
    assert away.headers["content-type"] == "application/problem+json"
    assert away.json()["part"] == "statistics"
    slot = (await citizen.slots())[-8]
    assert (await citizen.book(slot["start"])).status_code == 201
    await system.start("statistics")

    async def answers() -> bool:
        return (await citizen.client.get("/api/v1/statistics/appointments")).is_success

    await eventually(answers)

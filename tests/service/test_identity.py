"""A service answers the gateway alone; when they do not agree, the person hears that a part is away."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from shared import clock
from shared.identity import HEADER, Signer, citizen, new_private_key
from tests.harness.answers import problem_of
from tests.harness.identity import PRIVATE_KEY, Signed, signed
from tests.harness.inprocess import moved_clock, served, unstarted
from tests.harness.installation import Installation, Running
from tests.harness.parts import Parts

ANSWERING = ("booking", "statistics")
OPEN = {"/health/live", "/health/ready", "/metrics"}


@pytest.fixture(scope="module")
async def shared_installation(parts: Parts) -> Installation:
    return await Installation.create(parts)


@pytest.fixture(params=ANSWERING)
async def running(request: pytest.FixtureRequest, shared_installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(shared_installation, request.param) as opened:
        yield opened


@pytest.fixture
async def booking(shared_installation: Installation) -> AsyncIterator[Running]:
    async with unstarted(shared_installation, "booking") as opened:
        yield opened


def routes(running: Running) -> list[tuple[str, str]]:
    """Return method and path of every route; health and metrics describe themselves to nobody."""
    return [(method, path) for path, methods in running.app.openapi()["paths"].items() for method in methods]


async def refusal(running: Running, token: str | None, slug: str = "identity-refused") -> str:
    """Ask every route with this token and return the sentence with which they refuse."""
    headers = {} if token is None else {HEADER.encode(): token.encode("latin-1")}
    details = set()
    for method, path in routes(running):
        answer = await running.client.request(method, path, headers=headers)
        details.add(problem_of(answer, 401, slug)["detail"])
        assert answer.headers["www-authenticate"] == "X-Identity"
    [detail] = details
    return str(detail)


async def test_no_route_answers_who_does_not_say_who_asks(running: Running) -> None:
    await refusal(running, None, "identity-missing")
    await refusal(running, "", "identity-missing")


@pytest.mark.parametrize(
    "garbage", ["x", "a.b.c", "Bearer x", "..", "\xff\xfe", "e30.e30.", "ImFsZyI.e30.AA", "x" * 9000]
)
async def test_no_route_answers_garbage(running: Running, garbage: str) -> None:
    await refusal(running, garbage)


async def test_no_route_answers_an_old_token(running: Running) -> None:
    name = running.service.name
    with moved_clock(clock.now() - timedelta(minutes=3)):
        old = signed(name, "musterstadt")[HEADER]
    assert "expired" in await refusal(running, old)


async def test_no_route_answers_a_forged_token_or_one_for_another_service(running: Running) -> None:
    name = running.service.name
    forged = Signer(new_private_key()).sign(citizen("musterstadt"), name)
    assert "IDENTITY_PUBLIC_KEYS" in await refusal(running, forged)
    others = signed(next(other for other in ANSWERING if other != name), "musterstadt")[HEADER]
    assert "for this service" in await refusal(running, others)


@pytest.mark.parametrize("tenant", ["nobody", "", "../musterstadt", "\0"])
async def test_no_route_answers_for_a_tenant_that_does_not_exist(running: Running, tenant: str) -> None:
    token = signed(running.service.name, tenant)[HEADER]
    assert "TENANTS_DIR" in await refusal(running, token)


async def test_the_token_chooses_the_tenant_and_nothing_else_does(booking: Running) -> None:
    for headers in ({}, {"X-Tenant": "duesseldorf"}, {"Host": "duesseldorf.localhost"}):
        answer = await booking.client.get("/offices", headers=headers, auth=Signed("booking", "musterstadt"))
        assert [office["id"] for office in answer.json()] == ["mitte"]
    other = await booking.client.get("/offices", auth=Signed("booking", "duesseldorf"))
    assert "nord" in {office["id"] for office in other.json()}


async def test_health_and_metrics_are_open(running: Running) -> None:
    for path in OPEN:
        assert (await running.client.get(path)).status_code in {200, 503}, path
    assert "http_request_seconds" in (await running.client.get("/metrics")).text


@pytest.mark.parametrize("path", ["/api/v1/offices", "/de/appointments/ABCD-EFGH/token"])
async def test_when_the_keys_are_out_of_step_the_person_hears_that_a_part_is_away_and_the_operator_why(
    shared_installation: Installation, booking: Running, path: str
) -> None:
    other_key = new_private_key()
    async with (
        unstarted(shared_installation, "gateway", identity_private_key=other_key) as gateway,
        served(booking.app, shared_installation.ports["booking"]),
    ):
        with capture_logs() as logs:
            answer = await gateway.client.get(path)
        for backend in (gateway.app.state.booking, gateway.app.state.statistics):
            await backend.close()
    assert answer.status_code == 503
    if path.startswith("/api/"):
        assert problem_of(answer, 503, "service-away")["part"] == "booking"
        assert answer.headers["retry-after"] == "5"
    else:
        assert "in einer Minute noch einmal" in answer.text
    [told] = [log for log in logs if log["log_level"] == "error"]
    assert "IDENTITY_PRIVATE_KEY" in told["event"]
    assert told["part"] == "booking"
    assert "not among IDENTITY_PUBLIC_KEYS" in told["answer"]


@pytest.mark.parametrize(
    ("service", "variable"), [("gateway", "IDENTITY_PRIVATE_KEY"), *((s, "IDENTITY_PUBLIC_KEYS") for s in ANSWERING)]
)
@pytest.mark.parametrize("value", [None, "", "no key", "/missing"])
def test_without_its_key_a_service_does_not_start_and_says_what_to_set(
    shared_installation: Installation, service: str, variable: str, value: str | None
) -> None:
    values = {**os.environ, **shared_installation.environment(service)}
    del values[variable]
    if value == "/missing":
        values[f"{variable}_FILE"] = value
    elif value is not None:
        values[variable] = value
    command = [sys.executable, "-m", "shared.serve", service]
    ended = subprocess.run(command, env=values, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    [sentence] = ended.stderr.splitlines()
    assert sentence.startswith(f"{service} cannot start. ")
    assert (variable if value != "/missing" else "/missing") in sentence


async def test_a_token_is_not_handed_on_to_the_gateways_callers(
    shared_installation: Installation, booking: Running
) -> None:
    async with (
        unstarted(shared_installation, "gateway") as gateway,
        served(booking.app, shared_installation.ports["booking"]),
    ):
        answer = await gateway.client.get("/api/v1/offices")
        for backend in (gateway.app.state.booking, gateway.app.state.statistics):
            await backend.close()
    assert answer.status_code == 200
    assert HEADER.lower() not in answer.headers
    assert PRIVATE_KEY not in answer.text

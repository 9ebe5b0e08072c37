"""Signing in: who may, where it leads, and that nothing is shown to others."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.harness import inprocess
from tests.harness.inprocess import Town
from tests.harness.member import Member
from tests.harness.ports import free_port


@pytest.fixture
async def clerk(demo_town: Town) -> AsyncIterator[Member]:
    async with Member(str(demo_town.client.base_url), "clerk") as member:
        yield member


async def test_without_signing_in_there_is_only_the_way_to_it(clerk: Member) -> None:
    answer = await clerk.get("/de/staff")
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/staff/sign-in")


async def test_who_signs_in_goes_on_to_where_they_wanted_to_go(clerk: Member) -> None:
    answer = await clerk.sign_in(to="/offices/mitte/day%3Fday=2026-09-07")
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/staff/offices/mitte/day?day=2026-09-07")
    page = await clerk.get("/de/staff")
    assert page.status_code == 200
    assert "Jobcenter Musterstadt, Standort Mitte" in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example", "/\\evil.example", "/x/../../%0d%0a"])
async def test_it_leads_nowhere_else(clerk: Member, to: str) -> None:
    answer = await clerk.sign_in(to=to)
    assert answer.headers["location"].startswith("/de/staff")


async def test_a_wrong_password_and_a_wrong_name_look_the_same(clerk: Member, demo_town: Town) -> None:
    async with Member(str(demo_town.client.base_url), "nobody") as nobody:
        answers = [await clerk.sign_in("wrong"), await nobody.sign_in()]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("Name und Passwort passen nicht zusammen" in answer.text for answer in answers)


async def test_who_signs_out_is_out_with_the_old_cookie_too(clerk: Member) -> None:
    await clerk.sign_in()
    old = dict(clerk.client.cookies)
    await clerk.send("/de/staff", "/de/staff/sign-out")
    clerk.client.cookies.update(old)
    assert (await clerk.get("/de/staff")).status_code == 303


async def test_an_address_that_is_none_is_nowhere_to_go_back_to(clerk: Member) -> None:
    answer = await clerk.client.post("/de/staff/account/password", data={}, headers={"Referer": "http://["})
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/staff/sign-in")


async def test_demo_accounts_let_in_only_where_they_are_asked_for(demo_town: Town) -> None:
    installation = demo_town.installation
    elsewhere = replace(installation, extra={}, ports=installation.ports | {"gateway": free_port()})
    async with (
        elsewhere.app("gateway") as gateway,
        inprocess.served(gateway.app, elsewhere.ports["gateway"]),
        Member(elsewhere.url("gateway"), "clerk") as member,
    ):
        assert (await member.sign_in()).status_code == 422
        assert "demo" not in (await member.get("/de/staff/sign-in")).text.lower()
        await gateway.app.state.booking.close()
        await gateway.app.state.statistics.close()

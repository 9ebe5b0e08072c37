"""Signing in: who may, where it leads, and that nothing is shown to others."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pyotp
import pytest

from tests.harness import inprocess
from tests.harness.accounts import PASSWORD, Staff, code_of
from tests.harness.inprocess import Town
from tests.harness.member import Member
from tests.harness.pages import hidden_fields
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


async def test_who_could_not_be_signed_out_is_told_so(clerk: Member) -> None:
    await clerk.sign_in()
    answer = await clerk.client.post("/de/staff/sign-out", data={"csrf": "x"})
    assert (answer.status_code, "Sie sind noch angemeldet" in answer.text) == (403, True)
    assert (await clerk.get("/de/staff")).status_code == 200


async def test_a_form_sent_after_the_session_ended_is_kept_until_one_has_signed_in(clerk: Member) -> None:
    await clerk.sign_in()
    search = "/de/staff/offices/mitte/search"
    clerk.client.cookies.set("staff", "over", domain="localhost.local")
    clerk.client.cookies.delete("staff")
    clerk.client.cookies.set("staff", "over")
    token = hidden_fields((await clerk.get("/de/staff/sign-in")).text)["csrf"]
    ended = await clerk.client.post(search, data={"csrf": token, "q": "<Öz>"})
    assert (ended.status_code, ended.headers["cache-control"]) == (403, "no-store")
    assert 'target="_blank"' in ended.text
    kept = hidden_fields(ended.text)
    assert kept == {"csrf": token, "q": "<Öz>"}
    clerk.client.cookies.delete("staff")
    await clerk.sign_in()
    found = await clerk.client.post(search, data=kept)
    assert (found.status_code, "draft=" in found.headers["location"]) == (303, True)


async def test_a_password_sent_after_the_session_ended_stands_in_no_page(clerk: Member) -> None:
    clerk.client.cookies.set("staff", "over")
    answer = await clerk.client.post("/de/staff/account/password", data={"password": "a secret one"})
    assert (answer.status_code, "a secret one" in answer.text) == (303, False)


async def test_who_manages_the_whole_tenant_finds_its_switches_without_an_office(staff: Staff) -> None:
    secret = pyotp.random_base32()
    admin = await staff.signed_in(await staff.add("admin", office="gone", secret=secret), PASSWORD)
    await admin.send("/de/staff/sign-in/code", code=code_of(secret))
    shown = (await admin.get("/de/staff")).text
    assert 'href="/de/staff/switches"' in shown
    assert "noch keinen Standort" not in shown

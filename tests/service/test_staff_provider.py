"""Signing in at the authority's own provider, a real one: roles and offices as it says, nothing unchecked."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shared import clock
from tests.harness import inprocess
from tests.harness.accounts import Staff, add_account
from tests.harness.inprocess import Town, moved_clock
from tests.harness.installation import Installation
from tests.harness.member import Member
from tests.harness.parts import Parts
from tests.harness.provider import SECRET, Provider, provider

BACK = "/staff/sign-in/back"


@dataclass
class House:
    """A town, and its authority's provider."""

    town: Town
    provider: Provider
    host: str

    def member(self) -> Member:
        return Member(str(self.town.client.base_url), "", self.host)

    async def leave(self, someone: Member, to: str = "") -> str:
        answer = await someone.get("/de/staff/sign-in/provider" + (f"?to={to}" if to else ""))
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def come_back(self, someone: Member, login: str, to: str = "") -> httpx.Response:
        back = urlsplit(await self.provider.sign_in(await self.leave(someone, to), login))
        return await someone.get(f"{back.path}?{back.query}")


@pytest.fixture(scope="module")
async def house(parts: Parts) -> AsyncIterator[House]:
    tenants = parts.directory / "provider-tenants"
    shutil.copytree("deploy/tenants", tenants)
    installation = await Installation.create(parts, TENANTS_DIR=str(tenants))
    host = f"localhost:{installation.ports['gateway']}"
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(provider([f"http://{host}{BACK}"]))
        with (tenants / "musterstadt.yml").open("a", encoding="utf-8") as file:
            file.write(running.section)
        installation.extra["OIDC_CLIENT_SECRET"] = f"musterstadt={SECRET}"
        town = await stack.enter_async_context(inprocess.town(installation))
        yield House(town, running, host)


async def account(house: House, login: str) -> dict[str, object]:
    query = "SELECT * FROM staff_accounts WHERE tenant = 'musterstadt' AND login = :login"
    [found] = await house.town.installation.rows("gateway", query, login=login)
    return found


async def test_who_comes_back_is_signed_in_with_the_roles_and_offices_that_the_provider_says(house: House) -> None:
    async with house.member() as someone:
        assert "Konto Ihrer Behörde" in (await someone.get("/de/staff/sign-in")).text
        answer = await house.come_back(someone, "adam", "/accounts")
        assert answer.headers["location"] == "/de/staff/accounts"
        assert (await someone.get("/de/staff/accounts")).status_code == 200, "the second factor is the provider's"
        made = await account(house, "adam")
        assert (made["roles"], made["offices"], made["name"]) == (["manager", "admin"], ["mitte"], "Adam Admin")
        assert made["password_hash"] is None


async def test_the_request_has_pkce_state_and_nonce(house: House) -> None:
    async with house.member() as someone:
        sent = parse_qs(urlsplit(await house.leave(someone)).query)
        assert (sent["code_challenge_method"], sent["response_type"]) == (["S256"], ["code"])
        assert min(len(sent[name][0]) for name in ("state", "nonce", "code_challenge")) >= 32


async def test_roles_follow_the_provider_at_each_sign_in_and_without_one_nobody_comes_in(house: House) -> None:
    async with house.member() as someone:
        await house.come_back(someone, "erika")
        await house.provider.regroup("erika", "jc-admins")
        async with house.member() as elsewhere:
            await house.come_back(elsewhere, "erika")
        assert (await someone.get("/de/staff")).status_code == 303, "pages that are open know the old roles"
        assert (await account(house, "erika"))["roles"] == ["manager", "admin"]
        await house.provider.regroup("erika", "others")
        answer = await house.come_back(someone, "erika")
        assert (answer.status_code, "gibt Ihnen hier aber keine Rolle" in answer.text) == (403, True)
        await house.provider.regroup("erika", "jc-clerks")


async def test_the_last_admin_keeps_the_role_whatever_the_provider_says(house: House) -> None:
    async with house.member() as someone:
        await house.town.installation.rows("gateway", "DELETE FROM staff_accounts WHERE NOT is_demo")
        await house.provider.regroup("erika", "jc-admins")
        await house.come_back(someone, "erika")
        await house.provider.regroup("erika", "jc-clerks")
        assert (await house.come_back(someone, "erika")).status_code == 303
        assert (await account(house, "erika"))["roles"] == ["manager", "admin"]
        await house.come_back(someone, "adam")  # another admin
        await house.come_back(someone, "erika")
        assert (await account(house, "erika"))["roles"] == ["clerk"]


async def test_a_provider_that_answers_in_another_form_is_away(house: House) -> None:
    async with house.member() as someone:
        answer = await house.come_back(someone, "odd", "/accounts")
        assert (answer.status_code, 'action="/de/staff/sign-in?to=%2Faccounts"' in answer.text) == (503, True)
        assert 'href="/en/staff/sign-in?to=%2Faccounts"' in answer.text


async def test_somebody_without_a_role_gets_no_account(house: House) -> None:
    async with house.member() as someone:
        assert (await house.come_back(someone, "nobody")).status_code == 403
        query = "SELECT id FROM staff_accounts WHERE login = 'nobody'"
        assert not await house.town.installation.rows("gateway", query)


async def test_a_local_account_of_the_same_name_is_not_taken_over(house: House) -> None:
    async with house.member() as someone:
        await house.town.installation.rows("gateway", "DELETE FROM staff_accounts WHERE login = 'erika'")
        await add_account(house.town.installation, "admin", login="erika")
        answer = await house.come_back(someone, "erika")
        assert (answer.status_code, "schon ein anderes Konto" in answer.text) == (403, True)
        await house.town.installation.rows("gateway", "DELETE FROM staff_accounts WHERE login = 'erika'")


async def test_a_disabled_account_stays_out(house: House) -> None:
    async with house.member() as someone:
        await house.come_back(someone, "erika")
        await house.town.installation.rows(
            "gateway", "UPDATE staff_accounts SET disabled_at = now() WHERE login = 'erika'"
        )
        assert (await someone.get("/de/staff")).status_code == 303
        assert (await house.come_back(someone, "erika")).status_code == 403
        await house.town.installation.rows(
            "gateway", "UPDATE staff_accounts SET disabled_at = NULL WHERE login = 'erika'"
        )


async def test_what_was_begun_elsewhere_or_long_ago_or_twice_lets_nobody_in(house: House) -> None:
    async with house.member() as someone, house.member() as other:
        back = urlsplit(await house.provider.sign_in(await house.leave(someone), "adam"))
        path = f"{back.path}?{back.query}"
        await house.leave(other)
        answers = {
            "another browser's": await other.get(path),
            "without its state": await someone.get(path.replace("state=", "other=")),
            "without a code": await someone.get(path.replace("code=", "other=")),
        }
        with moved_clock(clock.now() + timedelta(minutes=11)):
            answers["long ago"] = await someone.get(path)
        cookies = dict(someone.client.cookies)
        assert (await someone.get(path)).status_code == 303
        someone.client.cookies.clear()
        someone.client.cookies.update(cookies)
        answers["a second time"] = await someone.get(path)
        assert {name: answer.status_code for name, answer in answers.items()} == {
            "another browser's": 422, "without its state": 422, "without a code": 422, "long ago": 422,
            "a second time": 403,
        }  # fmt: skip
        assert (await someone.get("/de/staff")).status_code == 303


async def test_a_provider_that_is_away_is_named_and_local_accounts_go_on(house: House, parts: Parts) -> None:
    tenants = parts.directory / "away-tenants"
    shutil.copytree("deploy/tenants", tenants)
    with (tenants / "musterstadt.yml").open("a", encoding="utf-8") as file:
        file.write(Provider(1).section)
    installation = house.town.installation
    async with inprocess.unstarted(
        installation, "gateway", tenants_dir=tenants, oidc_client_secret=f"musterstadt={SECRET}"
    ) as gateway:
        answer = await gateway.client.get("/de/staff/sign-in/provider")
        assert (answer.status_code, "melden Sie sich mit einem Konto dieser Anwendung an" in answer.text) == (503, True)
        assert 'name="password"' in answer.text


async def test_a_tenant_without_a_provider_has_no_such_page(staff: Staff) -> None:
    assert (await (await staff.member()).get("/de/staff/sign-in/provider")).status_code == 404

"""Members of staff sign in with a browser: with a code, at their authority's provider, and again after a pause."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from services.gateway.accounts import DEMO_PASSWORD
from tests.browser import audit
from tests.browser.conftest import NewVisitor
from tests.harness.accounts import PASSWORD, add_account, code_of
from tests.harness.inprocess import moved_clock
from tests.harness.installation import Installation
from tests.harness.ports import free_port
from tests.harness.provider import SECRET, Provider, provider
from tests.harness.visitor import Visitor

OWN = "a sentence of one's own"


def code_now(site: Installation, secret: str, steps: int = 0) -> str:
    """Return what a phone shows when it is as late as the site believes."""
    moment = datetime.now(UTC) + timedelta(seconds=float(site.extra["CLOCK_OFFSET_SECONDS"]))
    with moved_clock(moment):
        return code_of(secret, steps)


async def enter(someone: Visitor, **fields: str) -> None:
    for name, text in fields.items():
        await someone.page.fill(f"#{name}", text)
    await someone.send()


async def test_an_admin_chooses_a_password_sets_up_a_phone_and_signs_in_with_it(
    visitor: NewVisitor, site: Installation
) -> None:
    login, someone = await add_account(site, "admin", must_change=True), await visitor()
    await someone.open("/staff/accounts")
    await enter(someone, login=login, password=PASSWORD)
    await someone.press("nav a[href$='/staff/account']")  # whatever is pressed, this comes first
    await expect(someone.page.locator("main")).to_contain_text("das nur Sie kennen")
    await enter(someone, present=PASSWORD, password=OWN, again=OWN)
    await expect(someone.page.locator("img.qr")).to_be_visible()
    assert await someone.page.evaluate("document.querySelector('img.qr').naturalWidth") > 100
    assert await audit.faults(someone.page) == []
    secret = await someone.page.locator(".steps .secret").inner_text()
    await enter(someone, present=OWN, code="000000")
    assert await someone.problems() == [
        "Dieser Code stimmt nicht oder wurde schon benutzt. Bitte warten Sie auf den nächsten."
    ]
    await enter(someone, present=OWN, code=code_now(site, secret))
    await expect(someone.page.locator(".codes .secret")).to_have_count(8)
    assert await audit.faults(someone.page) == []
    recovery = await someone.page.locator(".codes .secret").first.inner_text()
    for code in (code_now(site, secret, 1), recovery):
        again = await visitor()
        await again.open("/staff/accounts")
        await enter(again, login=login, password=OWN)
        assert await audit.faults(again.page) == []
        await enter(again, code=code)
        await expect(again.page.locator("h1")).to_have_text("Konten")
        assert again.complaints == []
    assert someone.complaints == []


async def test_after_a_pause_one_is_told_why_and_comes_back(visitor: NewVisitor, site: Installation) -> None:
    someone = await visitor()
    await someone.sign_in("manager", "/staff/audit")
    await expect(someone.page.locator("h1")).to_have_text("Wer hat was getan")
    # As if half an hour had passed.
    await site.rows("gateway", "UPDATE staff_sessions SET seen_at = seen_at - interval '31 minutes'")
    await someone.open("/staff/audit?action=sign-in")
    await expect(someone.page.locator("main")).to_contain_text("Sie wurden abgemeldet")
    await enter(someone, login="manager", password=DEMO_PASSWORD)
    await expect(someone.page.locator("h1")).to_have_text("Wer hat was getan")
    assert someone.page.url.endswith("/staff/audit?action=sign-in")


@pytest.fixture(scope="module")
async def house(site: Installation) -> AsyncIterator[str]:
    """The address of a gateway whose authority has a provider; that of another one is away."""
    tenants, port = site.directory / "provider-tenants", free_port()
    shutil.copytree("deploy/tenants", tenants)
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(provider([f"http://localhost:{port}/staff/sign-in/back"]))
        for tenant, section in {"musterstadt": running.section, "duesseldorf": Provider(free_port()).section}.items():
            with (tenants / f"{tenant}.yml").open("a", encoding="utf-8") as file:
                file.write(section)
        site.ports["house"] = port
        values = {
            "PORT": str(port), "TENANTS_DIR": str(tenants),
            "OIDC_CLIENT_SECRET": f"musterstadt={SECRET}\nduesseldorf={SECRET}",
            "CLOCK_OFFSET_SECONDS": "0",  # the provider's clock is the true one
        }  # fmt: skip
        child = await site.spawn("gateway", values)
        stack.push_async_callback(child.stop)
        await site.ready("house")
        yield site.url("house")


async def come_from_the_provider(someone: Visitor, login: str) -> None:
    await someone.open("/staff/account")
    await someone.page.get_by_role("link", name="Mit dem Konto Ihrer Behörde anmelden").click()
    await someone.page.fill("input[name=login]", login)
    await someone.page.fill("input[name=password]", "any")
    await someone.page.click("button[type=submit]")
    await someone.page.click("button[type=submit]")  # to let the gateway know who it is


async def test_signing_in_at_the_authoritys_provider(visitor: NewVisitor, house: str) -> None:
    someone = await visitor(base_url=house)
    await come_from_the_provider(someone, "erika")
    await expect(someone.page.locator("h1")).to_have_text("Mein Konto")
    await expect(someone.page.locator("main")).to_contain_text("Erika Muster")
    await expect(someone.page.locator("main")).to_contain_text("Sachbearbeitung")
    assert someone.page.url == f"{house}/de/staff/account"


async def test_when_the_provider_gives_no_role_or_is_away_a_page_says_so(visitor: NewVisitor, house: str) -> None:
    stranger = await visitor(base_url=house)
    await come_from_the_provider(stranger, "nobody")
    await expect(stranger.page.locator("#problems")).to_contain_text("keine Rolle")
    assert stranger.status == 403
    someone = await visitor(base_url=house.replace("localhost", "duesseldorf.localhost"))
    await someone.open("/staff/sign-in/provider")
    await expect(someone.page.locator("#problems")).to_contain_text("antwortet nicht")
    assert someone.status == 503
    assert [*await audit.faults(stranger.page), *await audit.faults(someone.page)] == []

"""The waiting room in a browser: goes on by itself, or by a button; the work it asks for is done in a moment."""

import re

import altcha
import pytest
from playwright.async_api import Browser, expect

from services.gateway import assets
from services.gateway.proof import ALGORITHM, COST
from services.gateway.settings import GatewaySettings
from tests.browser import waiting_rooms
from tests.browser.conftest import NewVisitor
from tests.browser.states import PLACE
from tests.harness.installation import Installation
from tests.harness.waiting import eventually

TIMES = re.compile(r"/de/book/time\?")
SLOWER = 6


@pytest.fixture(scope="module")
async def brisk(site: Installation) -> str:
    """The address of a gateway where everybody's turn comes in seconds, once there is a rush."""
    return await waiting_rooms.start(site, "brisk", admitted_per_minute=600)


async def test_it_takes_a_place_and_goes_on_by_itself(visitor: NewVisitor, brisk: str) -> None:
    await waiting_rooms.open_rush(brisk)
    someone = await visitor(base_url=brisk)
    await someone.open(f"/book/time?{PLACE}")
    await expect(someone.page).to_have_url(re.compile("/de/waiting"))
    await expect(someone.page.locator("#place")).to_contain_text("Einen Moment bitte")
    await expect(someone.page).to_have_url(TIMES, timeout=30_000)
    await expect(someone.page.locator(".times .pick").first).to_be_visible()
    await someone.choose_time()
    await someone.tell("Aylin Öz")
    await someone.send()
    await expect(someone.page.locator("dl.ticket")).to_be_visible()
    assert someone.complaints == []
    assert someone.foreign == []


async def test_without_javascript_a_button_does_it(visitor: NewVisitor, brisk: str) -> None:
    await waiting_rooms.open_rush(brisk)
    someone = await visitor(base_url=brisk, java_script_enabled=False)
    await someone.open(f"/book/time?{PLACE}")
    await expect(someone.page.locator("noscript p")).to_contain_text("Bitte drücken Sie den Knopf")

    async def is_in() -> bool:
        if TIMES.search(someone.page.url):
            return True
        await someone.press("main .kern-btn--primary")
        return False

    await eventually(is_in, every=0.5)
    await someone.choose_time()
    await someone.tell("Aylin Öz")
    await someone.send()
    await expect(someone.page.locator("dl.ticket")).to_be_visible()


async def test_a_browser_whose_worker_fails_takes_a_place_all_the_same(visitor: NewVisitor, crowded: str) -> None:
    someone = await visitor(base_url=crowded)
    await someone.page.route("**/proof.js", lambda route: route.fulfill(body="throw 1", content_type="text/javascript"))
    await someone.open("/book")
    await expect(someone.page).to_have_url(re.compile("again=1"))
    await expect(someone.page.locator("#place")).to_contain_text("Vor Ihnen", timeout=20_000)


async def test_what_changes_is_said_politely_and_moves_nothing(visitor: NewVisitor, crowded: str) -> None:
    someone = await visitor(base_url=crowded)
    await someone.open("/book")
    place = someone.page.locator("#place")
    assert await place.get_attribute("role") == "status"
    before = await place.bounding_box()
    await expect(place).to_contain_text("Vor Ihnen", timeout=20_000)
    assert await place.bounding_box() == before


async def test_the_longest_work_is_solved_on_a_slow_phone(chromium: Browser) -> None:
    page = await chromium.new_page()
    # On the page itself: a browser slows no worker down.
    await page.add_script_tag(content=(assets.FOLDER / "proof.js").read_text(encoding="utf-8"))
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    most = GatewaySettings.model_fields["rush_proof_hashes"].default
    seconds = []
    for _ in range(9):
        challenge = altcha.create_challenge(ALGORITHM, COST, counter=most, hmac_secret=b"key")
        solution, took = await page.evaluate(
            """challenge => {
                let found;
                window.postMessage = answer => { found = answer; };
                const begun = performance.now();
                onmessage({data: challenge});
                return [found, (performance.now() - begun) / 1000];
            }""",
            challenge.parameters.to_dict(),
        )
        solved = altcha.Solution.from_dict(solution)
        assert altcha.verify_solution(altcha.Payload(challenge, solved), b"key").verified
        seconds.append(took)
    await page.close()
    print("seconds:", *(f"{took:.2f}" for took in sorted(seconds)))  # docs/performance.md; a busy machine says nothing

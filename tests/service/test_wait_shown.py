"""What pages say of the waiting time: nothing where that is switched off, and when a closed office opens."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from services.gateway.waiting_times import WaitingTimes
from tests.harness import inprocess
from tests.harness.inprocess import Town, moved_clock
from tests.harness.installation import Installation
from tests.harness.member import HIDDEN
from tests.harness.office import browser, registered, signed_in
from tests.harness.parts import Parts
from tests.harness.switching import press, told_to_booking
from tests.harness.waiting import eventually

pytestmark = pytest.mark.usefixtures("on_monday")

SWITCHES = "/de/staff/offices/{office}/switches/expected-wait"
DUESSELDORF = "duesseldorf.localhost"
SAYS = ("Voraussichtliche Wartezeit", "Wartezeiten: Stand", "Wartezeit ohne Termin", "lässt sich nicht sagen")


@pytest.fixture(scope="module")
async def demo_town(parts: Parts) -> AsyncIterator[Town]:
    async with inprocess.town(await Installation.create(parts, DEMO_LOGINS="true")) as opened:
        yield opened


async def homepage(town: Town, language: str = "de", host: str = "localhost") -> str:
    """Return the waiting line of the homepage as it is now, whatever is remembered."""
    state = town.gateway.app.state
    state.waiting_times = WaitingTimes(state.booking, state.statistics, state.offers)
    town.booking.app.state.waits.forget()
    await state.waiting_times.get("duesseldorf" if host == DUESSELDORF else "musterstadt")  # a page waits two seconds
    page = (await town.client.get(f"/{language}/", headers={"Host": host})).text
    found = re.search(r'<p class="kern-body now">(.*?)</p>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", found[1])) if found else ""


async def at_the_office(kiosk: httpx.AsyncClient) -> list[str]:
    """Return the pages of somebody without an appointment: at the kiosk, its slip, and the phone's."""
    here = "/de/office/mitte"
    chosen = await kiosk.get(f"{here}/kiosk/ticket")
    found, key = HIDDEN.search(chosen.text), re.search(r'name="key" value="([^"]+)"', chosen.text)
    assert found
    assert key
    form = {"csrf": found[1], "key": key[1], "concern": "unterlagen"}
    slip = await kiosk.post(f"{here}/kiosk/ticket", data=form)
    own = re.search(r'src="([^"]+)/qr.svg"', slip.text)
    assert own, slip.text
    return [page.text for page in (chosen, slip, await kiosk.get(own[1]), await kiosk.get(f"{here}/ticket"))]


def said(page: str) -> list[str]:
    return [words for words in SAYS if words in page]


async def test_where_the_expected_wait_is_off_no_page_speaks_of_it_and_the_ticket_is_given_all_the_same(
    demo_town: Town,
) -> None:
    async with browser(demo_town) as kiosk, signed_in(demo_town, "manager") as manager:
        await kiosk.get(await registered(demo_town, "kiosk"))
        before = [said(page) for page in await at_the_office(kiosk)]
        assert before == [[SAYS[1]], [SAYS[0], SAYS[3]], [SAYS[0], SAYS[3]], [SAYS[1]]]
        assert "Wartezeit ohne Termin: lässt sich nicht sagen" in await homepage(demo_town)
        await press(manager, "off", SWITCHES.format(office="mitte"))
        await told_to_booking(demo_town, ("mitte", "expected-wait", False))

        async def is_off() -> bool:
            return await homepage(demo_town) == ""

        await eventually(is_off, within=10)
        pages = await at_the_office(kiosk)
        assert [said(page) for page in pages] == [[]] * 4
        assert all("Nummer 2 in der Reihe" in page for page in pages[1:3]), "the place is told"
        await press(manager, "on", SWITCHES.format(office="mitte"))


async def test_the_homepage_leaves_out_the_office_where_it_is_off_and_keeps_the_others(demo_town: Town) -> None:
    assert "Nord" in await homepage(demo_town, host=DUESSELDORF)
    async with signed_in(demo_town, "manager", DUESSELDORF) as manager:
        await press(manager, "off", SWITCHES.format(office="nord"))

        async def is_left_out() -> bool:
            return "Nord" not in await homepage(demo_town, host=DUESSELDORF)

        await eventually(is_left_out, within=10)
        assert "Süd" in await homepage(demo_town, host=DUESSELDORF)


@pytest.mark.parametrize(
    ("now", "german", "english"),
    [
        (datetime(2026, 9, 7, 5, tzinfo=UTC), "öffnet heute um 08:00 Uhr", "opens today at 08:00"),
        (
            datetime(2026, 9, 7, 20, tzinfo=UTC),
            "öffnet am Dienstag, 8. September, um 08:00 Uhr",
            "Tuesday, 8 September",
        ),
        # Christmas, the days between, and New Year; the 1st of January is a Friday.
        (datetime(2026, 12, 23, 13, tzinfo=UTC), "öffnet am Montag, 4. Januar, um 08:00 Uhr", "Monday, 4 January"),
        # The night to the summer's clock, before Easter Monday.
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "öffnet am Dienstag, 30. März, um 08:00 Uhr", "Tuesday, 30 March"),
    ],
)
async def test_while_it_is_closed_the_homepage_says_when_the_office_opens(
    demo_town: Town, now: datetime, german: str, english: str
) -> None:
    with moved_clock(now):
        assert f"jetzt geschlossen, {german}" in await homepage(demo_town)
        assert english in await homepage(demo_town, "en")


async def test_of_an_office_that_does_not_open_again_the_homepage_says_that_nobody_is_received(demo_town: Town) -> None:
    rows, plan = demo_town.installation.rows, "UPDATE plans SET document = CAST(:document AS jsonb), sha256 = :sha256"
    [before] = await rows("booking", "SELECT document::text, sha256 FROM plans WHERE tenant = 'musterstadt'")
    nobody = '{"teams": {"eingang": {"concerns": ["unterlagen"], "hours": []}}}'
    await rows("booking", f"{plan} WHERE tenant = 'musterstadt'", document=nobody, sha256="nobody")
    try:
        assert re.match(r"Wartezeit ohne Termin: zurzeit wird niemand empfangen \(", await homepage(demo_town))
    finally:
        await rows("booking", f"{plan} WHERE tenant = 'musterstadt'", **before)

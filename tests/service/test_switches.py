"""Switches: staff set them on the gateway's pages, at once or at a time; each press is told, written down, undone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from services.gateway import switching
from services.gateway.switches import Switches
from tests.harness import inprocess, metrics
from tests.harness.answers import problem_of
from tests.harness.inprocess import Town, moved_clock
from tests.harness.installation import Installation
from tests.harness.member import Member
from tests.harness.pages import browser, csrf_of, problems_of
from tests.harness.parts import Parts
from tests.harness.switching import gateway_rows, press, settings, told_to_booking
from tests.harness.waiting import eventually
from tests.service.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("on_monday")

HERE, ALL = "/de/staff/offices/mitte/switches", "/de/staff/switches"
BOOKING, VOICE = f"{HERE}/online-booking", f"{HERE}/call-voice"
NewMember = Callable[[str], Awaitable[Member]]


@pytest.fixture(scope="module")
async def demo_town(parts: Parts) -> AsyncIterator[Town]:
    """A town with demo accounts."""
    async with inprocess.town(await Installation.create(parts, DEMO_LOGINS="true")) as opened:
        yield opened


@pytest.fixture
async def town(demo_town: Town) -> AsyncIterator[Town]:
    """The same with nothing set and nothing scheduled, in the gateway and in booking."""
    yield demo_town
    await told_to_booking(
        demo_town, *(setting[:3] for setting in await settings(demo_town))
    )  # or it would be told in the midst of the next test
    for table in ("switch_settings", "switch_changes", "audit_entries"):
        await demo_town.installation.rows("gateway", f"DELETE FROM {table}")
    for table in ("switches", "inbox", "aggregate_versions"):
        await demo_town.installation.rows("booking", f"DELETE FROM {table}")


@pytest.fixture
async def sign_in(town: Town) -> AsyncIterator[NewMember]:
    """Sign in members of the staff."""
    async with AsyncExitStack() as stack:

        async def one(login: str) -> Member:
            member = await stack.enter_async_context(Member(str(town.client.base_url), login))
            await member.sign_in()
            return member

        yield one


async def test_online_booking_is_off_and_on_again_everywhere_and_it_is_written_down(
    town: Town, sign_in: NewMember
) -> None:
    manager = await sign_in("manager")
    answer = await press(manager, "off", reason="Wasserschaden")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BOOKING}?told=set")
    shown = await manager.get(answer.headers["location"])
    assert "Innerhalb von zehn Sekunden gilt es überall" in shown.text
    assert "Demo manager: Wasserschaden" in shown.text
    await told_to_booking(town, ("mitte", "online-booking", False))
    async with browser(str(town.client.base_url)) as someone:

        async def is_off() -> bool:
            return (await someone.get("/de/book")).status_code == 409

        await eventually(is_off, within=10)
        page = (await someone.get("/de/book/time?concern=neuantrag&office=mitte")).text
        assert "Zurzeit keine Online-Buchung" in page
        assert 'href="tel:+49' in page
        assert "Zurzeit nicht online" in (await someone.get("/de/")).text
        problem_of(await town.citizen.book("2026-09-08T06:00:00Z"), 409, "online-booking-off")
        assert metrics.value("switch_off", tenant="musterstadt", office="mitte", switch="online-booking") == 1
        await press(manager, "on")
        await told_to_booking(town, ("mitte", "online-booking", True))
        assert (await town.citizen.book("2026-09-08T06:00:00Z")).status_code == 201

        async def is_on() -> bool:
            return (await someone.get("/de/book")).status_code == 200

        await eventually(is_on, within=10)
    entries = await gateway_rows(
        town, "SELECT action, office_id, target, before, after FROM audit_entries WHERE action <> 'sign-in' ORDER BY at"
    )
    assert entries == [
        ("switch", "mitte", "online-booking", {"is_on": None}, {"is_on": False, "reason": "Wasserschaden"}),
        ("switch", "mitte", "online-booking", {"is_on": False}, {"is_on": True, "reason": ""}),
    ]


async def test_pages_of_an_appointment_say_what_is_off_and_keep_the_rest(town: Town, sign_in: NewMember) -> None:
    booked = (await town.citizen.book("2026-09-08T07:00:00Z")).json()
    own = f"/de/appointments/{booked['number']}/{booked['link'].rpartition('/')[2]}"
    manager = await sign_in("manager")
    await press(manager, "off")
    await press(manager, "off", f"{HERE}/waitlist")
    await told_to_booking(town, ("mitte", "online-booking", False), ("mitte", "waitlist", False))
    async with browser(str(town.client.base_url)) as someone:

        async def says_so() -> bool:
            page = (await someone.get(own)).text
            return "Die Warteliste ist zurzeit ausgeschaltet" in page and "Termin verschieben" not in page

        await eventually(says_so, within=10)
        assert (await someone.get(f"{own}/move")).status_code == 409
        token = csrf_of((await someone.get(f"{own}/cancel")).text)
        joined = await someone.post(f"{own}/waitlist", data={"csrf": token, "email": "a@b.example"})
        assert joined.status_code == 409
        assert "Ihr Termin bleibt, wie er ist" in joined.text
        await someone.post(f"{own}/cancel", data={"csrf": token})
        assert "Dieser Termin ist abgesagt" in (await someone.get(own)).text


async def test_two_who_press_at_once_are_told_what_the_other_has_done(town: Town, sign_in: NewMember) -> None:
    first, second = await sign_in("manager"), await sign_in("admin")
    await press(first, "off", VOICE)
    seen = {"version": "1"}  # what both have on their screens
    await press(first, "on", VOICE)
    same = await press(second, "on", VOICE, **seen)
    assert same.headers["location"] == f"{VOICE}?told=same"
    await press(first, "off", VOICE, reason="Probe")
    late = await press(second, "on", VOICE, **seen)
    assert late.status_code == 409
    [problem] = problems_of(late.text)
    assert problem.startswith("Seit Sie diese Seite geöffnet haben, hat Demo manager das gesetzt: aus. Möchten Sie es")
    assert "Demo manager: Probe" in late.text
    assert await settings(town) == [("mitte", "call-voice", False, 3)]
    version = late.text.partition('name="version" value="')[2].partition('"')[0]
    assert (await press(second, "on", VOICE, version=version)).status_code == 303
    assert await settings(town) == [("mitte", "call-voice", True, 4)]


async def test_of_ten_presses_at_the_same_moment_one_counts(town: Town, sign_in: NewMember) -> None:
    manager = await sign_in("manager")
    token = csrf_of((await manager.get(VOICE)).text)
    form = {"csrf": token, "version": "0", "to": "off"}
    answers = await asyncio.gather(*(manager.client.post(VOICE, data=form) for _ in range(10)))
    told = [answer.headers["location"].rpartition("=")[2] for answer in answers]
    assert sorted(told) == ["same"] * 9 + ["set"]
    assert await settings(town) == [("mitte", "call-voice", False, 1)]
    assert await gateway_rows(town, "SELECT count(*) FROM switch_changes") == [(1,)]


async def test_what_was_before_comes_back_with_one_press_also_that_nothing_was_set(
    town: Town, sign_in: NewMember
) -> None:
    admin = await sign_in("admin")
    await press(admin, "off", f"{ALL}/call-voice")
    await press(admin, "on", VOICE)
    await told_to_booking(town, ("", "call-voice", False), ("mitte", "call-voice", True))
    page = (await admin.get(VOICE)).text
    assert "Zurück zum Stand davor" in page
    await press(admin, "none", VOICE)
    await told_to_booking(town, ("", "call-voice", False), ("mitte", "call-voice", None))
    assert "wie für das ganze Jobcenter" in (await admin.get(HERE)).text
    assert await settings(town) == [("", "call-voice", False, 1), ("mitte", "call-voice", None, 2)]


async def test_what_is_scheduled_happens_at_its_time_and_ends_at_its_time(town: Town, sign_in: NewMember) -> None:
    manager = await sign_in("manager")
    period = {"from": "2026-09-07T12:00", "until": "2026-09-07T14:00"}
    for _ in range(2):  # pressed twice, it is scheduled once
        answer = await manager.send(
            BOOKING, f"{BOOKING}/schedule", to="off", **period, **{"reason-then": "Fortbildung"}
        )
        assert answer.headers["location"] == f"{BOOKING}?told=scheduled"
    clash = await manager.send(BOOKING, f"{BOOKING}/schedule", to="on", **period)
    assert clash.status_code == 409
    assert "Für diesen Zeitpunkt ist etwas anderes geplant" in clash.text
    assert await settings(town) == []
    with moved_clock(MONDAY + timedelta(hours=3, seconds=1)):  # 12:00 in Berlin
        await told_to_booking(town, ("mitte", "online-booking", False))
    with moved_clock(MONDAY + timedelta(hours=5, seconds=1)):
        await told_to_booking(town, ("mitte", "online-booking", None))
    done = "SELECT state, is_on, was_on, version FROM switch_changes ORDER BY at"
    assert await gateway_rows(town, done) == [("done", False, None, 1), ("done", None, False, 2)]
    audited = "SELECT subject FROM audit_entries WHERE action = 'switch' ORDER BY at"
    assert await gateway_rows(town, audited) == [("schedule",), ("schedule",)]
    assert await gateway_rows(town, "SELECT * FROM due_switch_changes") == []


async def test_what_no_gateway_was_there_for_is_made_up_for_in_order(town: Town, sign_in: NewMember) -> None:
    manager = await sign_in("manager")
    await manager.send(
        VOICE, f"{VOICE}/schedule", to="off", **{"from": "2026-09-07T12:00", "until": "2026-09-08T12:00"}
    )
    with moved_clock(MONDAY + timedelta(days=7)):
        await told_to_booking(town, ("mitte", "call-voice", None))
    assert await settings(town) == [("mitte", "call-voice", None, 2)]


async def test_what_is_scheduled_can_be_withdrawn_until_it_has_happened(town: Town, sign_in: NewMember) -> None:
    manager = await sign_in("manager")
    await manager.send(VOICE, f"{VOICE}/schedule", to="off", **{"from": "2026-09-07T12:00"})
    page = (await manager.get(VOICE)).text
    change = page.partition('name="change" value="')[2].partition('"')[0]
    answer = await manager.send(VOICE, f"{VOICE}/withdraw", change=change)
    assert answer.headers["location"] == f"{VOICE}?told=withdrawn"
    again = await manager.send(VOICE, f"{VOICE}/withdraw", change=change)
    assert again.status_code == 409
    assert "schon ausgeführt oder zurückgenommen" in again.text
    with moved_clock(MONDAY + timedelta(hours=4)):
        async with inprocess.unstarted(town.installation, "gateway") as gateway:
            await switching.run_due(gateway.service)
    assert await settings(town) == []
    assert "geplant und zurückgenommen: aus" in " ".join((await manager.get(VOICE)).text.split())


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"from": ""}, "Bitte geben Sie Tag und Uhrzeit ein"),
        ({"from": "morgen"}, "Bitte geben Sie Tag und Uhrzeit ein"),
        ({"from": "0001-01-01T00:00"}, "Bitte geben Sie Tag und Uhrzeit ein"),
        ({"from": "2026-09-07T08:59"}, "Diese Zeit ist vorbei"),
        ({"from": "2028-09-07T09:00"}, "innerhalb eines Jahres"),
        ({"from": "2027-03-28T02:30"}, "Diese Uhrzeit gibt es nicht"),
        ({"from": "2026-09-07T12:00", "until": "2026-09-07T12:00"}, "Ende muss nach dem Beginn liegen"),
        ({"from": "2026-09-07T12:00", "to": "none"}, "ob es an oder aus sein soll"),
    ],
)
async def test_a_time_that_cannot_be_gets_a_sentence_and_keeps_what_was_typed(
    town: Town, sign_in: NewMember, fields: dict[str, str], problem: str
) -> None:
    manager = await sign_in("manager")
    answer = await manager.send(VOICE, f"{VOICE}/schedule", **({"to": "off", "reason-then": "Umzug"} | fields))
    assert answer.status_code == 422
    assert problem in answer.text
    assert 'value="Umzug"' in answer.text
    assert await gateway_rows(town, "SELECT * FROM switch_changes") == []


@pytest.mark.parametrize(
    ("login", "office", "whole"),
    [("clerk", 403, 403), ("placement", 403, 403), ("council", 403, 403), ("manager", 200, 403), ("admin", 200, 200)],
)
async def test_who_may_switch(town: Town, sign_in: NewMember, login: str, office: int, whole: int) -> None:
    member = await sign_in(login)
    assert (await member.get(HERE)).status_code == office
    assert (await member.get(ALL)).status_code == whole
    assert (await member.get("/de/staff/offices/nord/switches")).status_code == 403
    assert (await member.get(f"{HERE}/nothing")).status_code == (404 if office == 200 else 403)
    for path, status in ((HERE, office), (ALL, whole), ("/de/staff/offices/nord/switches", 403)):
        for action in ("", "/schedule", "/withdraw"):
            sent = await member.send("/de/staff", f"{path}/waitlist{action}", to="off", version="0", change="x")
            assert (sent.status_code == 403) == (status == 403), (path, action)
    assert len(await settings(town)) == [office, whole].count(200)


async def test_a_form_of_another_site_and_odd_values_switch_nothing(town: Town, sign_in: NewMember) -> None:
    manager = await sign_in("manager")
    forged = await manager.client.post(VOICE, data={"to": "off", "version": "0"})
    assert forged.status_code == 403
    for odd in ({"to": "maybe"}, {}):
        assert (await manager.send(VOICE, version="0", **odd)).status_code == 422
    for version in ("", "-1", "x", "9" * 30):
        assert (await manager.send(VOICE, to="off", version=version)).status_code == 409
    assert await settings(town) == []


async def test_while_the_database_is_away_what_was_known_last_holds(town: Town, sign_in: NewMember) -> None:
    await press(await sign_in("manager"), "off", VOICE)
    known = Switches()
    assert known.is_on("musterstadt", "mitte", "call-voice"), "the default, as long as nothing is known"
    async with inprocess.unstarted(town.installation, "gateway") as gateway:
        await known.read(gateway.service)
    assert not known.is_on("musterstadt", "mitte", "call-voice")
    nowhere = "postgresql+asyncpg://nobody@/nowhere?host=/nowhere"
    async with inprocess.unstarted(town.installation, "gateway", database_url=nowhere) as gateway:
        await known.read(gateway.service)
    assert not known.is_on("musterstadt", "mitte", "call-voice")
    assert known.is_on("duesseldorf", "mitte", "call-voice")


async def test_the_expected_wait_is_off_on_the_homepage_with_the_next_look_at_it(
    town: Town, sign_in: NewMember
) -> None:
    manager = await sign_in("manager")
    expected = f"{HERE}/expected-wait"
    async with browser(str(town.client.base_url)) as someone:
        assert "Stand" in now_of((await someone.get("/de/", timeout=30)).text)
        await manager.send(expected, to="off", version="0", reason="Umbau")
        assert "Stand" not in now_of((await someone.get("/de/", timeout=30)).text)


def now_of(page: str) -> str:
    return page.partition('class="kern-body now"')[2].partition("</p>")[0]

"""Kiosks and displays: registered by those who may, used at their own office, and no more once they are removed."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from html import unescape

import pytest

from services.gateway.phones import MOST_GUESSES, MOST_TICKETS
from shared import clock
from tests.harness import inprocess
from tests.harness.inprocess import Town
from tests.harness.installation import Installation
from tests.harness.member import HIDDEN, Member
from tests.harness.office import DEVICES, browser, registered, signed_in
from tests.harness.parts import Parts

DUESSELDORF = "duesseldorf.localhost"


@pytest.fixture(scope="module")
async def demo_town(parts: Parts) -> AsyncIterator[Town]:
    async with inprocess.town(await Installation.create(parts, DEMO_LOGINS="true")) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["kiosk", "display"])
async def test_the_link_makes_a_browser_the_device_and_leaves_no_secret_in_the_address(
    demo_town: Town, kind: str
) -> None:
    link = await registered(demo_town, kind)
    async with browser(demo_town) as device:
        assert (await device.get(f"/de/office/mitte/{kind}")).status_code == 403
        opened = await device.get(link)
        assert (opened.status_code, opened.headers["location"]) == (303, f"/de/office/mitte/{kind}")
        assert "httponly" in opened.headers["set-cookie"].lower()
        shown = await device.get(opened.headers["location"])
        assert shown.status_code == 200
        assert shown.headers["cache-control"] == "no-store"
        assert link.rpartition("=")[2] not in shown.text
    async with browser(demo_town) as other:
        assert (await other.get(link)).status_code == 403, "it is used up"
        other.cookies.set("device", link.rpartition("=")[2])
        assert (await other.get(f"/de/office/mitte/{kind}")).status_code == 403, "and is no cookie's"
    async with signed_in(demo_town, "manager") as manager:
        listed = (await manager.get(DEVICES.format(office="mitte"))).text
    assert f"At the door: {kind}" in listed
    assert link.rpartition("=")[2] not in listed, "it is shown once"


async def test_a_device_is_one_of_its_own_office_and_kind_only(demo_town: Town) -> None:
    link = await registered(demo_town, "kiosk", "nord", DUESSELDORF)
    async with browser(demo_town, DUESSELDORF) as device:
        await device.get(link)
        assert (await device.get("/de/office/nord/kiosk")).status_code == 200
        for elsewhere in ("/de/office/sued/kiosk", "/de/office/nord/display", "/de/office/nord/display/events"):
            refused = await device.get(elsewhere)
            assert refused.status_code == 403
            assert "nicht angemeldet" in refused.text
        assert (await device.get("/de/office/nowhere/kiosk")).status_code == 404
        other_tenant = await device.get("/de/office/mitte/kiosk", headers={"Host": "localhost"})
        assert other_tenant.status_code == 403


async def test_a_removed_device_may_do_nothing_more(demo_town: Town) -> None:
    link = await registered(demo_town, "kiosk")
    async with browser(demo_town) as device, signed_in(demo_town, "manager") as manager:
        await device.get(link)
        page = (await manager.get(DEVICES.format(office="mitte"))).text
        action = re.findall(r'action="([^"]+/revoke)"', page)[0]
        assert (await manager.send(DEVICES.format(office="mitte"), action)).status_code == 303
        for path in ("", "/appointment", "/ticket", f"?device={link.rpartition('=')[2]}"):
            assert (await device.get(f"/de/office/mitte/kiosk{path}")).status_code == 403
    query = "SELECT action, after, before FROM audit_entries WHERE target = :id ORDER BY id"
    rows = await demo_town.installation.rows("gateway", query, id=action.split("/")[-2])
    told = {"kind": "kiosk", "name": "At the door: kiosk"}
    assert [(row["action"], row["after"] or row["before"]) for row in rows] == [
        ("register-device", told),
        ("connect-device", told),
        ("revoke-device", told),
    ]


async def test_only_who_may_registers_and_only_what_is_whole(demo_town: Town) -> None:
    async with signed_in(demo_town, "clerk") as clerk, signed_in(demo_town, "manager") as manager:
        assert (await clerk.get(DEVICES.format(office="mitte"))).status_code == 403
        missing = await manager.send(DEVICES.format(office="mitte"), name=" ", kind="door")
        assert missing.status_code == 422
        assert "höchstens 60 Zeichen" in missing.text
        assert "was das Gerät ist" in missing.text
        forged = await manager.client.post(DEVICES.format(office="mitte"), data={"name": "x", "kind": "kiosk"})
        assert forged.status_code == 403


async def test_the_code_of_an_office_cannot_be_guessed_and_who_tries_keeps_nobody_else_out(demo_town: Town) -> None:
    arrive = "/de/office/mitte/arrive"
    async with browser(demo_town, address="127.0.0.2") as phone, browser(demo_town, address="127.0.0.3") as other:
        found = HIDDEN.search((await phone.get(arrive)).text)
        assert found
        form = {"csrf": found[1], "number": "ABCD-EFGH", "code": "no token at all", "shown": "guess"}
        answers = await asyncio.gather(*(phone.post(arrive, data=form) for _ in range(MOST_GUESSES + 5)))
        other.cookies = phone.cookies
        answers.append(await other.post(arrive, data=form))
    assert {answer.status_code for answer in answers} == {422}
    wrong = ["nicht der Code, den die Anzeige jetzt zeigt" in answer.text for answer in answers]
    refused = sum("zu viele falsche Versuche" in answer.text for answer in answers)
    assert (sum(wrong), refused, wrong[-1]) == (MOST_GUESSES + 1, 5, True)


async def test_a_phone_draws_some_tickets_and_is_then_sent_to_the_reception(
    demo_town: Town,
    on_monday: datetime,  # noqa: ARG001  the office is open
) -> None:
    async with browser(demo_town) as display:
        await display.get(await registered(demo_town, "display"))
        code = re.search(r"\b(\d{4})\b</strong>", (await display.get("/de/office/mitte/display")).text)
        assert code
    draw = "/de/office/mitte/ticket"
    form = {"concern": "unterlagen", "shown": code[1]}
    async with Member(str(demo_town.client.base_url), "nobody") as phone, signed_in(demo_town, "clerk") as clerk:
        drawn = [await phone.send(draw, key=f"a-phones-key-{number}", **form) for number in range(MOST_TICKETS + 1)]
        assert [answer.status_code for answer in drawn] == [303] * MOST_TICKETS + [422]
        assert "gehen Sie bitte zum Empfang" in drawn[-1].text
        again = await phone.send(draw, key="a-phones-key-0", **form)
        assert again.headers["location"] == drawn[0].headers["location"], "a second tap gets the same one"
        reception = "/de/staff/offices/mitte/reception"
        at_reception = await clerk.send(reception, f"{reception}/tickets", concern="unterlagen", key="another-key")
        assert at_reception.status_code == 200
    async with Member(str(demo_town.client.base_url), "nobody") as other:
        assert (await other.send(draw, key="another-phones-key", **form)).status_code == 303


async def test_what_nobody_can_have_typed_is_refused_or_left_out_and_never_an_error(demo_town: Town) -> None:
    staff = "/de/staff/offices/mitte"
    async with Member(str(demo_town.client.base_url), "nobody") as phone:
        odd = await phone.send("/de/office/mitte/arrive", number="//a]", code="0000-0000", shown="0000")
        assert odd.status_code == 422
        for length in (101, 2200, 3000):
            ticket = f"/de/tickets/0198c0de-0000-7000-8000-000000000000/{'x' * length}"
            for path in ("", "/qr.svg", "/leave"):
                assert (await phone.get(ticket + path)).status_code == 422
    async with signed_in(demo_town, "manager") as manager:
        assert (await manager.send(DEVICES.format(office="mitte"), name="a\0b", kind="kiosk")).status_code == 422
        switch = f"{staff}/switches/call-voice"
        assert (await manager.send(switch, to="off", version="0", reason="a\0b")).status_code == 303
        assert "Demo manager: ab" in (await manager.get(switch)).text
    async with signed_in(demo_town, "clerk") as clerk:
        reception = f"{staff}/reception"
        drawn = await clerk.send(reception, f"{reception}/tickets", concern="unterlagen", key="ä")
        assert drawn.status_code == 200
        assert re.search(r'class="label">[A-Z]\d{3}<', drawn.text)


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [({"X-By-Itself": "1"}, "", 303), ({}, "?by-itself=yes", 303), ({}, "", 200)],
    ids=["by-itself", "without-script", "pressed"],
)
async def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(
    demo_town: Town, headers: dict[str, str], query: str, status: int
) -> None:
    began = clock.now()
    async with signed_in(demo_town, "clerk") as clerk:
        with inprocess.moved_clock(began + timedelta(minutes=20)):
            assert (await clerk.client.get(f"/de/staff{query}", headers=headers)).status_code == 200
        with inprocess.moved_clock(began + timedelta(minutes=31)):
            assert (await clerk.get("/de/staff")).status_code == status


async def test_without_javascript_a_desks_page_says_by_itself_that_somebody_is_there(
    demo_town: Town,
    on_monday: datetime,
) -> None:
    here = "/de/staff/offices/mitte/desk"
    async with signed_in(demo_town, "clerk") as clerk:
        desk = re.findall(r'<option value="(\d+)"', (await clerk.get(here)).text)[0]
        opened = await clerk.send(here, f"{here}/open", desk=desk)
        shown = (await clerk.get(opened.headers["location"])).text
        renewed = re.search(r'<noscript><meta http-equiv="refresh" content="(\d+); url=([^"]+)">', shown)
        assert renewed
        for minutes in (8, 16):
            with inprocess.moved_clock(on_monday + timedelta(minutes=minutes)):
                again = (await clerk.get(unescape(renewed[2]))).text
                assert 'id="next"' in again, "the desk is open still"


async def test_what_reception_cannot_do_is_said_at_its_field_and_nothing_typed_is_lost(
    demo_town: Town,
    on_monday: datetime,  # noqa: ARG001  the office is open
) -> None:
    reception = "/de/staff/offices/mitte/reception"
    async with signed_in(demo_town, "clerk") as clerk:
        for fields, status in (({"number": "0000-0000"}, 422), ({"number": "ABCD-EFGH", "csrf": "x"}, 403)):
            answer = await clerk.send(reception, f"{reception}/arrivals", **fields)
            assert (answer.status_code, f'value="{fields["number"]}"' in answer.text) == (status, True)
        typed = {"concern": "unterlagen", "urgency": "danger", "key": "a-key-of-reception"}
        forged = await clerk.send(reception, f"{reception}/tickets", csrf="x", **typed)
        assert forged.status_code == 403
        for kept in ('value="unterlagen" selected', 'value="danger" checked', 'value="a-key-of-reception"'):
            assert kept in forged.text
        unknown = await clerk.send(reception, f"{reception}/tickets", **(typed | {"concern": "nothing"}))
        assert (unknown.status_code, 'id="concern-error"' in unknown.text) == (422, True)


async def test_in_another_language_one_is_where_one_was_with_a_form_that_was_refused(
    demo_town: Town,
    on_monday: datetime,  # noqa: ARG001  the office is open
) -> None:
    reception = "/de/staff/offices/mitte/reception"
    async with signed_in(demo_town, "clerk") as clerk:
        drawn = await clerk.send(reception, f"{reception}/tickets", concern="unterlagen", key="a-ticket-to-leave")
        own = re.search(r'src="(/de/tickets/[^"]+)/qr.svg"', drawn.text)
        assert own
        forged = await clerk.client.post(f"{own[1]}/leave", data={"csrf": "x"})
        assert forged.status_code == 403
        others = re.findall(r'<a [^>]*href="([^"]+)" [^>]*hreflang="en"', forged.text)
        assert (await clerk.get(others[0])).status_code == 200

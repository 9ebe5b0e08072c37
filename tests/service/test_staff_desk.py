"""The pages of a desk over HTTP: what they lead to, what they refuse, and that no name stands in an address."""

from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import unquote

import pytest

from tests.harness import inprocess
from tests.harness.inprocess import Town
from tests.harness.installation import Installation
from tests.harness.member import Member
from tests.harness.pages import hidden_fields, problems_of
from tests.harness.parts import Parts

OFFICE = "/de/staff/offices/mitte"
EIGHT, NINE = "2026-09-08T08:00:00+02:00", "2026-09-08T09:00:00+02:00"
BY_PHONE = {"channel": "phone", "name": "Aylin Öz", "language": "de"}


@pytest.fixture(scope="module")
async def demo_town(parts: Parts) -> AsyncIterator[Town]:
    """A town with demo accounts."""
    async with inprocess.town(await Installation.create(parts, DEMO_LOGINS="true")) as opened:
        yield opened


@pytest.fixture
async def clerk(demo_town: Town, on_monday: datetime) -> AsyncIterator[Member]:  # noqa: ARG001  moves the clock
    for table in ("occupancies", "holds", "appointments"):
        await demo_town.installation.rows("booking", f"DELETE FROM {table}")
    await demo_town.installation.rows("booking", "DELETE FROM plans WHERE version > 1")
    async with Member(str(demo_town.client.base_url), "clerk") as member:
        await member.sign_in()
        yield member


@pytest.fixture
async def manager(clerk: Member) -> AsyncIterator[Member]:
    async with Member(str(clerk.client.base_url), "manager") as member:
        await member.sign_in()
        yield member


async def booked(clerk: Member, start: str = EIGHT, **changes: str) -> str:
    """Book for a caller by the form; return the address that it leads to."""
    page = f"{OFFICE}/book/details?also=neuantrag&start={start.replace('+', '%2B')}"
    fields = hidden_fields((await clerk.get(page)).text)
    answer = await clerk.send(page, f"{OFFICE}/book", **(fields | BY_PHONE | changes))
    assert answer.status_code == 303, problems_of(answer.text)
    return str(answer.headers["location"])


def number_of(address: str) -> str:
    return address.partition("/appointments/")[2].partition("?")[0].partition("/")[0]


async def test_number_and_code_are_shown_to_be_told_once_and_only_in_this_browser(
    clerk: Member, manager: Member
) -> None:
    address = await booked(clerk)
    shown = (await clerk.get(address)).text
    assert "Der Termin ist gebucht" in shown
    assert shown.count('class="secret"') == 2
    for somebody, path in ((manager, address), (clerk, address.partition("?")[0])):
        assert 'class="secret"' not in (await somebody.get(path)).text
    assert "Aylin" not in unquote(address)


async def test_pressed_twice_it_books_once(clerk: Member) -> None:
    page = f"{OFFICE}/book/details?also=neuantrag&start={EIGHT.replace('+', '%2B')}"
    fields = hidden_fields((await clerk.get(page)).text) | BY_PHONE
    first, again = [await clerk.send(page, f"{OFFICE}/book", **fields) for _ in range(2)]
    assert number_of(first.headers["location"]) == number_of(again.headers["location"])


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(clerk: Member) -> None:
    page = f"{OFFICE}/book/details?also=neuantrag&start={EIGHT.replace('+', '%2B')}"
    fields = hidden_fields((await clerk.get(page)).text) | BY_PHONE
    wrong = {"name": "", "email": "nobody", "phone": "abc", "birth_date": "soon", "channel": "", "language": "xx"}
    answer = await clerk.send(page, f"{OFFICE}/book", **(fields | wrong))
    assert answer.status_code == 422
    assert len(problems_of(answer.text)) == 6
    assert 'value="nobody"' in answer.text
    forged = await clerk.client.post(f"{OFFICE}/book", data=fields | {"csrf": "x"})
    assert forged.status_code == 403
    assert 'value="Aylin Öz"' in forged.text


async def test_a_full_time_can_be_overbooked_with_a_reason(clerk: Member) -> None:
    page = f"{OFFICE}/book/details?also=neuantrag&start={EIGHT.replace('+', '%2B')}"
    fields = hidden_fields((await clerk.get(page)).text) | BY_PHONE
    for _ in range(3):
        await booked(clerk)
    full = await clerk.send(page, f"{OFFICE}/book", **fields)
    assert (full.status_code, len(problems_of(full.text))) == (409, 1)
    fields = hidden_fields(full.text) | BY_PHONE
    assert (await clerk.send(page, f"{OFFICE}/book", **fields)).status_code == 422, "without a reason"
    done = await clerk.send(page, f"{OFFICE}/book", **(fields | {"reason": "Muss morgen aus der Wohnung"}))
    assert done.status_code == 303
    assert "überbucht" in (await clerk.get(done.headers["location"])).text
    assert (await clerk.get(f"{OFFICE}/day?day=2026-09-08")).text.count("überbucht") == 1


async def test_any_time_in_opening_hours_can_be_typed_to_overbook_it(clerk: Member) -> None:
    odd = await clerk.get(f"{OFFICE}/book/details?also=neuantrag&overbook=1&on=&at=soon")
    assert (odd.status_code, len(problems_of(odd.text))) == (422, 1)
    for day, status in (("2026-09-08", 303), ("2026-09-12", 422)):
        page = f"{OFFICE}/book/details?also=neuantrag&overbook=1&on={day}&at=09:10"
        fields = hidden_fields((await clerk.get(page)).text) | BY_PHONE | {"reason": "Kann nur dann"}
        assert (await clerk.send(page, f"{OFFICE}/book", **fields)).status_code == status


async def test_a_caller_is_found_moved_and_cancelled(clerk: Member) -> None:
    number = number_of(await booked(clerk, birth_date="17.05.1990", phone="030 123456"))
    found = await clerk.send(f"{OFFICE}/search", q="aylin oz")
    assert "ylin" not in unquote(found.headers["location"])
    assert f"/appointments/{number}" in (await clerk.get(found.headers["location"])).text
    own = f"{OFFICE}/appointments/{number}"
    assert "030 123456" in (await clerk.get(own)).text
    start = NINE.replace("+", "%2B")
    moved = await clerk.send(f"{own}/move/check?start={start}", f"{own}/move", start=NINE)
    assert moved.headers["location"] == f"{own}?done=moved"
    corrected = await clerk.send(own, f"{own}/correct", name="Aylin Özdemir", birth_date="")
    assert corrected.headers["location"] == f"{own}?done=corrected"
    assert "Özdemir" in (await clerk.get(own)).text
    waits = await clerk.send(own, f"{own}/waitlist", email="a@example.org")
    assert waits.headers["location"] == f"{own}?done=waiting"
    cancelled = await clerk.send(f"{own}/cancel", f"{own}/cancel", reason="Hat Arbeit gefunden")
    assert cancelled.headers["location"] == f"{own}?done=cancelled"
    assert "abgesagt" in (await clerk.get(f"{OFFICE}/day?day=2026-09-08")).text
    assert "Hat Arbeit" not in (await clerk.get(own)).text


async def test_an_appointment_moves_to_a_time_that_is_full_or_typed_with_a_reason(clerk: Member) -> None:
    own = f"{OFFICE}/appointments/{number_of(await booked(clerk))}"
    for _ in range(3):
        await booked(clerk, NINE)
    full = await clerk.send(own, f"{own}/move", start=NINE)
    assert "einen Grund" in full.text
    moved = await clerk.send(own, f"{own}/move", **hidden_fields(full.text), reason="Muss aus der Wohnung")
    assert moved.headers["location"] == f"{own}?done=moved"
    assert "überbucht" in (await clerk.get(own)).text
    check = await clerk.get(f"{own}/move/check?overbook=1&on=2026-09-08&at=09:10")
    assert 'name="reason"' in check.text
    fields = hidden_fields(check.text) | {"reason": "Kann nur dann"}
    assert (await clerk.send(own, f"{own}/move", **fields)).headers["location"] == f"{own}?done=moved"
    assert "09:10" in (await clerk.get(own)).text
    nothing = await clerk.get(f"{own}/move/check?overbook=1&on=&at=soon")
    assert nothing.headers["location"] == f"{own}/move?problem=no-time"


async def test_what_cannot_be_done_is_said_and_nothing_is_lost(clerk: Member) -> None:
    number = number_of(await booked(clerk))
    own = f"{OFFICE}/appointments/{number}"
    for path, fields, status in (
        ("/correct", {"name": "", "birth_date": "soon"}, 422),
        ("/waitlist", {"email": "nobody"}, 422),
        ("/waitlist", {"email": ""}, 422),
        ("/cancel", {"reason": "x" * 501}, 422),
    ):
        answer = await clerk.send(own, own + path, **fields)
        assert (answer.status_code, bool(problems_of(answer.text))) == (status, True), path
    for _ in range(3):
        await booked(clerk, NINE)
    taken = await clerk.send(own, f"{own}/move", start=NINE)
    assert (taken.status_code, len(problems_of(taken.text))) == (409, 1)
    unsaid = await clerk.send(own, f"{own}/move", start=NINE, overbook="1", reason="x")
    assert (unsaid.status_code, 'value="x"' in unsaid.text) == (422, True)
    await clerk.send(own, f"{own}/cancel")
    late = await clerk.send(own, f"{own}/move", start=NINE)
    assert (late.status_code, "schon abgesagt" in late.text) == (409, True)


@pytest.mark.parametrize(
    "path",
    ["/offices/nowhere/day", "/offices/mitte/appointments/0000-0000", "/offices/mitte/appointments/..%2f..",
     "/offices/mitte/appointments/%00/move"],
)  # fmt: skip
async def test_what_is_not_there_is_a_page_that_says_so(clerk: Member, path: str) -> None:
    assert (await clerk.get(f"/de/staff{path}")).status_code in (403, 404)


@pytest.mark.parametrize("day", ["", "soon", "0001-01-01", "9999-12-31", "2026-02-30"])
async def test_any_day_can_stand_in_the_address(clerk: Member, day: str) -> None:
    assert (await clerk.get(f"{OFFICE}/day?day={day}")).status_code == 200


async def test_only_a_manager_closes_a_day_and_everybody_stays_on_the_list(clerk: Member, manager: Member) -> None:
    assert (await clerk.get(f"{OFFICE}/close-day")).status_code == 403
    assert "close-day" not in (await clerk.get(f"{OFFICE}/day")).text
    number = number_of(await booked(clerk, phone="030 123456"))
    for query in (
        "asked=1&day=&reason=",
        "asked=1&day=2026-09-06&reason=Brand",
        "asked=1&day=2026-09-08&reason=Brand&team=x",
    ):
        answer = await manager.get(f"{OFFICE}/close-day?{query}")
        assert (answer.status_code, bool(problems_of(answer.text))) == (422, True), query
    page = f"{OFFICE}/close-day?asked=1&day=2026-09-08&team=&reason=Wasserschaden"
    fields = hidden_fields((await manager.get(page)).text)
    assert fields["numbers"] == number
    other = number_of(await booked(clerk, NINE, email="a@example.org"))
    changed = await manager.send(page, f"{OFFICE}/close-day", **fields)
    assert (changed.status_code, len(problems_of(changed.text))) == (409, 1)
    fields = hidden_fields(changed.text)
    assert set(fields["numbers"].split()) == {number, other}
    done = await manager.send(page, f"{OFFICE}/close-day", **fields)
    assert done.headers["location"] == f"{OFFICE}/day?day=2026-09-08&done=closed"
    listed = (await clerk.get(done.headers["location"])).text
    assert ("Bitte anrufen" in listed, "030 123456" in listed) == (True, True)
    ticked = await clerk.send(done.headers["location"], f"{OFFICE}/appointments/{number}/tick-off", day="2026-09-08")
    assert "Bitte anrufen" not in (await clerk.get(ticked.headers["location"])).text


async def test_who_is_not_signed_in_or_has_no_desk_sees_nothing(clerk: Member, demo_town: Town) -> None:
    number = number_of(await booked(clerk))
    base_url = str(demo_town.client.base_url)
    async with Member(base_url, "council") as council, Member(base_url, "nobody") as nobody:
        await council.sign_in()
        for path in ("/day", "/search", "/book", f"/appointments/{number}", f"/appointments/{number}/cancel"):
            assert (await council.get(OFFICE + path)).status_code == 403
            assert (await nobody.get(OFFICE + path)).status_code == 303


async def test_that_nobody_came_or_is_excused_is_noted_shown_and_taken_back(clerk: Member) -> None:
    number = number_of(await booked(clerk))
    own, day = f"{OFFICE}/appointments/{number}", f"{OFFICE}/day?day=2026-09-08"
    assert "Niemand kam" not in (await clerk.get(own)).text, "its day has not come"
    early = await clerk.send(own, f"{own}/outcome", outcome="missed")
    assert (early.status_code, "noch kommen" in early.text) == (409, True)
    assert (await clerk.send(own, f"{own}/outcome", outcome="eaten")).status_code == 422
    assert (await clerk.send(own, f"{own}/outcome", csrf="x", outcome="missed")).status_code == 403
    with inprocess.moved_clock(datetime.fromisoformat(NINE)):
        await clerk.sign_in()
        for outcome, word in (("missed", "niemand kam"), ("excused", "entschuldigt")):
            noted = await clerk.send(own, f"{own}/outcome", outcome=outcome)
            assert noted.headers["location"] == f"{own}?done=noted"
            assert f">{word}" in (await clerk.get(own)).text
            assert f'<span class="flag">{word}</span>' in (await clerk.get(day)).text
        await clerk.send(own, f"{own}/outcome", outcome="")
        assert "entschuldigt</span>" not in (await clerk.get(day)).text


async def test_what_was_not_done_as_the_form_was_not_ours_is_said(clerk: Member, manager: Member) -> None:
    number = number_of(await booked(clerk))
    form = {"csrf": "x", "day": "2026-09-08"}
    answer = await clerk.client.post(f"{OFFICE}/appointments/{number}/tick-off", data=form)
    assert (answer.status_code, len(problems_of(answer.text))) == (403, 1)
    assert number in answer.text, "the day that was shown"
    answer = await manager.client.post(f"{OFFICE}/plan/withdraw", data={"csrf": "x", "version": "1"})
    assert (answer.status_code, len(problems_of(answer.text))) == (403, 1)


async def test_a_key_that_cannot_stand_in_a_header_is_renewed(clerk: Member) -> None:
    assert "done=booked" in await booked(clerk, key="ä")

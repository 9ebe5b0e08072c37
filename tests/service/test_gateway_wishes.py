"""The way to an appointment with more than one concern, by phone or video, with needs, or with a date of birth."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.gateway import csrf
from tests.harness.inprocess import Town
from tests.harness.pages import browser, hidden_fields, problems_of

pytestmark = pytest.mark.usefixtures("on_monday")

# Of the sample tenant: the office's team `beratung` handles all three.
BOTH = {"concern": "bescheid", "also": "weiterbewilligung"}
BOOKED = "SELECT * FROM appointments WHERE name = :name ORDER BY id DESC LIMIT 1"
NAMES = iter(f"Person {letter}{other}" for letter in "ABCDEF" for other in "abcdefgh")


@pytest.fixture
async def person(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the pages."""
    async with browser(str(town.client.base_url)) as client:
        yield client


@pytest.fixture
def name() -> str:
    """A name that nobody else has."""
    return next(NAMES)


async def times(person: httpx.AsyncClient, **place: Any) -> httpx.Response:
    return await person.get("/de/book/time", params={"office": "mitte", **place})


async def details(person: httpx.AsyncClient, **place: Any) -> httpx.Response:
    """Choose the last time of the first day."""
    page = await times(person, **place)
    start = re.findall(r'name="start" value="([^"]+)"', page.text)[-1].replace("&#43;", "+")
    return await person.post("/de/book/hold", data=hidden_fields(page.text) | {"start": start})


async def check(person: httpx.AsyncClient, page: httpx.Response, **typed: Any) -> httpx.Response:
    return await person.post("/de/book/check", data=hidden_fields(page.text) | typed)


async def book(person: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    return await person.post("/de/book", data=hidden_fields(page.text))


async def booked_by(town: Town, name: str) -> dict[str, Any]:
    [found] = await town.installation.rows("booking", BOOKED, name=name)
    return found


async def test_who_has_one_concern_is_asked_nothing_more(person: httpx.AsyncClient, town: Town, name: str) -> None:
    page = await details(person, concern="neuantrag")
    for more in ('name="kind"', 'name="phone"', 'name="birth_date"'):
        assert more not in page.text
    done = await book(person, await check(person, page, name=name))
    assert "Ihr Termin ist gebucht" in done.text
    booked = await booked_by(town, name)
    assert (booked["kind"], booked["also_ids"], booked["needs"], booked["birth_date"]) == ("office", [], [], None)


async def test_a_further_concern_is_ticked_where_the_times_are_and_named_on_every_page(
    person: httpx.AsyncClient, town: Town, name: str
) -> None:
    page = await times(person, concern="bescheid")
    assert "Haben Sie noch ein anderes Anliegen?" in page.text
    assert 'value="weiterbewilligung"' in page.text
    assert 'value="neuantrag"' not in page.text, "another team's"
    page = await times(person, **BOTH)
    assert "Es dauert etwa 40 Minuten" in page.text
    checked = await check(person, await details(person, **BOTH), name=name)
    done = await book(person, checked)
    own = done.url.path.removesuffix("/booked")
    for shown in (checked, done, await person.get(own), await person.get(f"{own}/cancel")):
        assert "Einen Bescheid erklären lassen" in shown.text, shown.url
        assert "Leistungen weiter beantragen" in shown.text
        assert "etwa 40 Minuten" in shown.text
    for shown in (checked, done):
        assert shown.text.count("Personalausweis oder Pass") == 1
        assert "Nachweise über Einkommen" in shown.text
    booked = await booked_by(town, name)
    assert (booked["concern_id"], booked["also_ids"]) == ("bescheid", ["weiterbewilligung"])
    assert "erklären lassen + Leistungen weiter" in (await person.get(f"{own}/appointment.ics")).text.replace(
        "\r\n ", ""
    )


async def test_it_is_moved_to_a_time_that_is_long_enough_for_all_of_it(person: httpx.AsyncClient, name: str) -> None:
    done = await book(person, await check(person, await details(person, **BOTH), name=name))
    own = done.url.path.removesuffix("/booked")
    choice = await person.get(f"{own}/move")
    assert "Es dauert etwa 40 Minuten" in choice.text
    start = re.findall(r'name="start" value="([^"]+)"', choice.text)[0].replace("&#43;", "+")
    page = await person.get(f"{own}/move/check", params={"start": start})
    assert "Leistungen weiter beantragen" in page.text
    moved = await person.post(f"{own}/move", data=hidden_fields(page.text))
    assert "Ihr Termin hat eine neue Zeit" in moved.text


@pytest.mark.parametrize(
    ("also", "told"),
    [
        ("neuantrag", "Das geht nicht alles in einem Termin"),
        ("unterlagen neuantrag veraenderung", "bis zu 3 Anliegen"),
        ("weiterbewilligung arbeitsberatung neuantrag", "bis zu 3 Anliegen"),
    ],
)
async def test_what_does_not_go_together_is_told_where_it_can_be_changed(
    person: httpx.AsyncClient, also: str, told: str
) -> None:
    page = await times(person, concern="bescheid", also=also.split())
    assert page.status_code == 422
    assert told in problems_of(page.text)[0]
    for one in also.split():
        assert re.search(rf'value="{one}" checked', page.text), "all of it is there, to be taken off"
    assert 'name="start"' not in page.text


@pytest.mark.parametrize("also", ["nonsense", "bescheid bescheid", "%00", "x" * 300, "' OR 1"])
async def test_an_odd_further_concern_is_no_concern(person: httpx.AsyncClient, also: str) -> None:
    for step in ("", "/time", "/details", "/check"):
        place = {"office": "mitte", "concern": "bescheid", "also": also, "start": "2026-09-08T07:00:00Z"}
        page = await person.get(f"/de/book{step}", params=place)
        assert page.status_code in (200, 422), step
        assert "</html>" in page.text


async def test_an_office_that_does_not_deal_with_all_of_it_says_what_it_has_left_out(town: Town) -> None:
    host = {"Host": "duesseldorf.localhost"}
    async with browser(str(town.client.base_url)) as person:
        place = {"office": "nord", "concern": "unterlagen", "also": "arbeitsberatung"}
        page = await person.get("/de/book/time", params=place, headers=host)
    assert page.status_code == 422
    assert "Weggelassen: Beratung zur Arbeitssuche" in page.text
    assert 'name="start"' in page.text


async def test_by_phone_a_number_is_asked_for_and_nothing_typed_is_lost(
    person: httpx.AsyncClient, town: Town, name: str
) -> None:
    page = await details(person, concern="bescheid")
    assert 'value="video"' not in page.text
    for phone, told in (("", "Bitte geben Sie die Telefonnummer ein"), ("ruf an", "prüfen Sie Ihre Telefonnummer")):
        page = await check(person, page, name=name, kind="phone", phone=phone, needs=["hearing", "step-free"])
        assert page.status_code == 422
        assert told in problems_of(page.text)[0]
        assert f'value="{name}"' in page.text
        assert re.search(r'value="hearing" checked', page.text)
    checked = await check(person, page, name=name, kind="phone", phone="030 123456", needs=["hearing", "step-free"])
    assert "Per Telefon" in checked.text
    assert "030 123456" in checked.text
    assert "Bitte halten Sie bereit" in checked.text
    done = await book(person, checked)
    assert "Wir rufen Sie an" in done.text
    assert "Marktplatz 1" not in done.text
    booked = await booked_by(town, name)
    assert (booked["kind"], booked["call_number"], booked["needs"]) == (
        "phone", "030 123456", ["hearing", "step-free"],
    )  # fmt: skip


async def test_by_video_the_link_is_on_the_page_and_with_a_button_in_a_mail_an_address_is_needed(
    person: httpx.AsyncClient, town: Town, name: str
) -> None:
    page = await details(person, concern="arbeitsberatung")
    assert "Den Link schicken wir mit der Bestätigung" in page.text
    page = await check(person, page, name=name, kind="video")
    assert "per E-Mail bestätigen" in problems_of(page.text)[0]
    done = await book(person, await check(person, page, name=name, kind="video", email="a@example.org"))
    assert "Noch nicht gebucht" in done.text
    assert 'href="https://video.musterstadt.example/mitte"' in done.text
    assert (await booked_by(town, name))["state"] == "unconfirmed"


async def test_a_kind_that_not_all_of_it_can_have_is_told_with_everything_kept(
    person: httpx.AsyncClient, name: str
) -> None:
    page = await details(person, **BOTH)
    page = await check(person, page, name=name, kind="video", birth_date="1.2.1980")
    assert page.status_code == 422
    assert "Auf diese Weise geht das hier nicht" in problems_of(page.text)[0]
    for kept in (name, "1.2.1980"):
        assert f'value="{kept}"' in page.text
    assert "Stimmt alles?" in (await check(person, page, name=name, kind="office")).text


async def test_two_of_one_name_are_told_apart_by_their_dates_of_birth(
    person: httpx.AsyncClient, town: Town, name: str
) -> None:
    for born in ("", "31.12.1980"):
        page = await check(person, await details(person, concern="weiterbewilligung"), name=name, interpreter="uk")
        done = await book(person, page)
        if born:
            assert done.status_code == 409
            assert done.url.path == "/de/book/details"
            assert "Geburtsdatum" in problems_of(done.text)[0]
            assert f'value="{name}"' in done.text
            assert re.search(r'value="uk" selected', done.text)
            page = await check(person, done, name=name, interpreter="uk", birth_date=born)
            assert "31. Dezember 1980" in page.text
            assert "Ukrainisch" in page.text
            done = await book(person, page)
        assert "Ihr Termin ist gebucht" in done.text
    assert str((await booked_by(town, name))["birth_date"]) == "1980-12-31"
    again = await check(person, await details(person, concern="weiterbewilligung"), name=name, birth_date="31.12.1980")
    refused = await book(person, again)
    assert (refused.status_code, refused.url.path) == (409, "/de/book/check")
    assert "so viele Termine" in problems_of(refused.text)[0]


async def test_everything_comes_along_when_the_time_is_taken_and_into_another_language(
    person: httpx.AsyncClient, town: Town, name: str
) -> None:
    told = {"name": name, "kind": "phone", "phone": "030 123456", "birth_date": "1.2.1980", "interpreter": "uk"}
    page = await check(person, await details(person, concern="bescheid"), **told, needs=["sight", "companion"])
    query = page.url.query.decode()
    english = await person.get(f"/en/book/check?{query}")
    for kept in (name, "030 123456", "1 February 1980", "Ukrainian", "I do not see well", "I bring somebody along"):
        assert kept in english.text
    for secret in ("Person", "123456", "companion", "1980"):
        assert secret not in query
    await town.installation.rows("booking", "UPDATE holds SET held_until = '2020-01-01Z'")
    longer = await person.post("/de/book/extend", data=hidden_fields(page.text))
    assert "nicht mehr" in problems_of(longer.text)[0]
    other = await person.get(f"/de/book/time?{query}&problem=slot-taken")
    start = re.findall(r'name="start" value="([^"]+)"', other.text)[0].replace("&#43;", "+")
    again = await person.post("/de/book/hold", data=hidden_fields(other.text) | {"start": start})
    assert again.url.path == "/de/book/check"
    fields = hidden_fields(again.text)
    assert {one: fields[one] for one in told} == told
    assert fields["needs"] == "sight companion"


async def test_the_first_step_is_found_with_a_slash_at_the_end_too(person: httpx.AsyncClient) -> None:
    page = await person.get("/de/book/")
    assert page.status_code == 200
    assert "Worum geht es?" in page.text


ODD = [
    "x",
    "\x00",
    "\N{ARABIC-INDIC DIGIT THREE}1.12.1980",
    "<b>",
    "x" * 5000,
    "\N{RIGHT-TO-LEFT OVERRIDE}",
    "-1",
    "[]",
]


@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_value_in_a_form_is_told_or_left_out(person: httpx.AsyncClient, name: str, odd: str) -> None:
    page = await details(person, concern="bescheid")
    for field in ("kind", "phone", "birth_date", "interpreter", "needs", "also", "start", "held", "key", "office"):
        form = hidden_fields(page.text) | {"name": name, "kind": "phone", "phone": "030 123456", field: odd}
        for path in ("/de/book/check", "/de/book/extend", "/de/book/hold"):
            answer = await person.post(path, data=form)
            assert answer.status_code in (200, 409, 422), (field, path)
            assert "</html>" in answer.text
        for path in ("/de/book", "/de/book/extend"):
            answer = await person.post(path, data=form | {csrf.FIELD: "forged", "step": "check"})
            assert answer.status_code in (200, 403, 409, 422), (field, path)

"""The link in the mail: opening it changes nothing, its button cancels after a question."""

from tests.harness.citizen import Citizen
from tests.harness.pages import browser, csrf_of


async def test_the_link_shows_the_appointment_and_its_button_cancels_it(citizen: Citizen) -> None:
    slot = (await citizen.slots())[-5]
    booked = (await citizen.book(slot["start"])).json()
    async with browser() as person:
        for _ in range(3):  # a mail scanner opens it too
            page = await person.get(booked["link"])
            assert page.status_code == 200
            assert booked["number"] in page.text
            assert booked["code"] in page.text
        question = await person.get(f"{page.url}/cancel")
        assert "Termin absagen?" in question.text
        assert (await citizen.get(booked["number"], booked["code"])).json()["state"] == "booked"
        assert page.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "same-origin"

        for _ in range(2):  # pressed twice
            pressed = await person.post(str(question.url), data={"csrf": csrf_of(question.text)})
            assert pressed.status_code == 200
            assert "Dieser Termin ist abgesagt" in pressed.text
    assert (await citizen.get(booked["number"], booked["code"])).json()["state"] == "cancelled"


async def test_a_forged_link_opens_nothing_and_says_what_to_do(citizen: Citizen) -> None:
    slot = (await citizen.slots())[-6]
    booked = (await citizen.book(slot["start"])).json()
    async with browser() as person:
        for forged in (booked["link"][:-1], booked["link"] + "x", booked["link"].rsplit("/", 1)[0] + "/%00%ff<b>"):
            page = await person.get(forged)
            pressed = await person.post(f"{page.url}/cancel", data={"csrf": "x"})
            for answer in (page, pressed):
                assert answer.status_code == 404
                assert "Diesen Termin finden wir nicht" in answer.text
                assert booked["number"] not in answer.text
    assert (await citizen.get(booked["number"], booked["code"])).json()["state"] == "booked"

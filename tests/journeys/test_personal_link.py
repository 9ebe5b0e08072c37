"""The link in the mail: opening it changes nothing, its button cancels."""

import httpx

from tests.harness.citizen import Citizen


async def test_the_link_shows_the_appointment_and_its_button_cancels_it(citizen: Citizen) -> None:
    slot = (await citizen.slots())[-5]
    booked = (await citizen.book(slot["start"])).json()
    async with httpx.AsyncClient(trust_env=False) as browser:
        for _ in range(3):  # a mail scanner opens it too
            page = await browser.get(booked["link"])
            assert page.status_code == 200
            assert booked["number"] in page.text
            assert "<button" in page.text
        assert (await citizen.get(booked["number"], booked["code"])).json()["state"] == "booked"
        assert page.headers["cache-control"] == "no-store"
        assert "script" not in page.headers["content-security-policy"]

        pressed = await browser.post(booked["link"])
        assert "abgesagt" in pressed.text
        again = await browser.post(booked["link"])
        assert again.status_code == 200
    assert (await citizen.get(booked["number"], booked["code"])).json()["state"] == "cancelled"


async def test_a_forged_link_opens_nothing_and_says_what_to_do(citizen: Citizen) -> None:
    slot = (await citizen.slots())[-6]
    booked = (await citizen.book(slot["start"])).json()
    async with httpx.AsyncClient(trust_env=False) as browser:
        for forged in (booked["link"][:-1], booked["link"] + "x", booked["link"].rsplit("/", 1)[0] + "/%00%ff<b>"):
            for page in (await browser.get(forged), await browser.post(forged)):
                assert page.status_code == 404
                assert "keinen Termin" in page.text
                assert booked["number"] not in page.text
    assert (await citizen.get(booked["number"], booked["code"])).json()["state"] == "booked"

"""Applications as citizens see them: begun, sent, opened, looked at; all without JavaScript."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared import clock
from tests.harness.applicant import BORN, Applicant
from tests.harness.applying import PERSON, Hall, apply, open_by, secrets_of
from tests.harness.inprocess import moved_clock
from tests.harness.pages import browser, csrf_of, hidden_fields, problems_of
from tests.service.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("on_monday")


async def test_who_applies_gets_reference_code_and_the_time_that_counts(
    phone: httpx.AsyncClient, applications: Applicant
) -> None:
    start = await phone.get("/de/applications")
    assert "/de/applications/new" in start.text
    choice = await phone.get("/de/applications/new")
    assert "Grundsicherungsgeld" in choice.text, "its name of today"
    details = await phone.get("/de/applications/new/details?benefit=l1")
    assert "Noch nicht abgesendet" in details.text
    assert "Kontoauszüge der letzten drei Monate" in details.text
    sent = await apply(phone)
    assert sent.headers["cache-control"] == "no-store"
    reference, code = secrets_of(sent.text)
    assert "Montag, 7. September 2026 um 09:00 Uhr" in sent.text
    assert "Aylin" not in str(sent.url), "no address tells who it is"
    assert secrets_of((await phone.get(str(sent.url))).text) == (reference, code), "it can be loaded again"
    [row] = await applications.rows("SELECT name, birth_date FROM applications WHERE reference = :r", r=reference)
    assert row == {"name": "Aylin Öz", "birth_date": clock.now().date().replace(1990, 5, 17)}
    status = await phone.get(f"/de/applications/{reference}")
    assert status.headers["cache-control"] == "no-store"
    for text in ("Eingegangen", "Wir, das Jobcenter", "Montag, 21. September 2026", "Aylin Öz", "Mietvertrag"):
        assert text in status.text, text


async def test_pressed_twice_it_is_one_application(phone: httpx.AsyncClient, applications: Applicant) -> None:
    page = await phone.get("/de/applications/new/details?benefit=l1")
    page = await phone.post("/de/applications/new/check", data=hidden_fields(page.text) | PERSON)
    before = await applications.count("applications")
    first, second = [await phone.post("/de/applications/new", data=hidden_fields(page.text)) for _ in range(2)]
    assert secrets_of(first.text) == secrets_of(second.text)
    assert await applications.count("applications") == before + 1


async def test_what_has_to_be_put_right_is_said_and_nothing_typed_is_lost(phone: httpx.AsyncClient) -> None:
    page = await phone.get("/de/applications/new/details?benefit=l1")
    wrong = {"name": "", "birth_date": "31.2.1990", "email": "no address", "phone": "none"}
    again = await phone.post("/de/applications/new/check", data=hidden_fields(page.text) | wrong)
    assert again.status_code == 422
    assert len(problems_of(again.text)) == 4
    assert "no address" in again.text
    nothing = await phone.get("/de/applications/new/details?benefit=x9")
    assert problems_of(nothing.text) == ["Bitte wählen Sie aus, was Sie beantragen möchten."]
    impossible = await phone.post(
        "/de/applications/new", data=hidden_fields(page.text) | PERSON | {"birth_date": "1.1.2027"}
    )
    assert impossible.status_code == 422


async def test_a_forged_form_sends_nothing(phone: httpx.AsyncClient, applications: Applicant) -> None:
    page = await phone.get("/de/applications/new/details?benefit=l1")
    before = await applications.count("applications")
    answer = await phone.post("/de/applications/new", data=hidden_fields(page.text) | PERSON | {"csrf": "forged"})
    assert answer.status_code == 403
    assert await applications.count("applications") == before


async def test_reference_and_code_open_everything_and_the_birth_date_the_state_only(
    hall: Hall, applications: Applicant
) -> None:
    sent = await applications.applied()
    for typed, whole in (({"code": sent["code"].lower()}, True), ({"birth_date": "17.05.1990"}, False)):
        async with browser(hall.url) as phone:
            page = await open_by(phone, reference=sent["reference"].replace("-", " ").lower(), **typed)
            assert page.url.path == f"/de/applications/{sent['reference']}"
            assert "Eingegangen" in page.text
            assert ("Aylin Öz" in page.text) is whole
            assert ("Mietvertrag" in page.text) is whole


async def test_a_mistyped_reference_is_told_without_asking_and_a_wrong_code_tells_nothing(
    phone: httpx.AsyncClient, applications: Applicant
) -> None:
    sent = await applications.applied()
    mistyped = sent["reference"][:-1] + ("0" if sent["reference"][-1] != "0" else "1")
    before = await applications.count("access_failures")
    page = await open_by(phone, reference=mistyped, code="AAAA-AAAA")
    assert problems_of(page.text)[0].startswith("In dieser Antragsnummer ist ein Tippfehler")
    assert mistyped in page.text
    assert await applications.count("access_failures") == before
    wrong = await open_by(phone, reference=sent["reference"], code="AAAA-AAAA")
    assert wrong.status_code == 422
    assert problems_of(wrong.text)[0].startswith("Damit öffnet sich kein Antrag")
    assert await applications.count("access_failures") > before
    assert problems_of((await open_by(phone, reference="", code="")).text) == [
        "Bitte geben Sie die Antragsnummer ein.",
        "Bitte geben Sie den Code aus Ihrem Brief ein oder weiter unten Ihr Geburtsdatum.",
    ]


async def test_the_personal_link_opens_leaves_the_address_and_changes_nothing(
    phone: httpx.AsyncClient, applications: Applicant
) -> None:
    sent = await applications.applied()
    token, events = sent["link"].rpartition("/")[2], await applications.count("outbox")
    page = await phone.get(f"/applications/{sent['reference']}/{token}")
    assert page.url.path == f"/de/applications/{sent['reference']}"
    assert token not in page.text
    assert "Aylin Öz" in page.text
    assert await applications.count("outbox") == events
    [cookie] = [one for one in page.history[-1].headers.get_list("set-cookie") if one.startswith("application=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie
    forged = await phone.get(f"/de/applications/{sent['reference']}/{'x' * 22}")
    assert forged.status_code == 404
    assert "Wir können diesen Antrag nicht öffnen" in forged.text
    other = await applications.applied()
    page = await phone.get(f"/de/applications/{other['reference']}")
    assert page.url.path == "/de/applications/open", "what opens one opens no other"


async def test_a_shared_phone_forgets_it(phone: httpx.AsyncClient) -> None:
    sent = await apply(phone)
    reference, _ = secrets_of(sent.text)
    page = await phone.get(f"/de/applications/{reference}")
    left = await phone.post("/de/applications/leave", data={"csrf": csrf_of(page.text)})
    assert "Dieses Gerät hat Ihren Antrag vergessen" in left.text
    for address in (f"/de/applications/{reference}", str(sent.url)):
        page = await phone.get(address)
        assert page.url.path == "/de/applications/open"
        assert "Aylin" not in page.text


async def test_it_closes_by_itself_and_says_so(phone: httpx.AsyncClient) -> None:
    reference, code = secrets_of((await apply(phone)).text)
    with moved_clock(MONDAY + timedelta(minutes=31)):
        page = await phone.get(f"/de/applications/{reference}")
        assert problems_of(page.text)[0].startswith("Bitte öffnen Sie Ihren Antrag noch einmal")
        assert reference in page.text
        page = await open_by(phone, reference=reference, code=code)
        assert "Aylin Öz" in page.text


async def test_asked_by_mail_and_withdrawn_after_a_check(phone: httpx.AsyncClient, applications: Applicant) -> None:
    reference, _ = secrets_of((await apply(phone)).text)
    page = await phone.get(f"/de/applications/{reference}")
    for says in ("Wir senden Ihnen eine E-Mail", "vor wenigen Minuten"):
        asked = await phone.post(f"/de/applications/{reference}/status-inquiries", data={"csrf": csrf_of(page.text)})
        assert says in asked.text
    assert (await applications.events())[-1][0] == "status-inquired"
    question = await phone.get(f"/de/applications/{reference}/withdrawal")
    assert "Antrag zurücknehmen?" in question.text
    done = await phone.post(f"/de/applications/{reference}/withdrawal", data={"csrf": csrf_of(question.text)})
    assert "Zurückgenommen" in done.text
    assert "Fotos oder PDF einreichen" not in done.text
    closed = await phone.get(f"/de/applications/{reference}/items/mietvertrag")
    assert closed.url.path == f"/de/applications/{reference}"


async def test_after_the_decision_it_says_that_a_letter_was_sent_and_nothing_more(
    phone: httpx.AsyncClient, applications: Applicant
) -> None:
    sent = await applications.applied()
    await applications.go(sent, "in-review")
    await applications.go(sent, "decided")
    page = await open_by(phone, reference=sent["reference"], code=sent["code"])
    assert "Entschieden, Brief versandt" in page.text
    assert "Antrag zurücknehmen" not in page.text


async def test_how_long_it_usually_takes_comes_from_statistics(hall: Hall, applications: Applicant) -> None:
    sent = await applications.applied()
    api = "/api/v1/applications"
    opened = await hall.town.client.post(f"{api}/{sent['reference']}/access", json={"code": sent["code"]})
    headers = {"Authorization": f"Bearer {opened.json()['bearer']}"}
    found = (await hall.town.client.get(f"{api}/{sent['reference']}", headers=headers)).json()
    assert found["usual"] == {"median_days": 3.5, "p80_days": 5.0, "cases": 6}
    async with browser(hall.url, "en") as phone:
        page = await phone.get(f"/applications/{sent['reference']}/{sent['link'].rpartition('/')[2]}")
        assert "at most 4 days" in page.text
        assert "at most 5 days" in page.text
        assert 'lang="de">(Mietvertrag)' in page.text, "the official name beside the translated one"


async def test_the_public_api_does_the_same(hall: Hall, applications: Applicant) -> None:
    ask: Any = hall.town.client
    [benefit, *_] = (await ask.get("/api/v1/benefits")).json()
    body = {"benefit": benefit["id"], "office": "mitte", "name": "Aylin Öz", "birth_date": BORN}
    key = {"Idempotency-Key": str(uuid4())}
    first, again = [await ask.post("/api/v1/applications", json=body, headers=key) for _ in range(2)]
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    path = f"/api/v1/applications/{first.json()['reference']}"
    closed = await ask.get(path)
    assert (closed.status_code, closed.json()["type"]) == (401, "/problems/bearer-refused")
    assert (await ask.post(f"{path}/access", json={"code": "AAAA-AAAA"})).status_code == 404
    assert (await ask.post("/api/v1/applications/..%2F..%2Fx/access", json={"code": "A"})).status_code == 404
    opened = await ask.post(f"{path}/access", json={"birth_date": BORN})
    bearer = {"Authorization": f"Bearer {opened.json()['bearer']}"}
    assert (await ask.get(path, headers=bearer)).json()["scope"] == "state"
    assert (await ask.post(f"{path}/withdrawal", headers=bearer)).status_code == 403
    assert (await ask.post(f"{path}/status-inquiries", headers=bearer)).json()["mail"] == "no-address"
    opened = await ask.post(f"{path}/access", json={"code": first.json()["code"]})
    bearer = {"Authorization": f"Bearer {opened.json()['bearer']}"}
    assert (await ask.post(f"{path}/withdrawal", headers=bearer)).json()["state"] == "withdrawn"
    assert await applications.count("applications WHERE state = 'withdrawn'") > 0


async def test_guessers_wait_and_the_rightful_person_does_not(hall: Hall, applications: Applicant) -> None:
    sent = await applications.applied()
    path = f"/api/v1/applications/{sent['reference']}/access"
    answers = [await hall.town.client.post(path, json={"birth_date": f"1980-01-{day:02}"}) for day in range(1, 8)]
    assert [one.status_code for one in answers] == [404] * 5 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await hall.town.client.post(path, json={"code": sent["code"]})).status_code == 200

"""Staff's pages of applications: registered, listed, found, corrected, opened and closed for their person."""

import asyncio
import html
import re
import uuid

from tests.harness.accounts import PASSWORD, Staff
from tests.harness.cases import AYLIN, LIST, asked, done, opened, registered, shown, words
from tests.harness.member import Member


async def test_one_is_registered_once_and_its_letter_says_how_it_is_opened(staff: Staff, erika: Member) -> None:
    fields = AYLIN | {"key": str(uuid.uuid4()), "received_on": "1.9.2020"}
    twice = [await erika.send(f"{LIST}/new", **fields) for _ in range(2)]
    letter = await shown(erika, twice[0].headers["location"])
    assert "Der Antrag ist eingetragen" in letter
    found = re.search(r"Antragsnummer ([0-9A-Z-]{11}) Code ([0-9A-Z-]+)", letter)
    assert found
    assert [one.headers["location"].split("/")[4] for one in twice] == [found[1]] * 2
    assert (await opened(staff, found[1], found[2])) == 200
    application = await asked(staff, found[1])
    assert application["received_at"].startswith("2020-09-01T12:00")
    assert application["channel"] == "post"
    assert "1. September 2020" in await shown(erika, f"{LIST}/{found[1]}")


async def test_what_has_to_be_put_right_is_said_at_once_and_nothing_typed_is_lost(erika: Member) -> None:
    answer = await erika.send(
        f"{LIST}/new",
        name="Aylin Öz",
        birth_date="gestern",
        phone="x",
        email="@",
        received_on="1.1.2199",
        office="nowhere",
    )
    assert answer.status_code == 422
    page = words(answer.text)
    for text in (
        "Bitte wählen Sie, was beantragt wird.",
        "Bitte wählen Sie einen Ihrer Standorte.",
        "Bitte wählen Sie, wie der Antrag eingegangen ist.",
        "Bitte geben Sie den Tag des Eingangs an",
        "Bitte prüfen Sie die Telefonnummer",
        "Bitte schreiben Sie das Geburtsdatum so",
    ):
        assert text in page
    for typed in ("Aylin Öz", "gestern", "1.1.2199"):
        assert f'value="{typed}"' in answer.text
    forged = await erika.client.post(f"{LIST}/new", data=AYLIN)
    assert forged.status_code == 403
    assert 'value="Aylin Öz"' in forged.text


async def test_the_list_is_filtered_and_says_why_it_is_empty(erika: Member) -> None:
    assert "noch keinen Antrag" in await shown(erika, LIST)
    old = await registered(erika, received_on="1.9.2020")
    new = await registered(erika, name="Bert Neu")
    everything = await shown(erika, LIST)
    assert everything.index(old) < everything.index(new)
    assert "0 Tage" in everything
    for query, wanted in (
        ("overdue=true", {old}),
        ("older_than_days=5", {old}),
        ("state=received&next_actor=office", {old, new}),
        ("state=decided", set()),
        ("unseen=true", set()),
        ("office=nowhere&state=nonsense&after=never&after_id=x", {old, new}),
    ):
        page = await shown(erika, f"{LIST}?{query}")
        assert {one for one in (old, new) if one in page} == wanted, query
        assert ("Kein Antrag passt" in page) == (not wanted), query
    for days in ("3651", "036500", "-1", "²"):
        await shown(erika, f"{LIST}?older_than_days={days}", 422)
    refused = await shown(erika, f"{LIST}?older_than_days=viele&state=received", 422)
    assert "Bitte schreiben Sie eine Zahl von Tagen" in refused
    assert old in refused


async def test_a_long_list_has_pages_which_meet(staff: Staff, erika: Member) -> None:
    references = {await registered(erika, name="Erste", received_on="1.9.2020")}
    body = {"benefit": "l1", "office": "mitte", "name": "Viele", "birth_date": "1990-05-17"}
    client = staff.town.applications.client
    answers = await asyncio.gather(
        *(client.post("/applications", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}) for _ in range(50))
    )
    references |= {one.json()["reference"] for one in answers}
    first = (await erika.get(f"{LIST}?office=mitte")).text
    following = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert following
    second = (await erika.get(html.unescape(following[1]))).text
    pages = [set(re.findall(r">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])<", page)) for page in (first, second)]
    assert [len(one) for one in pages] == [50, 1]
    assert pages[0] | pages[1] == references
    assert "Weitere" not in words(second)


async def test_one_is_found_by_reference_name_and_birth_date_and_no_address_tells_a_name(erika: Member) -> None:
    reference = await registered(erika)
    for typed in (reference.replace("-", "").lower(), "aylin öz", "17.05.1990"):
        answer = await erika.send(f"{LIST}/search", q=typed)
        assert "aylin" not in answer.headers["location"].lower()
        assert reference in await shown(erika, answer.headers["location"]), typed
    nobody = await erika.send(f"{LIST}/search", q="Niemand Sonst")
    assert "0 Anträge gefunden" in await shown(erika, nobody.headers["location"])
    short = await erika.send(f"{LIST}/search", q="ab")
    assert "mindestens 3" in await shown(erika, short.headers["location"], 422)


async def test_a_new_code_replaces_the_former_and_only_whoever_made_it_sees_it(staff: Staff, erika: Member) -> None:
    first = await erika.send(f"{LIST}/new", **AYLIN, key=str(uuid.uuid4()))
    reference = first.headers["location"].split("/")[4]
    [former] = re.findall(r"Code ([0-9A-Z-]{5,})", await shown(erika, first.headers["location"]))
    assert "öffnen dann sofort nichts mehr" in await shown(erika, f"{LIST}/{reference}/code")
    second = await erika.send(f"{LIST}/{reference}/code")
    [code] = re.findall(r"Code ([0-9A-Z-]{5,})", await shown(erika, second.headers["location"]))
    assert [await opened(staff, reference, one) for one in (former, code)] == [404, 200]
    colleague = await staff.signed_in("manager")
    assert code not in await shown(colleague, second.headers["location"])
    await done(erika, f"{LIST}/{reference}", f"{LIST}/{reference}/access", "öffnen nichts mehr", open="no")
    assert await opened(staff, reference, code) == 404
    await done(erika, f"{LIST}/{reference}", f"{LIST}/{reference}/access", "Online-Zugang ist offen", open="yes")
    assert await opened(staff, reference, code) == 200


async def test_the_contact_is_corrected_or_said_what_is_wrong(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    case = f"{LIST}/{reference}"
    wrong = await erika.send(case, f"{case}/contact", name="", birth_date="1.1.1800", email="@", language="xx")
    assert wrong.status_code == 422
    for text in ("Namen der Person", "Geburtsdatum so", "E-Mail-Adresse", "Sprache aus der Liste"):
        assert text in words(wrong.text)
    fields = {"name": "Aylin Öztürk", "birth_date": "18.5.1990", "email": "", "phone": "030 12345", "language": "en"}
    await done(erika, case, f"{case}/contact", "korrigiert", **fields)
    found = await asked(staff, reference)
    assert (found["name"], found["birth_date"], found["email"]) == ("Aylin Öztürk", "1990-05-18", None)


async def test_another_offices_applications_do_not_exist(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    login = await staff.add("clerk", office="nord")
    foreign = await staff.signed_in(login, PASSWORD)
    assert reference not in await shown(foreign, LIST)
    for path in ("", "/state", "/request", "/letter", "/code", "/items/ausweis/pdf"):
        assert (await foreign.get(f"{LIST}/{reference}{path}")).status_code == 404
    for path in ("/state", "/request", "/code", "/access", "/contact", "/items/ausweis/accept"):
        assert (await foreign.send(LIST, f"{LIST}/{reference}{path}", open="no")).status_code == 404, path
    for wrong in ("96TR-4JND-2", "nonsense", "..%2f..", reference + "0"):
        assert (await erika.get(f"{LIST}/{wrong}")).status_code == 404

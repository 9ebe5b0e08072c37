"""Staff's pages of one application: moved on, papers asked for and looked at, people told, all of it written down."""

import re

from tests.harness.accounts import Staff
from tests.harness.cases import LIST, SEEN, asked, done, registered, seen_by, shown, words
from tests.harness.member import Member


async def test_who_was_overtaken_is_told_what_happened_and_loses_nothing(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    case, colleague = f"{LIST}/{reference}", await staff.signed_in("manager")
    seen = await seen_by(erika, case)
    await done(colleague, case, f"{case}/items/ausweis/received", "Die Unterlage ist eingegangen", channel="counter")
    version = await seen_by(colleague, case)
    await done(colleague, case, f"{case}/state", "einen neuen Stand", to="in-review", seen=version)
    typed = "Wir warten noch\r\nauf das Wohnungsamt."
    overtaken = await erika.send(case, f"{case}/state", to="withdrawn", seen=seen, explanation=typed)
    assert overtaken.status_code == 409
    page = words(overtaken.text)
    for text in ("Inzwischen ist hier etwas geschehen", "Personalausweis oder Pass: ist eingegangen", "In Bearbeitung"):
        assert text in page
    assert "Wir warten noch\nauf das Wohnungsamt." in overtaken.text
    found = SEEN.search(overtaken.text)
    assert found
    await done(erika, case, f"{case}/state", "Zurückgenommen", to="withdrawn", seen=found[1], explanation=typed)
    assert (await asked(staff, reference))["history"][-1]["explanation"] == "Wir warten noch\nauf das Wohnungsamt."


async def test_a_step_back_needs_an_explanation_and_no_step_leads_nowhere(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    case = f"{LIST}/{reference}"
    await done(erika, case, f"{case}/state", "In Bearbeitung", to="in-review", seen=await seen_by(erika, case))
    asks = await shown(erika, f"{case}/state?to=received")
    assert "Begründung des Schritts zurück" in asks
    for explanation in (" ", "x" * 1001):
        answer = await erika.send(
            case, f"{case}/state", to="received", seen=await seen_by(erika, case), explanation=explanation
        )
        assert answer.status_code == 422
        assert "Bitte begründen Sie diesen Schritt zurück" in words(answer.text)
    for to, status in (("in-review", 409), ("nonsense", 422), ("", 422)):
        answer = await erika.send(case, f"{case}/state", to=to, seen=await seen_by(erika, case))
        assert answer.status_code == status
        assert "Welchen Stand bekommt" in words(answer.text)
    seen = await seen_by(erika, case)
    await done(erika, case, f"{case}/state", "Irrtum", to="received", seen=seen, explanation="Irrtum")
    assert (await asked(staff, reference))["state"] == "received"


async def test_papers_are_asked_for_and_the_letter_names_them_officially(staff: Staff, erika: Member) -> None:
    reference = await registered(erika, email="", language="en")
    case = f"{LIST}/{reference}"
    choices = (await erika.get(f"{case}/request")).text
    assert "noch nicht angefordert" in words(choices)
    nothing = await erika.send(f"{case}/request", seen=await seen_by(erika, case), note="Bitte bald")
    assert nothing.status_code == 422
    assert "Bitte wählen Sie mindestens eine Unterlage" in words(nothing.text)
    assert "Bitte bald</textarea>" in nothing.text
    answer = await erika.client.post(
        f"{case}/request",
        data={
            "csrf": re.findall(r'name="csrf" value="([^"]+)"', choices)[-1],
            "items": ["mietvertrag", "einkommen"],
            "note": "Bitte bald",
            "seen": await seen_by(erika, case),
        },
    )
    assert answer.status_code == 303
    application = await asked(staff, reference)
    assert application["state"] == "documents-missing"
    assert {item["id"]: item["needed"] for item in application["items"]}["einkommen"]
    english = words((await erika.get(f"/en/staff/applications/{reference}/letter")).text)
    for text in (
        "Nachweise über Einkommen (Proof of income)",
        "Mietvertrag (Rental contract)",
        reference,
        "Please hand them in by",
    ):
        assert text in english
    german = await shown(erika, f"{case}/letter")
    assert "Bitte reichen Sie sie bis" in german
    assert "Proof of income" not in german


async def test_what_no_mail_can_tell_is_a_task_until_it_is_done(erika: Member) -> None:
    reference = await registered(erika, email="", phone="030 123456")
    case = f"{LIST}/{reference}"
    assert "niemanden" in await shown(erika, "/de/staff/tasks")
    await done(erika, case, f"{case}/items/ausweis/received", "ist eingegangen", channel="post")
    unnamed = await erika.send(case, f"{case}/items/ausweis/reject")
    assert unnamed.status_code == 422
    assert "Bitte wählen Sie einen Grund" in words(unnamed.text)
    await done(erika, case, f"{case}/items/ausweis/reject", "ist nicht lesbar", reason="unreadable")
    tasks = await erika.get("/de/staff/tasks")
    for text in ("Aylin Öz", "030 123456", "Personalausweis oder Pass", "ist nicht lesbar"):
        assert text in words(tasks.text)
    action = re.search(r'action="(/de/staff/tasks/[^"]+/done)"', tasks.text)
    assert action
    for _ in range(2):
        await done(erika, "/de/staff/tasks", action[1], "Das ist erledigt")
    assert "Aylin" not in await shown(erika, "/de/staff/tasks")
    await done(erika, case, f"{case}/items/ausweis/received", "ist eingegangen", channel="counter")
    await done(erika, case, f"{case}/items/ausweis/accept", "angenommen")
    early = await erika.send(case, f"{case}/items/mietvertrag/accept")
    assert early.status_code == 409
    assert "noch nicht eingegangen" in words(early.text)


async def test_who_did_what_with_applications_stands_on_the_audit_page_in_words(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    case = f"{LIST}/{reference}"
    await done(erika, case, f"{case}/items/ausweis/received", "ist eingegangen", channel="post")
    manager = await staff.signed_in("manager")
    page = await shown(manager, "/de/staff/audit?action=receive-paper")
    for text in ("Eingang einer Unterlage vermerkt", reference, "Demo clerk", "mit der Post", "fehlt"):
        assert text in page
    assert "Antrag eingetragen" in await shown(manager, "/de/staff/audit?action=register-application")

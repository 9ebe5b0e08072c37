"""Papers are asked for, come in whichever way, are looked at; whose turn it is follows from them."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from services.applications import papers, queries
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.models import documents
from shared import clock
from shared.db import Session
from tests.harness.answers import problem_of
from tests.harness.applicant import Applicant
from tests.harness.identity import clerk


async def ask_for(aylin: Applicant, sent: dict[str, Any], items: Sequence[str], **changes: Any) -> Any:
    body = {"items": items, "version": (await aylin.seen(sent))["version"]} | changes
    return await aylin.staff("POST", f"/applications/{sent['reference']}/requests", body)


async def test_papers_are_asked_for_by_name_and_whose_turn_it_is_follows_from_them(aylin: Applicant) -> None:
    sent = await aylin.applied()
    for known in ("ausweis", "mietvertrag", "kontoauszuege"):
        assert (await aylin.item(sent, known, "received", channel="counter")).json()["state"] == "received"
    problem_of(await aylin.go(sent, "documents-missing"), 422, "nothing-missing")
    asked = await ask_for(aylin, sent, ["einkommen", "ausweis"], note="Der Ausweis ist abgelaufen.")
    assert asked.json()["state"] == "documents-missing"
    kind, event = (await aylin.events())[-1]
    assert (kind, [one["id"] for one in event["requested"]]) == ("documents-requested", ["einkommen", "ausweis"])
    assert [one["id"] for one in event["missing"]] == ["ausweis", "einkommen"]
    await aylin.item(sent, "einkommen", "received", channel="post")
    assert (await aylin.item(sent, "ausweis", "received", channel="post")).json()["state"] == "in-review"
    back = (await aylin.item(sent, "ausweis", "reject", reason="unreadable")).json()
    assert (back["state"], back["next_actor"]) == ("documents-missing", "citizen")
    assert (await aylin.told())[-2:] == [
        ("document-rejected", "in-review"), ("application-status-changed", "documents-missing"),
    ]  # fmt: skip
    assert (await aylin.item(sent, "ausweis", "reject", reason="not-needed")).json()["state"] == "in-review"
    problem_of(await ask_for(aylin, sent, ["nothing"]), 404, "unknown-item")


async def test_doing_the_same_again_changes_nothing(aylin: Applicant) -> None:
    sent = await aylin.applied()
    problem_of(await aylin.item(sent, "ausweis", "accept"), 409, "item-state-wrong")
    for what, body in (("received", {"channel": "post"}), ("accept", {}), ("reject", {"reason": "incomplete"})):
        await aylin.item(sent, "ausweis", what, **body)
        before = await aylin.events(), await aylin.count("audit_entries WHERE action LIKE '%-paper'")
        assert (await aylin.item(sent, "ausweis", what, **body)).status_code == 200
        assert (await aylin.events(), await aylin.count("audit_entries WHERE action LIKE '%-paper'")) == before
    await aylin.go(sent, "withdrawn")
    problem_of(await aylin.item(sent, "mietvertrag", "received", channel="post"), 409, "application-ended")


async def test_without_an_address_somebody_at_the_office_has_to_tell(aylin: Applicant) -> None:
    sent = await aylin.applied(email="", phone="+49 30 23125 555")
    await aylin.item(sent, "ausweis", "received", channel="post")
    await aylin.item(sent, "ausweis", "reject", reason="unreadable")
    [task] = (await aylin.staff("GET", "/tasks")).json()
    assert (task["reference"], task["item"], task["reason"]) == (sent["reference"], "ausweis", "unreadable")
    assert (await aylin.staff("GET", "/tasks", who=clerk("elsewhere"))).json() == []
    problem_of(await aylin.staff("POST", f"/tasks/{task['id']}/done", who=clerk("elsewhere")), 404, "task-not-found")
    for _ in range(2):
        assert (await aylin.staff("POST", f"/tasks/{task['id']}/done")).status_code == 204
    assert (await aylin.staff("GET", "/tasks")).json() == []


async def hand_in(aylin: Applicant, sent: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    """Let files come in for the identity card, as an upload does when its last byte is there."""
    service, access, offer = await parts_of(aylin)
    made = []
    for number, name in enumerate(names):

        async def work(session: Session, number: int = number, name: str = name) -> dict[str, Any]:
            case = await queries.load_case_of(session, sent["reference"], lock=True)
            assert case is not None
            row = {
                "id": uuid.uuid4(), "tenant": "musterstadt", "application_id": case.row["id"], "item_id": "ausweis",
                "sequence": number, "file_name": name, "bytes": 1, "sha256": "ab", "channel": "online",
                "received_at": clock.now(), "state": "pending",
            }  # fmt: skip
            await session.execute(insert(documents).values(row))
            await papers.receive(session, case, "ausweis", "online", clock.now(), offer, access, row["id"])
            await case.save(session)
            return row

        made.append(await service.database.run(work, "musterstadt"))
    return made


async def refuse(aylin: Applicant, sent: dict[str, Any], document: dict[str, Any]) -> None:
    """Find that a file is of no use, as its check does."""
    service, access, offer = await parts_of(aylin)

    async def work(session: Session) -> None:
        case = await queries.load_case_of(session, sent["reference"], lock=True)
        assert case is not None
        await papers.refuse(session, case, document, "damaged", clock.now(), offer, access)
        await case.save(session)

    await service.database.run(work, "musterstadt")


async def parts_of(aylin: Applicant) -> tuple[Any, Access, Offer]:
    service = aylin.running.service
    key = await service.sealing_keys.newest()
    access = Access.of(service.settings, service.tenants.by_id["musterstadt"], key)
    return service, access, aylin.running.app.state.offers["musterstadt"]


async def test_a_file_of_no_use_is_told_by_its_name_to_its_person_alone(aylin: Applicant) -> None:
    sent = await aylin.applied()
    front, back = await hand_in(aylin, sent, "Vorderseite Öz.jpg", "Rückseite.jpg")
    for _ in range(2):
        await refuse(aylin, sent, front)
    told = await aylin.events()
    assert [kind for kind, _ in told] == [
        "application-received", "document-received", "document-received", "document-rejected",
    ]  # fmt: skip
    assert (told[-1][1]["reason"], told[-1][1]["rejected_by"]) == ("damaged", "check")
    assert aylin.recipient(told[-1][1]).values["file_name"] == "Vorderseite Öz.jpg"
    assert "Vorderseite" not in str(told)
    [card] = [one for one in (await aylin.status(sent))["items"] if one["id"] == "ausweis"]
    assert card["state"] == "received", "the other side may be good"
    assert [(one["file_name"], one["state"]) for one in card["documents"]] == [
        ("Vorderseite Öz.jpg", "refused"), ("Rückseite.jpg", "pending"),
    ]  # fmt: skip
    await refuse(aylin, sent, back)
    [card] = [one for one in (await aylin.seen(sent))["items"] if one["id"] == "ausweis"]
    assert (card["state"], card["reason"]) == ("rejected", "damaged")


async def test_of_a_file_of_no_use_somebody_has_to_tell_who_has_no_address(aylin: Applicant) -> None:
    sent = await aylin.applied(email="")
    [document] = await hand_in(aylin, sent, "Ausweis.pdf")
    await refuse(aylin, sent, document)
    [task] = (await aylin.staff("GET", "/tasks")).json()
    assert (task["file_name"], task["reason"], task["item_name"]["en"]) == (
        "Ausweis.pdf", "damaged", "Identity card or passport",
    )  # fmt: skip

"""Papers are asked for, come in whichever way, are looked at; whose turn it is follows from them."""

from collections.abc import Sequence
from typing import Any

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

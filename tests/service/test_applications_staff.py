"""Staff change applications of their offices, two at once never both, and the person's page and mails follow."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.applications import jobs
from shared import api_staff_applications as api
from shared.identity import citizen
from tests.harness.answers import problem_of
from tests.harness.applicant import BORN, Applicant
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.service.conftest import MONDAY


async def test_a_change_of_state_is_one_call_and_the_persons_page_shows_it(aylin: Applicant) -> None:
    sent = await aylin.applied()
    answer = await aylin.go(sent, "documents-missing", explanation="Bitte noch den Mietvertrag.")
    seen = api.StaffApplication.model_validate(answer.json())
    assert (seen.state, seen.next_actor, seen.history[-1].by) == ("documents-missing", "citizen", "office")
    assert [(one.state, one.backward) for one in seen.possible] == [
        ("in-review", False), ("withdrawn", False), ("received", True),
    ]  # fmt: skip
    page = await aylin.status(sent)
    assert page["history"][-1]["explanation"] == "Bitte noch den Mietvertrag."
    assert await aylin.told() == [
        ("application-received", "received"),
        ("application-status-changed", "documents-missing"),
        ("documents-requested", "documents-missing"),
    ]
    assert [event["version"] for _, event in await aylin.events()] == [1, 2, 3]
    assert "Mietvertrag." not in str(await aylin.events()), "what the office writes is in no event"


async def test_the_decision_is_told_without_its_outcome_and_can_be_taken_back_with_a_word(aylin: Applicant) -> None:
    sent = await aylin.applied()
    for state in ("in-review", "decided"):
        assert (await aylin.go(sent, state)).status_code == 200
    assert (await aylin.told())[-2:] == [("application-status-changed", "decided"), ("application-decided", "decided")]
    assert (await aylin.status(sent))["can_upload"] is False
    problem_of(await aylin.go(sent, "in-review"), 422, "explanation-needed")
    answer = await aylin.go(sent, "in-review", explanation="Es fehlte ein Blatt.")
    assert answer.status_code == 200
    kind, event = (await aylin.events())[-1]
    assert (kind, event["backward"], event["previous_state"]) == ("application-status-changed", True, "decided")


@pytest.mark.parametrize("jump", ["decided", "received"])
async def test_a_jump_is_refused_and_says_what_is_possible(aylin: Applicant, jump: str) -> None:
    sent = await aylin.applied()
    refused = problem_of(await aylin.go(sent, jump, explanation="x"), 409, "state-jump")
    assert refused["possible"] == ["documents-missing", "in-review", "withdrawn"]
    assert len(await aylin.events()) == 1


async def test_of_two_clerks_at_once_one_is_told_what_happened(aylin: Applicant) -> None:
    sent = await aylin.applied()
    version = (await aylin.seen(sent))["version"]
    path = f"/applications/{sent['reference']}/state"
    answers = await asyncio.gather(
        *(aylin.staff("POST", path, {"state": "in-review", "version": version}) for _ in range(2)),
        *(aylin.staff("POST", path, {"state": "withdrawn", "version": version}) for _ in range(2)),
    )
    [done] = [answer for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer is not done:
            assert problem_of(answer, 409, "application-changed")["state"] == done.json()["state"]
    assert len(await aylin.events()) == 2
    problem_of(await aylin.staff("POST", path, {"state": "received", "version": 99}), 409, "application-changed")


async def test_that_somebody_asked_is_no_change_but_a_paper_that_came_is(aylin: Applicant) -> None:
    sent = await aylin.applied()
    version = (await aylin.seen(sent))["version"]
    await aylin.client.post(f"/applications/{sent['reference']}/status-inquiries", headers=await aylin.bearer(sent))
    assert (await aylin.seen(sent))["version"] == version + 1
    path = f"/applications/{sent['reference']}/state"
    assert (await aylin.staff("POST", path, {"state": "in-review", "version": version})).status_code == 200
    version = (await aylin.seen(sent))["version"]
    await aylin.item(sent, "ausweis", "received", channel="post")
    problem_of(await aylin.staff("POST", path, {"state": "decided", "version": version}), 409, "application-changed")


async def test_a_new_code_ends_all_that_opened_it_before(aylin: Applicant) -> None:
    sent = await aylin.applied()
    bearer, token = await aylin.bearer(sent), sent["link"].rpartition("/")[2]
    new = (await aylin.staff("POST", f"/applications/{sent['reference']}/code")).json()
    for given in ({"code": sent["code"]}, {"token": token}):
        problem_of(await aylin.open(sent["reference"], **given), 404, "application-not-found")
    answer = await aylin.client.get(f"/applications/{sent['reference']}", headers=bearer)
    problem_of(answer, 401, "bearer-refused")
    assert (await aylin.status(new))["name"] == "Aylin Öz"
    await aylin.go(sent, "in-review")
    assert aylin.recipient((await aylin.events())[-1][1]).values["link"] == new["link"]


async def test_staff_close_online_access_and_no_mail_is_a_way_round(aylin: Applicant) -> None:
    sent = await aylin.applied()
    path = f"/applications/{sent['reference']}/online-access"
    assert (await aylin.staff("PUT", path, {"open": False})).json()["online_access"] is False
    for given in ({"code": sent["code"]}, {"birth_date": BORN}):
        problem_of(await aylin.open(sent["reference"], **given), 404, "application-not-found")
    await aylin.go(sent, "in-review")
    assert aylin.recipient((await aylin.events())[-1][1]).values == {"reference": sent["reference"]}
    await aylin.staff("PUT", path, {"open": True})
    assert (await aylin.status(sent))["state"] == "in-review"


async def test_contact_is_corrected_and_only_that_is_written_down(aylin: Applicant) -> None:
    sent = await aylin.applied()
    path = f"/applications/{sent['reference']}/contact"
    answer = await aylin.staff("PATCH", path, {"name": "Aylin Özdemir", "email": "", "phone": "030 23125 1"})
    assert [answer.json()[name] for name in ("name", "email", "phone", "birth_date")] == [
        "Aylin Özdemir", None, "030 23125 1", BORN,
    ]  # fmt: skip
    problem_of(await aylin.staff("PATCH", path, {"birth_date": "2031-01-01"}), 422, "birth-date-impossible")
    [entry] = await aylin.rows("SELECT * FROM audit_entries WHERE action = 'correct-application'")
    assert (entry["after"], entry["target"]) == ({"changed": ["email", "name", "phone"]}, sent["reference"])
    assert "zdemir" not in str(await aylin.rows("SELECT * FROM audit_entries"))


async def test_staff_register_what_came_by_post_with_the_day_it_came(aylin: Applicant) -> None:
    body = {
        "benefit": "l1", "office": "mitte", "name": "Bea Bär", "birth_date": BORN, "channel": "post",
        "received_at": "2026-06-30T10:00:00+02:00",
    }  # fmt: skip
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = await aylin.staff("POST", "/applications", body, headers=headers)
    again = await aylin.staff("POST", "/applications", body, headers=headers)
    assert (first.status_code, first.text) == (201, again.text)
    seen = await aylin.seen(first.json())
    assert (seen["channel"], seen["benefit"]["de"], seen["overdue"]) == ("post", "Bürgergeld", True)
    assert await aylin.count("audit_entries WHERE action = 'register-application'") == 1
    later = {"Idempotency-Key": str(uuid.uuid4())}
    answer = await aylin.staff("POST", "/applications", body | {"received_at": "2027-01-01T00:00Z"}, headers=later)
    problem_of(answer, 422, "received-in-future")


async def listed(aylin: Applicant, **params: Any) -> list[str]:
    answer = await aylin.staff("GET", "/applications", params=params)
    assert answer.status_code == 200, answer.text
    return [entry["reference"] for entry in answer.json()["entries"]]


async def test_lists_are_filtered_and_come_page_by_page(aylin: Applicant) -> None:
    old, seen, ended = [(await aylin.applied())["reference"] for _ in range(3)]
    for reference, state in ((seen, "documents-missing"), (ended, "withdrawn")):
        await aylin.go({"reference": reference}, state)
    await aylin.item({"reference": seen}, "ausweis", "received", channel="post")
    assert await listed(aylin) == [old, seen, ended]
    assert await listed(aylin, state="withdrawn") == [ended]
    assert await listed(aylin, next_actor="office") == [old]
    assert await listed(aylin, unseen="true", office="mitte") == [seen]
    assert await listed(aylin, overdue="true") == []
    assert await listed(aylin, older_than_days=1) == []
    with moved_clock(MONDAY + timedelta(days=30)):
        assert await listed(aylin, overdue="true") == [old, seen]
        assert await listed(aylin, older_than_days=29) == [old, seen, ended]
    await aylin.rows(
        "INSERT INTO applications SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), "
        "'reference', 'copy ' || n, 'idempotency_key', 'copy ' || n))).* "
        "FROM applications a, generate_series(1, 100) n WHERE reference = :r", r=old,
    )  # fmt: skip
    found: list[str] = []
    cursor: dict[str, Any] | None = {}
    while cursor is not None:
        page = (await aylin.staff("GET", "/applications", params=cursor)).json()
        assert len(page["entries"]) <= api.MOST_LISTED
        found += [entry["reference"] for entry in page["entries"]]
        cursor = page["next"]
    assert len(found) == len(set(found)) == 103


async def test_a_search_finds_by_reference_name_and_birth_date(aylin: Applicant) -> None:
    sent = await aylin.applied()
    await aylin.applied(name="Bea Bär", birth_date="1971-01-02")
    for typed in (sent["reference"], sent["reference"][:6].lower(), "oez", "aylin", "17.5.1990"):
        answer = await aylin.staff("GET", "/applications/search", params={"q": typed})
        assert [entry["reference"] for entry in answer.json()] == [sent["reference"]], typed
    answer = await aylin.staff("GET", "/applications/search", params={"q": "aylin"}, who=clerk("elsewhere"))
    assert answer.json() == []
    assert "aylin" not in str(await aylin.rows("SELECT * FROM audit_entries"))


async def each_action(aylin: Applicant, reference: str, who: Any) -> list[Any]:
    own = f"/applications/{reference}"
    body = {"state": "in-review", "version": 1}
    calls: list[tuple[str, str, Any]] = [
        ("GET", own, None), ("POST", f"{own}/state", body), ("POST", f"{own}/code", None),
        ("POST", f"{own}/requests", {"items": ["ausweis"], "version": 1}),
        ("POST", f"{own}/items/ausweis/received", {"channel": "post"}), ("POST", f"{own}/items/ausweis/accept", None),
        ("POST", f"{own}/items/ausweis/reject", {"reason": "unreadable"}),
        ("PUT", f"{own}/online-access", {"open": False}), ("PATCH", f"{own}/contact", {"name": "Nobody"}),
    ]  # fmt: skip
    return [await aylin.staff(method, path, sent, who=who) for method, path, sent in calls]


async def test_only_clerks_and_managers_of_the_office_do_anything(aylin: Applicant) -> None:
    sent = await aylin.applied()
    before = await aylin.rows("SELECT * FROM applications")
    for answer in await each_action(aylin, sent["reference"], citizen("musterstadt")):
        problem_of(answer, 403, "staff-only")
    for role in ("placement", "council", "admin"):
        for answer in await each_action(aylin, sent["reference"], clerk("mitte", role=role)):
            problem_of(answer, 403, "not-your-task")
    for who in (clerk("elsewhere", role="manager"), clerk("mitte", tenant="duesseldorf")):
        for answer in await each_action(aylin, sent["reference"], who):
            problem_of(answer, 404, "application-not-found")
    problem_of(await aylin.staff("GET", "/applications", params={"office": "nord"}), 403, "office-not-yours")
    assert (await aylin.rows("SELECT * FROM applications"), await aylin.count("audit_entries")) == (before, 0)


async def test_every_change_is_written_down_with_before_and_after(aylin: Applicant) -> None:
    sent = await aylin.applied()
    await aylin.go(sent, "in-review")
    manager = clerk("mitte", role="manager")
    [entry] = (await aylin.staff("GET", "/audit", who=manager, params={"action": "change-application"})).json()
    assert (entry["before"], entry["after"]) == ({"state": "received"}, {"state": "in-review"})
    assert (entry["subject"], entry["office_id"], entry["target"]) == ("staff-0815", "mitte", sent["reference"])


async def test_a_year_after_the_end_the_person_and_the_key_are_erased(aylin: Applicant) -> None:
    sent, open_ = await aylin.applied(), await aylin.applied()
    await aylin.go(sent, "withdrawn", explanation="Aylin Öz hat angerufen.")
    await aylin.open(sent["reference"], code="0000-0000")
    for days, erased in ((364, 0), (366, 1)):
        with moved_clock(MONDAY + timedelta(days=days)):
            await jobs.erase_persons(aylin.running.service)
            await jobs.forget_failures(aylin.running.service)
        assert await aylin.count("applications WHERE erased_at IS NOT NULL") == erased
    assert await aylin.count("access_failures") == 0
    [row] = await aylin.rows("SELECT * FROM applications WHERE reference = :r", r=sent["reference"])
    assert [row[name] for name in ("name", "birth_date", "email", "data_key")] == [None] * 4
    steps = await aylin.rows("SELECT explanation FROM steps WHERE application_id = :id", id=row["id"])
    assert {step["explanation"] for step in steps} == {""}
    problem_of(await aylin.open(sent["reference"], code=sent["code"]), 404, "application-not-found")
    problem_of(await aylin.go(sent, "in-review", explanation="x"), 404, "application-not-found")
    assert (await aylin.seen(open_))["name"] == "Aylin Öz"

"""Applying, and opening an application without an account: what opens it, how far, and what a guesser learns."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services.applications.domain.throttling import FREE
from shared import references
from tests.harness.answers import problem_of
from tests.harness.applicant import BORN, Applicant
from tests.harness.inprocess import moved_clock
from tests.service.conftest import MONDAY

WRONG = "0000-0000"


async def test_an_application_counts_from_when_it_is_sent_and_can_be_read_over_the_phone(aylin: Applicant) -> None:
    sent = await aylin.applied()
    assert references.is_reference(sent["reference"])
    [(kind, told)] = await aylin.events()
    assert (kind, told["state"], told["next_actor"], told["version"]) == (
        "application-received",
        "received",
        "office",
        1,
    )
    assert told["due_at"] == "2026-09-21T21:59:00Z", "14 days on, the last minute in Berlin"
    assert [paper["id"] for paper in told["missing"]] == ["ausweis", "mietvertrag", "kontoauszuege"]
    assert aylin.recipient(told).values == {"reference": sent["reference"], "link": sent["link"]}
    assert "Aylin" not in str(told)


async def test_the_same_key_twenty_times_at_once_is_one_application(aylin: Applicant) -> None:
    answers = await asyncio.gather(*(aylin.apply(key="the-same-key") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (await aylin.count("applications"), len(await aylin.events())) == (1, 1)
    problem_of(await aylin.apply(key="the-same-key", name="Bea"), 422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"benefit": "l9"}, 422, "unknown-benefit"),
        ({"office": "nowhere"}, 404, "unknown-office"),
        ({"birth_date": "2031-01-01"}, 422, "birth-date-impossible"),
        ({"birth_date": "1066-10-14"}, 422, "birth-date-impossible"),
        ({"name": " "}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_is_refused_and_leaves_nothing(
    aylin: Applicant, changes: dict[str, Any], status: int, slug: str
) -> None:
    problem_of(await aylin.apply(**changes), status, slug)
    assert (await aylin.count("applications"), await aylin.events()) == (0, [])


async def test_code_and_link_show_everything_the_birth_date_only_the_state(aylin: Applicant) -> None:
    sent = await aylin.applied()
    for given in ({"code": sent["code"].lower()}, {"token": sent["link"].rpartition("/")[2]}):
        seen = await aylin.status(sent, **given)
        assert (seen["scope"], seen["name"], len(seen["items"])) == ("all", "Aylin Öz", 5)
        assert seen["benefit"]["de"] == "Grundsicherungsgeld"
    seen = await aylin.status(sent, birth_date=BORN)
    assert (seen["scope"], seen["state"], seen["next_actor"]) == ("state", "received", "office")
    assert (seen["name"], seen["has_email"], seen["items"], seen["history"]) == (None, None, [], [])
    assert "Aylin" not in str(seen)


async def test_a_reference_is_understood_as_people_type_it(aylin: Applicant) -> None:
    sent = await aylin.applied()
    typed = sent["reference"].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert (await aylin.open(typed, code=sent["code"])).status_code == 200


@pytest.mark.parametrize("reference", ["%00", "%2e%2e", "x" * 5000, "ÄÖ", "0000-0000-0", "%F0%9F%98%80", "1'--"])
async def test_an_odd_reference_opens_nothing_and_breaks_nothing(aylin: Applicant, reference: str) -> None:
    problem_of(await aylin.open(reference, code=WRONG), 404, "application-not-found")
    bearer = await aylin.bearer(await aylin.applied())
    for method, path in (("GET", ""), ("POST", "/status-inquiries"), ("POST", "/withdrawal")):
        answer = await aylin.client.request(method, f"/applications/{reference}{path}", headers=bearer)
        problem_of(answer, 401, "bearer-refused")
    for method, path in (("GET", ""), ("POST", "/code")):
        answer = await aylin.staff(method, f"/applications/{reference}{path}")
        problem_of(answer, 404, "application-not-found")


async def statements(aylin: Applicant, reference: str, **given: str) -> tuple[Any, list[str]]:
    """Ask, and return the answer with all SQL that it took."""
    seen: list[str] = []
    engine = aylin.running.service.database._engine.sync_engine  # noqa: SLF001  the only place that sees all

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        return await aylin.open(reference, client=uuid.uuid4().hex, **given), seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_what_does_not_open_looks_the_same_and_takes_the_same_work(aylin: Applicant) -> None:
    sent, closed = await aylin.applied(), await aylin.applied()
    await aylin.rows("UPDATE applications SET online_access = false WHERE reference = :r", r=closed["reference"])
    mistyped = sent["reference"][:-1] + ("0" if sent["reference"][-1] != "0" else "1")
    unknown = references.new_reference()
    tries = [
        await statements(aylin, sent["reference"], code=WRONG),
        await statements(aylin, closed["reference"], code=closed["code"]),
        await statements(aylin, unknown, code=WRONG),
        await statements(aylin, mistyped, code=sent["code"]),
        await statements(aylin, "nonsense ' --", code="x"),
    ]
    for answer, work in tries:
        problem_of(answer, 404, "application-not-found")
        assert (answer.content, work) == (tries[0][0].content, tries[0][1])
    by_date = [
        await statements(aylin, reference, birth_date=born)
        for reference, born in ((sent["reference"], "1990-05-18"), (closed["reference"], BORN), (unknown, BORN))
    ]
    for answer, work in by_date:
        assert (answer.content, work) == (tries[0][0].content, by_date[0][1])


@pytest.mark.parametrize("given", [{}, {"code": WRONG, "birth_date": BORN}, {"code": "x" * 50}, {"birth_date": "x"}])
async def test_one_of_the_three_is_needed(aylin: Applicant, given: dict[str, str]) -> None:
    problem_of(await aylin.open((await aylin.applied())["reference"], **given), 422, "invalid-request")


async def test_who_guesses_waits_longer_and_longer(aylin: Applicant) -> None:
    reference = (await aylin.applied())["reference"]
    for _ in range(FREE["client"] - 1):
        problem_of(await aylin.open(references.new_reference(), code=WRONG), 404, "application-not-found")
    moment, waits = MONDAY, []
    for _ in range(6):
        with moved_clock(moment):
            problem_of(await aylin.open(reference, code=WRONG), 404, "application-not-found")
            answer = await aylin.open(references.new_reference(), code=WRONG)  # whatever it tries
            seconds = problem_of(answer, 429, "too-many-tries")["seconds"]
        assert answer.headers["retry-after"] == str(seconds)
        waits.append(seconds)
        moment += timedelta(seconds=seconds + 1)
    assert waits == [60, 120, 240, 480, 900, 900]


async def test_nobody_keeps_whoever_has_the_letter_from_their_application(aylin: Applicant) -> None:
    sent = await aylin.applied()
    for guesser in range(40):
        for given in ({"code": WRONG}, {"birth_date": "1990-05-18"}):
            await aylin.open(sent["reference"], client=f"{guesser:032}", **given)
    assert (await aylin.open(sent["reference"], client="f" * 32, code=sent["code"])).status_code == 200
    for slowed in ({"birth_date": BORN}, {"birth_date": "1990-05-18"}):
        problem_of(await aylin.open(sent["reference"], client="f" * 32, **slowed), 429, "too-many-tries")
    unlucky = await aylin.open(sent["reference"], client=f"{1:032}", code=sent["code"])
    problem_of(unlucky, 429, "too-many-tries")
    token = sent["link"].rpartition("/")[2]
    assert (await aylin.open(sent["reference"], client=f"{1:032}", token=token)).status_code == 200
    with moved_clock(MONDAY + timedelta(minutes=16)):
        assert (await aylin.open(sent["reference"], client="f" * 32, birth_date=BORN)).status_code == 200


async def test_many_guesses_at_once_are_no_way_round(aylin: Applicant) -> None:
    sent = await aylin.applied()
    answers = await asyncio.gather(*(aylin.open(sent["reference"], birth_date="1990-05-18") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [404] * 5 + [429] * 15


async def test_waiting_is_the_same_for_a_reference_that_nobody_has(aylin: Applicant) -> None:
    unknown = references.new_reference()
    for guesser in range(5):
        problem_of(await aylin.open(unknown, client=f"{guesser:032}", birth_date=BORN), 404, "application-not-found")
    problem_of(await aylin.open(unknown, client="f" * 32, birth_date=BORN), 429, "too-many-tries")


async def test_a_bearer_ends_by_itself_and_when_access_is_closed_or_changed(aylin: Applicant) -> None:
    sent, other = await aylin.applied(), await aylin.applied()
    bearer = await aylin.bearer(sent)
    path = f"/applications/{sent['reference']}"

    async def refused(headers: dict[str, str], path: str = path) -> None:
        problem_of(await aylin.client.get(path, headers=headers), 401, "bearer-refused")

    for forged in ({}, {"Authorization": "Bearer x"}, {"Authorization": bearer["Authorization"][:-2] + "AA"}):
        await refused(forged)
    await refused(bearer, f"/applications/{other['reference']}")
    await refused(await aylin.bearer(other))
    with moved_clock(MONDAY + timedelta(minutes=31)):
        await refused(bearer)
    assert (await aylin.client.get(path, headers=bearer)).status_code == 200
    await aylin.rows("UPDATE applications SET access_version = 2 WHERE reference = :r", r=sent["reference"])
    await refused(bearer)
    problem_of(await aylin.open(sent["reference"], code=sent["code"]), 404, "application-not-found")


async def test_asking_mails_the_address_on_file_once_within_minutes(aylin: Applicant) -> None:
    sent = await aylin.applied()
    bearer, path = await aylin.bearer(sent, birth_date=BORN), f"/applications/{sent['reference']}/status-inquiries"
    answers = await asyncio.gather(*(aylin.client.post(path, headers=bearer) for _ in range(4)))
    assert sorted(answer.json()["mail"] for answer in answers) == ["just-sent"] * 3 + ["will-be-sent"]
    assert [kind for kind, _ in await aylin.events()] == ["application-received", "status-inquired"]
    silent = await aylin.applied(email="")
    path = f"/applications/{silent['reference']}/status-inquiries"
    asked = await aylin.client.post(path, headers=await aylin.bearer(silent))
    assert (asked.status_code, asked.json()["mail"]) == (201, "no-address")


async def test_a_citizen_withdraws_once_and_not_by_birth_date(aylin: Applicant) -> None:
    sent = await aylin.applied()
    path = f"/applications/{sent['reference']}/withdrawal"
    problem_of(await aylin.client.post(path, headers=await aylin.bearer(sent, birth_date=BORN)), 403, "scope-too-small")
    bearer = await aylin.bearer(sent)
    for _ in range(2):
        answer = await aylin.client.post(path, headers=bearer)
        assert (answer.status_code, answer.json()["state"], answer.json()["next_actor"]) == (200, "withdrawn", "nobody")
    assert [kind for kind, _ in await aylin.events()] == ["application-received", "application-status-changed"]
    assert [step["state"] for step in answer.json()["history"]] == ["received", "withdrawn"]

"""Opening plans: looked at, published, returned to. Nothing decides about free times but the plan in force."""

from datetime import timedelta
from typing import Any

import pytest

from shared import api_plans, clock
from shared.identity import citizen
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.harness.planner import Planner, closure, hours, moment
from tests.service.conftest import MONDAY

EIGHT, NOON = "2026-09-08T06:00:00Z", "2026-09-08T10:00:00Z"  # Tuesday, 08:00 and 12:00 in Berlin
SEEDED = "b96f9ce8cb1bb75904e90f34bd5127e46af44fa7cda071b55bacab35b9d7fe35"


@pytest.fixture
def manager(mitte: Counter) -> Planner:
    return Planner(mitte)


async def test_the_plan_of_the_tenants_file_has_the_hash_it_has_always_had(manager: Planner) -> None:
    [only] = [api_plans.PlanVersion.model_validate(one) for one in await manager.versions()]
    assert (only.version, only.state, only.published_by, only.sha256) == (1, "in-force", None, SEEDED)
    found = api_plans.PlanDocument.model_validate(await manager.in_force())
    assert found.desks == {
        "eingang": ["Eingangszone 1", "Eingangszone 2", "Eingangszone 3"], "beratung": ["Beratung 1", "Beratung 2"],
    }  # fmt: skip
    assert "desks" not in found.document["teams"]["eingang"]
    same = (await manager.preview(found.document)).json()
    assert (same["sha256"], same["changes"], same["stranded"], same["expect"]) == (SEEDED, [], [], 1)
    named = await manager.changed(desks=found.desks["eingang"])
    assert (await manager.preview(named)).json()["sha256"] == SEEDED, "that says nothing else"


async def test_an_appointments_own_document_tells_how_long_its_concern_takes_at_its_office(manager: Planner) -> None:
    document = await manager.changed()
    document["concerns"] = {"neuantrag": {"minutes": 60}}
    await manager.published(document)
    booked = await manager.mitte.booked(EIGHT)
    own = (await manager.mitte.change_own("GET", booked)).json()
    for one in (booked, own, (await manager.see(booked)).json()):
        assert (one["start"][11:16], one["end"][11:16], one["concern"]["minutes"]) == ("08:00", "09:00", 60)
        assert one["concern"]["papers"] == booked["concern"]["papers"]


async def test_all_of_a_plan_changes_and_after_the_return_everything_is_as_before(manager: Planner) -> None:
    before = await manager.free_times()
    document = await manager.changed(
        hours=[hours("07:00", "13:00")], walk_in=[hours("07:00", "08:00", "tue")], kept_desks=1,
        desks=["Eingangszone 2", "Fenster A", "Fenster B"], concerns=["neuantrag", "bescheid"],
        exceptions=[{"from": "2026-09-10", "to": "2026-09-10", "hours": [], "reason": {}}],
    )  # fmt: skip
    document["closures"].append(closure("2026-09-15"))
    document["concerns"] = {"neuantrag": {"minutes": 60, "lead_days": 2, "horizon_days": 20}}
    published = await manager.published(document, note="Umbau")
    assert (published["version"], published["note"], published["published_by"]) == (2, "Umbau", "staff-0815")
    during = await manager.free_times()
    first = during["neuantrag"][0]
    assert (first["start"], first["end"]) == ("2026-09-11T07:00:00+02:00", "2026-09-11T08:00:00+02:00"), "2 days on"
    assert first["free"] == 2, "three desks, one of them kept"
    assert {one["id"]: one["minutes"] for one in during["concerns"]}["neuantrag"] == 60
    assert "unterlagen" not in {one["id"] for one in during["concerns"]}
    assert not [slot for slot in during["neuantrag"] if slot["start"].startswith("2026-09-15")], "closed"
    assert during["neuantrag"][-1]["start"].startswith("2026-09-25"), "20 days ahead are Sunday"
    returned = (await manager.return_to(1)).json()["version"]
    assert (returned["version"], returned["returned_to"], returned["sha256"]) == (3, 1, SEEDED)
    assert await manager.free_times() == before
    again = (await manager.return_to(2)).json()["version"]
    assert again["sha256"] == published["sha256"] != SEEDED
    assert await manager.free_times() == during
    assert (await manager.plans(path="/4")).json()["document"] == (await manager.plans(path="/2")).json()["document"]
    assert [(one["version"], one["state"]) for one in await manager.versions()] == [
        (4, "in-force"), (3, "former"), (2, "former"), (1, "former"),
    ]  # fmt: skip


async def test_the_preview_says_what_changes_and_stores_nothing(manager: Planner) -> None:
    document = await manager.changed(
        hours=[hours("08:00", "12:00", "mon", "tue", "fri"), hours("14:00", "18:00", "thu")], kept_desks=2,
        desks=["Eingangszone 1", "Eingangszone 2", "Fenster A"], concerns=["neuantrag", "unterlagen", "bescheid"],
    )  # fmt: skip
    document["closures"] = []
    document["concerns"] = {"bescheid": {"minutes": 30}}
    found = api_plans.PlanPreview.model_validate((await manager.preview(document)).json())
    changes = [one.model_dump(exclude_none=True) for one in found.changes]
    eingang = {"team": "eingang"}
    assert changes == [
        {"what": "hours", **eingang, "day": "thu", "before": [["08:00", "12:00"], ["14:00", "17:30"]],
         "after": [["14:00", "18:00"]]},
        {"what": "kept-desks", **eingang, "before": [0], "after": [2]},
        {"what": "concerns", **eingang, "before": ["veraenderung"], "after": ["bescheid"]},
        {"what": "desks", **eingang, "before": ["Eingangszone 3"], "after": ["Fenster A"]},
        {"what": "closures", "before": [{"from": "2026-12-24", "to": "2026-12-31",
         "reason": {"de": "Betriebsferien", "en": "Closed for the holidays"}}], "after": []},
        {"what": "rules", "concern": "bescheid", "before": [{}], "after": [{"minutes": 30}]},
    ]  # fmt: skip
    assert (found.expect, found.former_sha256, found.scheduled) == (1, SEEDED, None)
    assert await manager.mitte.count("desks WHERE NOT seeded") == 0
    assert len(await manager.versions()) == 1
    back = (await manager.plans("POST", "/preview", version=1)).json()
    assert (back["sha256"], back["changes"]) == (SEEDED, [])


async def test_what_is_published_is_written_down_with_both_hashes(manager: Planner) -> None:
    published = await manager.published(await manager.changed(kept_desks=1))
    await manager.return_to(1)
    found = await manager.mitte.rows("SELECT * FROM audit_entries WHERE action LIKE '%-plan' ORDER BY id")
    told = [(row["subject"], row["action"], row["office_id"], row["target"], row["before"]) for row in found[-2:]]
    first = {"version": 1, "sha256": SEEDED}
    second = {"version": 2, "sha256": published["sha256"]}
    assert told == [
        ("staff-0815", "publish-plan", "mitte", "2", first), ("staff-0815", "return-plan", "mitte", "3", second),
    ]  # fmt: skip
    assert found[-1]["after"] == {"version": 3, "sha256": SEEDED, "in_force_from": None}


async def test_of_two_managers_one_is_told_that_the_other_was_first(manager: Planner) -> None:
    for _ in range(2):  # both looked at version 1
        assert (await manager.preview(await manager.changed(kept_desks=1))).json()["expect"] == 1
    await manager.published(await manager.changed(kept_desks=1), expect=1)
    late = await manager.publish(await manager.changed(kept_desks=2), expect=1)
    assert problem_of(late, 409, "plan-changed")["version"] == 2
    assert problem_of(await manager.return_to(1, expect=1), 409, "plan-changed")["version"] == 2
    assert len(await manager.versions()) == 2


async def test_a_plan_for_later_begins_at_its_moment_and_until_then_no_time_is_given_that_it_will_not_keep(
    manager: Planner,
) -> None:
    start = MONDAY + timedelta(days=1, hours=4)  # Tuesday, 13:00
    thursday, friday = "2026-09-10T14:30:00Z", "2026-09-11T06:00:00Z"
    document = await manager.changed(
        hours=[hours("08:00", "12:00", "mon", "tue", "thu"), hours("12:00", "13:00", "thu")]
    )
    published = await manager.published(document, in_force_from=start.isoformat())
    assert (published["state"], moment(published["in_force_from"])) == ("scheduled", start)
    assert await manager.is_offered(EIGHT)
    assert not await manager.is_offered(thursday), "nobody will be there"
    assert not await manager.is_offered(friday)
    reason = problem_of(await manager.mitte.book(friday), 422, "slot-not-offered")["reason"]
    assert reason == "closed"
    at_noon = "2026-09-10T10:00:00Z"
    with moved_clock(start - timedelta(seconds=30)):
        assert not await manager.is_offered(at_noon), "not by the plan in force"
        assert (await manager.in_force())["version"] == 1
    with moved_clock(start):
        assert await manager.is_offered(at_noon)
        assert (await manager.in_force())["version"] == 2
        problem_of(await manager.plans("DELETE", "/2"), 409, "plan-begun")
        await manager.return_to(1)
        assert await manager.is_offered(friday)


async def test_a_plan_that_waits_is_withdrawn_or_replaced_but_not_by_chance(manager: Planner) -> None:
    later = (MONDAY + timedelta(days=2)).isoformat()
    await manager.published(await manager.changed(kept_desks=1), in_force_from=later)
    assert (await manager.preview(await manager.changed(kept_desks=2))).json()["scheduled"] == 2
    for more in ({}, {"replace": 1}, {"in_force_from": later}):
        refused = await manager.publish(await manager.changed(kept_desks=2), **more)
        assert problem_of(refused, 409, "plan-scheduled")["version"] == 2
    await manager.published(await manager.changed(kept_desks=2), in_force_from=later, replace=2)
    states = {one["version"]: one["state"] for one in await manager.versions()}
    assert states == {1: "in-force", 2: "withdrawn", 3: "scheduled"}
    for _ in range(2):
        assert (await manager.plans("DELETE", "/3")).json()["state"] == "withdrawn"
    with moved_clock(MONDAY + timedelta(days=3)):
        assert (await manager.in_force())["version"] == 1
    problem_of(await manager.plans("DELETE", "/1"), 409, "plan-begun")
    problem_of(await manager.plans("DELETE", "/9"), 404, "unknown-plan")
    for past in (MONDAY, MONDAY - timedelta(days=1), MONDAY + timedelta(days=400)):
        answer = await manager.publish(await manager.changed(kept_desks=1), in_force_from=past.isoformat())
        problem_of(answer, 422, "plan-in-the-past")


async def test_what_was_published_at_once_holds_also_where_a_clock_is_slow(manager: Planner) -> None:
    await manager.published(await manager.changed(hours=[hours("08:00", "09:00", "wed")]))
    with moved_clock(clock.now() - timedelta(minutes=5)):
        assert not await manager.is_offered(EIGHT)


async def test_only_managers_change_plans_and_only_of_their_offices(mitte: Counter) -> None:
    document = await Planner(mitte).changed(kept_desks=1)
    later = (MONDAY + timedelta(days=2)).isoformat()

    async def each(planner: Planner) -> list[Any]:
        return [
            await planner.preview(document),
            await planner.plans("POST", "", document=document, expect=1, in_force_from=later),
            await planner.plans("POST", "/1/return", expect=1), await planner.plans("DELETE", "/1"),
        ]  # fmt: skip

    for role in ("clerk", "placement", "council", "admin"):
        other = Planner(mitte, clerk("mitte", role=role))
        for answer in await each(other):
            problem_of(answer, 403, "not-your-task")
        assert (await other.plans()).status_code == (await other.plans(path="/1")).status_code == 200
        stranded = await other.plans(path="/stranded")
        assert stranded.status_code == (200 if role in {"clerk", "placement"} else 403)
    for identity in (clerk("elsewhere", role="manager"), clerk("elsewhere", role="clerk")):
        stranger = Planner(mitte, identity)
        for answer in (await stranger.plans(), await stranger.plans(path="/1"), await stranger.plans(path="/stranded")):
            problem_of(answer, 403, "office-not-yours")
    for answer in await each(Planner(mitte, clerk("elsewhere", role="manager"))):
        problem_of(answer, 403, "office-not-yours")
    for answer in await each(Planner(mitte, citizen("musterstadt"))):
        problem_of(answer, 403, "staff-only")
    theirs = Planner(mitte, clerk("nowhere", role="manager"), office="nowhere")
    problem_of(await theirs.preview(document), 404, "unknown-office")
    assert len(await Planner(mitte).versions()) == 1

"""Nobody's appointment changes silently: whom a plan would leave without anybody there is listed, and staff decide."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared import api_plans, clock
from tests.harness.answers import problem_of
from tests.harness.counter import Counter
from tests.harness.inprocess import clock_offset, moved_clock
from tests.harness.line import Line
from tests.harness.planner import Planner, closure, hours
from tests.harness.waiting import eventually
from tests.service.conftest import MONDAY

TUESDAY, THURSDAY = "2026-09-08T06:00:00Z", "2026-09-10T12:00:00Z"  # 08:00 and 14:00 in Berlin


@pytest.fixture
def manager(mitte: Counter) -> Planner:
    return Planner(mitte)


async def without_thursday_afternoon(manager: Planner) -> dict[str, Any]:
    return await manager.changed(hours=[hours("08:00", "12:00")])


def numbers(found: list[dict[str, Any]]) -> list[str]:
    return [api_plans.StrandedAppointment.model_validate(one).number for one in found]


async def listed(manager: Planner) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await manager.plans(path="/stranded")).json()
    return found


async def state_of(manager: Planner, booked: dict[str, Any]) -> str:
    return str((await manager.mitte.change_own("GET", booked)).json()["state"])


async def test_who_would_be_stranded_is_listed_and_nothing_is_published_before_somebody_decides(
    manager: Planner,
) -> None:
    booked = await manager.mitte.booked(THURSDAY, email="a@example.org")
    await manager.mitte.booked(TUESDAY)
    document = await without_thursday_afternoon(manager)
    [stranded] = (await manager.preview(document)).json()["stranded"]
    assert numbers([stranded]) == [booked["number"]]
    assert (stranded["name"], stranded["reason"], stranded["has_email"]) == ("Aylin Öz", "outside-hours", True)
    assert stranded["start"] == "2026-09-10T14:00:00+02:00"
    refused = problem_of(await manager.publish(document), 409, "plan-strands-appointments")
    assert numbers(refused["appointments"]) == [booked["number"]]
    assert len(await manager.versions()) == 1
    assert await listed(manager) == []


async def test_kept_an_appointment_is_as_before_and_listed_until_it_is_resolved(manager: Planner) -> None:
    booked = await manager.mitte.booked(THURSDAY, email="a@example.org")
    document = await without_thursday_afternoon(manager)
    answer = (await manager.publish(document, stranded="keep")).json()
    assert (numbers(answer["kept"]), answer["cancelled"]) == ([booked["number"]], [])
    assert await state_of(manager, booked) == "booked"
    assert [type_ for type_, _ in await manager.mitte.events(booked)] == ["booked"], "nothing is told, nothing changed"
    assert numbers(await listed(manager)) == [booked["number"]]
    again = await manager.changed(kept_desks=1)
    assert (await manager.preview(again)).json()["stranded"] == [], "that has been decided"
    await manager.published(again)
    assert [one["version"] for one in await listed(manager)] == [3]
    await manager.mitte.cancel(booked)
    assert await listed(manager) == []


async def test_cancelled_by_the_office_each_person_is_told_and_only_those_who_were_seen_are(manager: Planner) -> None:
    seen = await manager.mitte.booked(THURSDAY, email="a@example.org")
    document = await without_thursday_afternoon(manager)
    meanwhile = await manager.mitte.booked(THURSDAY, email="b@example.org")
    unasked = await manager.mitte.booked(TUESDAY, email="c@example.org")
    refused = await manager.publish(document, stranded="cancel", affected=[seen["number"]])
    assert len(problem_of(refused, 409, "plan-strands-appointments")["appointments"]) == 2
    assert {await state_of(manager, one) for one in (seen, meanwhile)} == {"booked"}, "all or nothing"
    affected = [seen["number"], meanwhile["number"], unasked["number"]]
    answer = (await manager.publish(document, stranded="cancel", affected=affected)).json()
    assert sorted(numbers(answer["cancelled"])) == sorted(affected[:2])
    for one, address in ((seen, "a@example.org"), (meanwhile, "b@example.org")):
        assert await state_of(manager, one) == "cancelled"
        told = (await manager.mitte.events(one))[-1]
        assert (told[0], told[1]["cancelled_by"]) == ("cancelled", "office")
        assert [person.email for person in await manager.mitte.recipients(one)] == [address] * 2
    assert await state_of(manager, unasked) == "booked"
    assert await manager.mitte.count("occupancies WHERE held_until IS NULL") == 1
    assert await listed(manager) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"desks": ["Eingangszone 1", "Eingangszone 2"]}, "no-desk"),
        ({"concerns": ["unterlagen"]}, "no-team"),
        ({"walk_in": [hours("09:00", "11:00")]}, "walk-in-only"),
        ({"exceptions": [{"from": "2026-09-01", "to": "2026-09-30", "hours": []}]}, "closed"),
        ({"kept_desks": 2}, None),
        ({"hours": [hours("07:45", "08:15"), hours("08:15", "11:45")]}, None),
    ],
)
async def test_what_is_in_the_way_is_named_and_what_is_not_strands_nobody(
    manager: Planner, changes: dict[str, Any], reason: str | None
) -> None:
    for _ in range(3):  # all desks, from 08:00; and for the third, from 09:00
        await manager.mitte.booked(TUESDAY if reason != "walk-in-only" else "2026-09-08T07:00:00Z")
    found = (await manager.preview(await manager.changed(**changes))).json()["stranded"]
    assert {one["reason"] for one in found} == ({reason} if reason else set())


async def test_what_was_overbooked_while_people_walk_in_is_covered_until_a_plan_closes_its_day(
    manager: Planner,
) -> None:
    await manager.published(await manager.changed(walk_in=[hours("09:00", "11:00")]))
    booked = await manager.booked("2026-09-08T07:30:00Z", overbook={"reason": "Cannot walk in"})
    assert await listed(manager) == [], "somebody is there"
    document = await manager.changed()
    document["closures"].append(closure("2026-09-08"))
    [stranded] = (await manager.preview(document)).json()["stranded"]
    assert (stranded["number"], stranded["reason"], stranded["desk"]) == (booked["number"], "closure", None)
    assert [row["action"] for row in await manager.audit() if row["target"] == ""] == ["view-stranded", "preview-plan"]


@pytest.mark.parametrize("later", [None, (MONDAY + timedelta(days=2)).isoformat()])
async def test_what_was_held_or_offered_and_the_new_plan_has_not_can_be_booked_no_more(
    manager: Planner, later: str | None
) -> None:
    mitte, line, kept, lost = manager.mitte, Line(manager.mitte), "a-browser-with-a-cookie", "another-with-a-cookie"
    await mitte.hold(kept, "2026-09-10T06:00:00Z")
    await mitte.hold(lost, THURSDAY)
    freed = await mitte.booked("2026-09-10T12:30:00Z")
    waits = await mitte.booked("2026-09-18T06:00:00Z", email="a@example.org")
    await manager.join(waits)
    await mitte.cancel(freed)
    assert await line.offers() == [(waits["id"], "2026-09-10T12:30:00Z")]
    await manager.published(await without_thursday_afternoon(manager), in_force_from=later)
    problem_of(await line.answer(waits, "accept"), 409, "offer-gone")
    problem_of(await mitte.book(THURSDAY, holder=lost), 422, "slot-not-offered")
    assert await mitte.count("occupancies WHERE hold_id IS NOT NULL") == 1
    assert (await mitte.book("2026-09-10T06:00:00Z", holder=kept)).status_code == 201


async def test_who_has_begun_meanwhile_is_kept_and_the_others_are_cancelled(manager: Planner) -> None:
    begun, later = await manager.mitte.booked(TUESDAY), await manager.mitte.booked("2026-09-08T06:30:00Z")
    document = await manager.changed(desks=["Fenster A"])
    both = [begun["number"], later["number"]]
    database, eight = manager.mitte.booking.service.database, datetime(2026, 9, 8, 6, 0, tzinfo=UTC)
    with moved_clock(eight - timedelta(minutes=5)):
        async with database.transaction("musterstadt") as session:
            await session.execute(text("LOCK TABLE plans IN SHARE MODE"))
            publishing = asyncio.create_task(manager.publish(document, stranded="cancel", affected=both))
            await eventually(lambda: manager.mitte.count("pg_locks WHERE NOT granted"))
            clock.set_offset((eight - clock.now()).total_seconds() + clock_offset())
        answer = (await publishing).json()
        assert (numbers(answer["kept"]), numbers(answer["cancelled"])) == (both[:1], both[1:])
    assert [await state_of(manager, one) for one in (begun, later)] == ["booked", "cancelled"]
    entries = [(row["target"], row["after"]) for row in await manager.audit() if row["action"] == "cancel"]
    assert entries == [(later["number"], {"reason": "publish-plan"})]


async def test_a_desk_that_a_plan_gives_up_keeps_its_appointments_and_takes_no_more(manager: Planner) -> None:
    booked = [await manager.mitte.booked(TUESDAY) for _ in range(3)]
    fewer = await manager.changed(desks=["Eingangszone 2", "Fenster A"])
    await manager.published(fewer, stranded="keep")
    assert await manager.mitte.free(TUESDAY) == 1, "at the new desk"
    assert {await state_of(manager, one) for one in booked} == {"booked"}
    assert [one["desk"] for one in sorted(await listed(manager), key=lambda one: one["desk"])] == [
        "Eingangszone 1", "Eingangszone 3",
    ]  # fmt: skip
    await manager.mitte.booked(TUESDAY)
    problem_of(await manager.return_to(1), 409, "plan-strands-appointments")
    assert (await manager.return_to(1, stranded="keep")).status_code == 201
    assert [one["desk"] for one in await listed(manager)] == ["Fenster A"]
    assert await manager.mitte.overlaps() == 0


async def test_a_team_is_added_and_takes_appointments_and_removed_it_strands_them(manager: Planner) -> None:
    document = await manager.changed()
    document["teams"]["empfang"] = {
        "name": {"de": "Empfang"}, "concerns": ["bescheid"], "desks": ["E 1"],
        "hours": [hours("14:00", "16:00", "tue")],
    }  # fmt: skip
    added = [(one["what"], one["team"], one["after"]) for one in (await manager.preview(document)).json()["changes"]]
    assert added[:2] == [("team", "empfang", ["empfang"]), ("name", "empfang", [{"de": "Empfang"}])]
    assert ("desks", "empfang", ["E 1"]) in added
    await manager.published(document)
    assert (await manager.in_force())["teams"]["empfang"] == {"de": "Empfang"}
    booked = await manager.mitte.booked("2026-09-15T12:00:00Z", concern="bescheid", email="a@example.org")
    del document["teams"]["empfang"]
    preview = (await manager.preview(document)).json()
    assert preview["teams"]["empfang"] == {"de": "Empfang"}, "the page can name what goes"
    assert numbers(preview["stranded"]) == [booked["number"]]
    problem_of(await manager.publish(document), 409, "plan-strands-appointments")
    await manager.published(document, stranded="cancel", affected=[booked["number"]])
    assert await state_of(manager, booked) == "cancelled"


async def test_a_plan_for_later_strands_only_those_who_come_after_its_moment(manager: Planner) -> None:
    before, after = await manager.mitte.booked(TUESDAY), await manager.mitte.booked("2026-09-15T06:00:00Z")
    document = await manager.changed(hours=[hours("10:00", "12:00")])
    start = MONDAY + timedelta(days=3)
    later = {"in_force_from": start.isoformat()}
    assert numbers((await manager.preview(document, **later)).json()["stranded"]) == [after["number"]]
    await manager.published(document, **later, stranded="keep")
    assert [(one["number"], one["version"]) for one in await listed(manager)] == [(after["number"], 2)]
    with moved_clock(start):
        assert [(one["number"], one["version"]) for one in await listed(manager)] == [(after["number"], 2)]
    await manager.plans("DELETE", "/2")
    assert await listed(manager) == []
    assert await state_of(manager, before) == "booked"


async def test_whoever_can_still_confirm_is_listed_and_told_too(manager: Planner) -> None:
    await manager.mitte.change("neuantrag", confirm_minutes=30)
    booked = await manager.mitte.booked(THURSDAY, email="a@example.org")
    document = await without_thursday_afternoon(manager)
    await manager.published(document, stranded="cancel", affected=[booked["number"]])
    assert await state_of(manager, booked) == "cancelled"
    assert [type_ for type_, _ in await manager.mitte.events(booked)] == ["requested", "cancelled"]


async def test_nobody_is_offered_a_time_that_the_new_plan_has_not(manager: Planner) -> None:
    freed = await manager.mitte.booked(THURSDAY)
    waits = await manager.mitte.booked("2026-09-18T06:00:00Z", email="a@example.org")
    await manager.join(waits)
    document = await without_thursday_afternoon(manager)
    await manager.published(document, stranded="cancel", affected=[freed["number"]])
    assert [type_ for type_, _ in await manager.mitte.events(waits)] == ["booked"]


async def test_ten_managers_at_once_publish_one_plan(manager: Planner) -> None:
    for n in range(3):
        await manager.mitte.booked(THURSDAY, email=f"a{n}@example.org")
    plans = [
        await without_thursday_afternoon(manager) | {"closures": [closure(f"2026-10-{n:02}")]} for n in range(1, 11)
    ]
    affected = numbers((await manager.preview(plans[0])).json()["stranded"])
    decided: dict[str, Any] = {"expect": 1, "stranded": "cancel", "affected": affected}
    answers = await asyncio.gather(*(manager.plans("POST", "", document=plan, **decided) for plan in plans))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert len(await manager.versions()) == 2
    events = [type_ for type_, _ in await manager.mitte.events()]
    assert events.count("cancelled") == 3

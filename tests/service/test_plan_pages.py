"""The plan editor's pages over HTTP: the form loses nothing, and nobody gets further than they may."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
from nacl.public import PrivateKey

from tests.harness import inprocess
from tests.harness.counter import Counter
from tests.harness.inprocess import Town
from tests.harness.installation import Installation
from tests.harness.member import Member
from tests.harness.parts import Parts
from tests.harness.planner import Planner, closure, hours

PLAN = "/de/staff/offices/mitte/plan"

pytestmark = pytest.mark.usefixtures("on_monday")


@pytest.fixture(scope="module")
async def demo_town(parts: Parts) -> AsyncIterator[Town]:
    async with inprocess.town(await Installation.create(parts, DEMO_LOGINS="true")) as opened:
        yield opened


@pytest.fixture
async def manager(demo_town: Town) -> AsyncIterator[Member]:
    async with Member(str(demo_town.client.base_url), "manager") as member:
        await member.sign_in()
        yield member


@pytest.fixture
def planner(demo_town: Town) -> Planner:
    return Planner(Counter(demo_town.installation, demo_town.booking, PrivateKey.generate()))


class Fields(HTMLParser):
    """What a browser would send of a page's largest form, were its first button pressed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = {name: value or "" for name, value in attrs}
        if tag == "input" and (one.get("type") not in {"checkbox", "radio"} or "checked" in one):
            self.found[one["name"]] = one.get("value", "")
        elif tag == "textarea":
            self._area = one["name"]
            self.found[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def unbroken(html: str) -> str:
    return " ".join(html.split())


async def send(member: Member, shown: httpx.Response, action: str, **changes: str) -> httpx.Response:
    """Send the form of a page."""
    names = {name.replace("__", "."): text for name, text in changes.items()}
    return await member.client.post(PLAN + action, data=Fields(shown.text).found | names)


async def test_a_form_that_is_sent_as_it_was_shown_is_the_same_plan(manager: Member, planner: Planner) -> None:
    document = await planner.changed(
        walk_in=[hours("09:00", "10:00", "tue")], kept_desks=1, desks=["Fenster <A>", "Eingangszone 1"],
        exceptions=[
            {"from": "2026-10-01", "to": "2026-10-02", "hours": [], "reason": {"de": "Fortbildung"}},
            {"from": "2026-10-05", "to": "2026-10-05", "hours": [{"from": "08:00", "to": "09:00"}], "reason": {}},
        ],
    )  # fmt: skip
    document["closures"].append(closure("2026-10-09"))
    document["concerns"] = {"bescheid": {"minutes": 25, "horizon_days": 20}}
    await planner.published(document)
    shown = await manager.get(f"{PLAN}/edit")
    assert "Nichts ändert sich." in (await send(manager, shown, "/edit")).text
    more = await send(manager, shown, "/edit", add="teams.eingang.exceptions.0.hours")
    assert 'name="teams.eingang.exceptions.0.hours.0.from"' in more.text
    assert "Nichts ändert sich." in (await send(manager, more, "/edit")).text
    changed = await send(manager, shown, "/edit", closures__1__from="2026-10-08")
    assert re.search(r"Schließtage</strong><br>bisher: 09\.10\.2026<br>neu: 08\.10\.2026–09\.10\.2026", changed.text)
    back = await send(manager, changed, "/edit", back="1")
    assert 'value="2026-10-08"' in back.text
    assert (await planner.return_to(1)).status_code == 201


async def test_who_publishes_after_somebody_else_looks_again_and_loses_nothing(
    manager: Member, planner: Planner
) -> None:
    preview = await send(manager, await manager.get(f"{PLAN}/edit"), "/edit", teams__eingang__kept_desks="1")
    await planner.published(await planner.changed(kept_desks=2))
    late = await send(manager, preview, "/publish", note="Meine Notiz")
    assert late.status_code == 422
    assert "Inzwischen hat jemand anderes einen Plan veröffentlicht" in late.text
    assert "bisher: 2<br>neu: 1" in late.text
    assert 'value="Meine Notiz"' in late.text
    done = await send(manager, late, "/publish")
    assert (done.status_code, done.headers["location"]) == (303, f"{PLAN}?done=published")
    assert "Meine Notiz" in (await manager.get(PLAN)).text
    await planner.return_to(1)


async def test_who_began_before_somebody_else_published_is_told_so_when_they_look(
    manager: Member, planner: Planner
) -> None:
    edit = await manager.get(f"{PLAN}/edit")
    await planner.published(await planner.changed(kept_desks=1))
    changed = await send(manager, edit, "/edit", teams__beratung__kept_desks="1")
    assert "Inzwischen hat jemand anderes einen Plan veröffentlicht" in changed.text
    assert "bisher: 1<br>neu: 0" in changed.text
    again = await send(manager, await send(manager, changed, "/edit", back="1"), "/edit")
    assert "Inzwischen" not in again.text, "that has been seen"
    await planner.return_to(1)


async def test_a_plan_for_later_waits_is_replaced_and_withdrawn(manager: Member, planner: Planner) -> None:
    later = {"when": "later", "date": "2026-09-09", "time": "13:00"}
    preview = await send(manager, await manager.get(f"{PLAN}/edit"), "/edit", teams__eingang__kept_desks="1")
    assert (await send(manager, preview, "/publish", **later)).headers["location"] == f"{PLAN}?done=scheduled"
    scheduled = (await planner.versions())[0]
    assert (scheduled["state"], scheduled["in_force_from"]) == ("scheduled", "2026-09-09T13:00:00+02:00")
    again = await send(manager, preview, "/publish", **later)
    assert again.status_code == 422
    assert "Ein anderer Plan ist schon veröffentlicht" in again.text
    replaced = await send(manager, again, "/publish", replace=str(scheduled["version"]), **later)
    assert replaced.status_code == 303
    newest = (await planner.versions())[0]
    page = await manager.get(PLAN)
    assert f"Version {newest['version']} zurückziehen" in page.text
    await send(manager, page, "/withdraw", version=str(newest["version"]))
    assert [one["state"] for one in (await planner.versions())[:2]] == ["withdrawn", "withdrawn"]
    past = await send(manager, preview, "/publish", **later | {"date": "2026-09-01"})
    assert (past.status_code, "künftigen Zeitpunkt" in past.text) == (422, True)


async def test_a_team_is_added_and_one_is_taken_away(manager: Member, planner: Planner) -> None:
    shown = await manager.get(f"{PLAN}/edit")
    typed = {"new-team.de": "Team Süd & Büro", "new-team.en": "South"}
    added = await send(manager, shown, "/edit", **{"add-team": "1"}, **typed)
    assert (added.status_code, Fields(added.text).found["new-team.de"]) == (200, ""), "ready for another"
    team = "teams.team-sued-buero"
    assert Fields(added.text).found[f"{team}.name.en"] == "South"
    lacking = await send(manager, added, "/edit")
    assert lacking.status_code == 422
    for told in ("Bitte wählen Sie mindestens ein Anliegen", "Bitte nennen Sie mindestens einen Platz"):
        assert f"Team Süd &amp; Büro: {told}" in unbroken(lacking.text), told
    filled = {f"{team}.hours.0.wed": "1", f"{team}.hours.0.from": "13:00", f"{team}.hours.0.to": "15:00",
              f"{team}.concerns.bescheid": "1", f"{team}.desks": "Süd 1\nSüd 2"}  # fmt: skip
    preview = await send(manager, lacking, "/edit", **filled)
    assert "Team Süd &amp; Büro, Team</strong><br>bisher: nichts<br>neu: Team Süd &amp; Büro" in preview.text
    assert (await send(manager, preview, "/publish")).status_code == 303
    shown = await manager.get(f"{PLAN}/edit")
    assert "Nichts ändert sich." in (await send(manager, shown, "/edit")).text
    gone = await send(manager, shown, "/edit", remove="team-sued-buero")
    assert "Das Team ist weggenommen: Team Süd &amp; Büro" in gone.text
    preview = await send(manager, gone, "/edit")
    assert "Team Süd &amp; Büro, Team</strong><br>bisher: Team Süd &amp; Büro<br>neu: nichts" in preview.text
    assert (await send(manager, preview, "/publish")).status_code == 303
    assert set((await planner.in_force())["document"]["teams"]) == {"eingang", "beratung"}
    await planner.return_to(1)


async def test_a_team_without_a_name_one_of_the_same_name_and_the_last_one(manager: Member) -> None:
    shown = await manager.get(f"{PLAN}/edit")
    for names, told in (
        ({}, "Bitte geben Sie dem neuen Team einen Namen."),
        ({"new-team.de": " beratung "}, "Ein Team mit diesem Namen gibt es schon."),
    ):
        answer = await send(manager, shown, "/edit", **{"add-team": "1"}, **names)
        assert answer.status_code == 422
        assert told in answer.text
        assert Fields(answer.text).found["new-team.de"] == names.get("new-team.de", "").strip(), "nothing typed is lost"
    forgotten = await send(manager, shown, "/edit", **{"new-team.de": "Empfang"})
    assert forgotten.status_code == 422
    assert "Bitte drücken Sie die Taste, die dieses Team hinzufügt" in forgotten.text
    arabic = await send(manager, shown, "/edit", **{"add-team": "1", "new-team.de": "استقبال"})
    assert Fields(arabic.text).found["teams.team.name.de"] == "استقبال"
    one = await send(manager, shown, "/edit", remove="eingang")
    assert "teams.eingang.desks" not in Fields(one.text).found
    last = await send(manager, one, "/edit", remove="beratung")
    assert (last.status_code, "Ein Standort hat mindestens ein Team" in last.text) == (422, True)
    assert "teams.beratung.desks" in Fields(last.text).found
    assert (await send(manager, shown, "/edit", remove="nobody")).status_code == 200


async def test_odd_forms_are_answered_with_the_page(manager: Member) -> None:
    edit = await manager.get(f"{PLAN}/edit")
    for fields in (
        {"teams.eingang": "x"}, {"teams.x.hours.0.from": "\x00"}, {"closures.0.from": "9" * 500},
        {"teams.é.desks": "A"}, {"teams.eingang.desks": "\n".join("ab" * 50 for _ in range(300))},
    ):  # fmt: skip
        for action in ("/edit", "/publish"):
            answer = await manager.client.post(PLAN + action, data={"csrf": Fields(edit.text).found["csrf"], **fields})
            assert answer.status_code == 422, (action, fields)
            assert "Bitte" in answer.text
    for version in ("0", "x", "99", "9" * 40):
        assert (await manager.get(f"{PLAN}/return/{version}")).status_code in {404, 422}
    forged = await manager.client.post(f"{PLAN}/publish", data=Fields(edit.text).found | {"csrf": "x"})
    assert forged.status_code == 403


@pytest.mark.parametrize("role", ["clerk", "placement", "council", "admin"])
async def test_other_roles_see_the_versions_and_change_nothing(demo_town: Town, planner: Planner, role: str) -> None:
    before = len(await planner.versions())
    async with Member(str(demo_town.client.base_url), role) as other:
        assert (await other.get(PLAN)).status_code == 303, "to the sign-in page"
        await other.sign_in()
        page = await other.get(PLAN)
        assert page.status_code == 200
        assert "Plan ändern" not in page.text
        assert (await other.get(f"{PLAN}/edit")).status_code == 403
        assert (await other.get(f"{PLAN}/return/1")).status_code == 403
        for action in ("/edit", "/publish", "/withdraw"):
            assert (await other.send(PLAN, PLAN + action, version="1", expect="1")).status_code == 403
        assert (await other.get(PLAN.replace("mitte", "nord"))).status_code == 403
    assert len(await planner.versions()) == before

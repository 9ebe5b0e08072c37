"""Accounts: passwords and who guesses them, sessions and what ends them, those who manage accounts."""

import asyncio
import re
from datetime import timedelta

import pytest

from services.gateway import jobs
from services.gateway.members import SignInNeeded
from services.gateway.signing_in import Client
from shared import clock
from tests.harness import inprocess
from tests.harness.accounts import PASSWORD, Staff, code_of
from tests.harness.inprocess import moved_clock
from tests.harness.member import HIDDEN, Member

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  of an invented phone
NEW = "another long password"


async def is_in(someone: Member) -> bool:
    return (await someone.get("/de/staff/account")).status_code == 200


async def test_after_five_wrong_passwords_the_right_one_has_to_wait_too_and_is_told_how_long(staff: Staff) -> None:
    login = await staff.add("clerk")
    someone = await staff.member(login)
    assert [(await someone.sign_in("wrong")).status_code for _ in range(5)] == [422] * 5
    answer = await someone.sign_in(PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "in einer Minute wieder" in answer.text
    with moved_clock(clock.now() + timedelta(seconds=61)):
        assert (await someone.sign_in(PASSWORD)).status_code == 303


async def test_each_wait_is_longer_but_none_longer_than_a_quarter_of_an_hour(staff: Staff) -> None:
    login = await staff.add("clerk")
    someone, moment = await staff.member(login), clock.now()
    for _ in range(4):
        await someone.sign_in("wrong")
    for minutes in (1, 2, 4, 8, 15, 15):
        with moved_clock(moment):
            assert (await someone.sign_in("wrong")).status_code == 422
            wait = int((await someone.sign_in("wrong")).headers["retry-after"])
        assert (minutes - 1) * 60 < wait <= minutes * 60
        moment += timedelta(minutes=minutes, seconds=30)


async def test_a_name_that_nobody_has_waits_like_others(staff: Staff) -> None:
    nobody = await staff.member("nobody-at-all")
    assert [(await nobody.sign_in("wrong")).status_code for _ in range(6)] == [422] * 5 + [429]


async def test_who_guesses_elsewhere_does_not_keep_out_who_has_signed_in_with_this_browser(staff: Staff) -> None:
    login = await staff.add("clerk")
    rightful = await staff.signed_in(login, PASSWORD)
    guesser = await staff.member(login)
    assert [(await guesser.sign_in("wrong")).status_code for _ in range(6)][-1] == 429
    assert (await rightful.sign_in(PASSWORD)).status_code == 303


async def test_who_mistypes_now_and_then_behind_one_address_keeps_nobody_out(staff: Staff) -> None:
    login = await staff.add("clerk")
    known, moment = await staff.signed_in(login, PASSWORD), clock.now()
    await (await staff.member("nobody-0")).sign_in("wrong")
    for minutes in (10, 20):  # right ones between do not make the old failure a new one
        with moved_clock(moment + timedelta(minutes=minutes)):
            await (await staff.signed_in(login, PASSWORD)).client.aclose()
    await staff.rows("UPDATE staff_attempts SET failures = failures + 48 WHERE failures = 1")
    with moved_clock(moment + timedelta(minutes=20)):
        assert (await (await staff.member("nobody-1")).sign_in("wrong")).status_code == 422
        assert {row["failures"] for row in await staff.rows("SELECT failures FROM staff_attempts")} == {1, 49}
    await staff.rows("UPDATE staff_attempts SET failures = 50, failed_at = :at", at=moment)
    with moved_clock(moment + timedelta(seconds=1)):
        assert (await (await staff.member(login)).sign_in(PASSWORD)).status_code == 429
        assert (await known.sign_in(PASSWORD)).status_code == 303


async def test_after_half_an_hour_without_a_request_one_signs_in_again_and_is_back(staff: Staff) -> None:
    someone = await staff.signed_in("clerk")
    with moved_clock(clock.now() + timedelta(minutes=31)):
        answer = await someone.get("/de/staff/account?a=b")
        address = answer.headers["location"]
        assert address == "/de/staff/sign-in?to=%2Faccount%3Fa%3Db&ended=yes"
        assert "Sie wurden abgemeldet" in (await someone.get(address)).text
        back = await someone.send(address, login="clerk", password="demo")  # noqa: S106
        assert back.headers["location"] == "/de/staff/account?a=b"


async def test_a_form_that_comes_too_late_leads_back_to_its_page(staff: Staff) -> None:
    someone = await staff.signed_in("clerk")
    with moved_clock(clock.now() + timedelta(minutes=31)):
        page = f"{staff.town.client.base_url}/de/staff/account/password".replace("127.0.0.1", "localhost")
        someone.client.headers.update({"Referer": page, "Host": page.split("/")[2]})
        answer = await someone.client.post("/de/staff/account/password", data={})
    assert answer.headers["location"] == "/de/staff/sign-in?to=%2Faccount%2Fpassword&ended=yes"


async def test_after_twelve_hours_it_is_over_whatever_one_does(staff: Staff) -> None:
    someone = await staff.signed_in("clerk")
    begun = clock.now()
    for minutes in range(29, 12 * 60, 29):
        with moved_clock(begun + timedelta(minutes=minutes)):
            assert await is_in(someone)
    with moved_clock(begun + timedelta(hours=12, seconds=1)):
        assert not await is_in(someone)


async def test_who_signs_in_gets_a_new_key_and_the_old_one_opens_nothing(staff: Staff) -> None:
    someone = await staff.signed_in("clerk")
    foisted = someone.client.cookies["staff"]
    await someone.sign_in()
    assert someone.client.cookies["staff"] != foisted
    someone.client.cookies.clear()
    assert (await someone.client.get("/de/staff/account", headers={"Cookie": f"staff={foisted}"})).status_code == 303


async def test_a_first_password_is_changed_before_anything_else(staff: Staff) -> None:
    login = await staff.add("clerk", must_change=True)
    someone = await staff.signed_in(login, PASSWORD)
    path = "/de/staff/account/password"
    for page in ("", "/account", "/account/second-factor", "/offices/mitte/day"):
        assert (await someone.get(f"/de/staff{page}")).headers["location"] == path
    for fields, sentence in (
        ({"present": "wrong", "password": NEW, "again": NEW}, "nicht Ihr jetziges Passwort"),
        ({"present": PASSWORD, "password": "short", "again": "short"}, "mindestens 12 Zeichen"),
        ({"present": PASSWORD, "password": "passwort1234", "again": "passwort1234"}, "leicht zu raten"),
        ({"present": PASSWORD, "password": login + "123", "again": login + "123"}, "leicht zu raten"),
        ({"present": PASSWORD, "password": PASSWORD, "again": PASSWORD}, "ist das jetzige"),
        ({"present": PASSWORD, "password": NEW, "again": NEW + "x"}, "unterscheiden sich"),
    ):
        answer = await someone.send(path, **fields)
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
    assert (await someone.send(path, present=PASSWORD, password=NEW, again=NEW)).status_code == 303
    assert (await someone.get("/de/staff")).status_code == 200
    [entry] = await staff.rows("SELECT action FROM audit_entries WHERE target = :login", login=login)
    assert entry["action"] == "password-changed"


async def test_a_changed_password_signs_out_everywhere_else(staff: Staff) -> None:
    login = await staff.add("clerk")
    here, there = [await staff.signed_in(login, PASSWORD) for _ in range(2)]
    await here.send("/de/staff/account/password", present=PASSWORD, password=NEW, again=NEW)
    assert (await is_in(here), await is_in(there)) == (True, False)


async def test_signing_out_everywhere_ends_all_sessions(staff: Staff) -> None:
    login = await staff.add("clerk")
    here, there = [await staff.signed_in(login, PASSWORD) for _ in range(2)]
    await here.send("/de/staff/account", "/de/staff/account/sign-out-everywhere")
    assert (await is_in(here), await is_in(there)) == (False, False)


async def test_an_admin_makes_an_account_whose_password_is_shown_once(staff: Staff) -> None:
    admin = await staff.signed_in("admin")
    fields = {"login": "Erika.Neu", "name": "Erika Neu", "roles": "clerk", "offices": "mitte"}
    answer = await admin.send("/de/staff/accounts/new", **fields)
    password = found[1] if (found := re.search(r'class="secret">([a-z2-9-]{14})<', answer.text)) else ""
    assert password
    again = await admin.send("/de/staff/accounts/new", **fields)
    assert (again.status_code, "gibt es schon" in again.text) == (409, True)
    someone = await staff.signed_in("erika.neu", password)
    assert (await someone.get("/de/staff")).headers["location"] == "/de/staff/account/password"
    [entry] = await staff.rows("SELECT * FROM audit_entries WHERE target = 'erika.neu'")
    assert (entry["action"], entry["after"]["roles"]) == ("account-created", ["clerk"])
    assert password not in str(entry)


@pytest.mark.parametrize(
    "changes", [{"login": "a b"}, {"name": " "}, {"roles": ""}, {"roles": "god"}, {"offices": "elsewhere"}]
)
async def test_a_faulty_form_makes_no_account_and_keeps_what_was_typed(staff: Staff, changes: dict[str, str]) -> None:
    admin = await staff.signed_in("admin")
    fields = {"login": "never-made", "name": "Never Made", "roles": "clerk", "offices": "mitte"} | changes
    answer = await admin.send("/de/staff/accounts/new", **fields)
    assert answer.status_code == 422
    assert f'value="{fields["login"]}"' in answer.text
    assert "Never" in answer.text or "name" in changes
    assert not await staff.rows("SELECT id FROM staff_accounts WHERE login = 'never-made'")


async def test_other_roles_hold_at_once_and_are_written_down(staff: Staff) -> None:
    login = await staff.add("clerk")
    someone, admin = await staff.signed_in(login, PASSWORD), await staff.signed_in("admin")
    path = f"/de/staff/accounts/{(await staff.account(login))['id']}"
    assert (await admin.send(path, name="Other", roles="council", offices="mitte")).status_code == 303
    assert not await is_in(someone)
    [entry] = await staff.rows(
        "SELECT * FROM audit_entries WHERE target = :login AND action = 'account-changed'", login=login
    )
    assert (entry["before"]["roles"], entry["after"]["roles"]) == (["clerk"], ["council"])


async def test_who_is_disabled_is_out_at_once_and_can_be_let_in_again(staff: Staff) -> None:
    login = await staff.add("clerk")
    someone, admin = await staff.signed_in(login, PASSWORD), await staff.signed_in("admin")
    path = f"/de/staff/accounts/{(await staff.account(login))['id']}"
    await admin.send(path, f"{path}/disable")
    assert not await is_in(someone)
    assert (await someone.sign_in(PASSWORD)).status_code == 422
    await admin.send(path, f"{path}/enable")
    assert (await someone.sign_in(PASSWORD)).status_code == 303


async def test_a_reset_password_lets_in_once_and_the_old_one_no_more(staff: Staff) -> None:
    login = await staff.add("clerk")
    admin = await staff.signed_in("admin")
    path = f"/de/staff/accounts/{(await staff.account(login))['id']}"
    shown = await admin.send(path, f"{path}/reset-password")
    password = found[1] if (found := re.search(r'class="secret">([a-z2-9-]{14})<', shown.text)) else ""
    assert (await (await staff.member(login)).sign_in(PASSWORD)).status_code == 422
    assert (await (await staff.member(login)).sign_in(password)).status_code == 303


async def test_admins_cannot_take_their_own_role_away_nor_disable_themselves(staff: Staff) -> None:
    admin = await staff.signed_in("admin")
    path = f"/de/staff/accounts/{(await staff.account('admin'))['id']}"
    for answer in (
        await admin.send(path, name="Demo admin", roles="clerk", offices="mitte"),
        await admin.send(path, f"{path}/disable"),
    ):
        assert (answer.status_code, "nicht selbst wegnehmen" in answer.text) == (409, True)
    assert await is_in(admin)


async def test_for_their_own_password_and_phone_admins_go_where_the_present_one_is_asked_for(staff: Staff) -> None:
    admin = await staff.signed_in("admin")
    before = await staff.account("admin")
    path = f"/de/staff/accounts/{before['id']}"
    for act in ("reset-password", "remove-second-factor"):
        answer = await admin.send(path, f"{path}/{act}")
        assert (answer.status_code, "auf der Seite „Mein Konto“" in answer.text) == (409, True), act
    assert await staff.account("admin") == before
    assert await is_in(admin)


async def test_a_password_that_is_reset_while_the_old_one_is_checked_lets_nobody_in(staff: Staff) -> None:
    login = await staff.add("clerk")
    async with inprocess.unstarted(staff.town.installation, "gateway") as gateway:
        signing_in = gateway.app.state.signing_in
        checked = await signing_in.check_password("musterstadt", login, PASSWORD, Client("192.0.2.1", ""))
        await staff.rows("UPDATE staff_accounts SET password_hash = 'other' WHERE login = :login", login=login)
        with pytest.raises(SignInNeeded):
            await signing_in.begin("musterstadt", checked, "password")
    assert not await staff.rows("SELECT tenant FROM staff_sessions WHERE account_id = :id", id=checked["id"])


async def test_without_the_database_no_password_comes_back(staff: Staff) -> None:
    nowhere = "postgresql+asyncpg://nobody@/nowhere?host=/nowhere"
    async with inprocess.unstarted(staff.town.installation, "gateway", database_url=nowhere) as gateway:
        token = HIDDEN.search((await gateway.client.get("/de/staff/sign-in")).text)
        assert token
        fields = {"csrf": token[1], "login": "clerk", "password": PASSWORD}
        answer = await gateway.client.post("/de/staff/sign-in", data=fields)
        assert (answer.status_code, PASSWORD in answer.text) == (503, False)


async def test_a_forged_form_changes_nothing(staff: Staff) -> None:
    login = await staff.add("clerk")
    before, admin = await staff.account(login), await staff.signed_in("admin")
    path = f"/de/staff/accounts/{before['id']}"
    for action in ("", "/disable", "/reset-password", "/remove-second-factor"):
        await admin.client.post(path + action, data={"csrf": "x", "name": "x", "roles": "admin"})
    assert await staff.account(login) == before


async def test_a_lost_phone_is_removed_by_an_admin(staff: Staff) -> None:
    login = await staff.add("clerk", secret=SECRET)
    admin, someone = await staff.signed_in("admin"), await staff.member(login)
    assert (await someone.sign_in(PASSWORD)).headers["location"] == "/de/staff/sign-in/code"
    assert (await someone.send("/de/staff/sign-in/code", code=code_of(SECRET))).status_code == 303
    path = f"/de/staff/accounts/{(await staff.account(login))['id']}"
    await admin.send(path, f"{path}/remove-second-factor")
    assert not await is_in(someone)
    assert (await someone.sign_in(PASSWORD)).headers["location"] == "/de/staff"


async def test_many_guesses_at_once_are_no_way_round_the_wait(staff: Staff) -> None:
    login = await staff.add("clerk")
    guessers = [await staff.member(login) for _ in range(10)]
    answers = await asyncio.gather(*(one.sign_in("wrong") for one in guessers))
    assert sorted(answer.status_code for answer in answers) == [422] * 5 + [429] * 5


async def test_sessions_and_tries_of_yesterday_and_what_was_done_last_year_are_deleted(staff: Staff) -> None:
    await staff.signed_in("clerk")
    await (await staff.member("nobody")).sign_in("wrong")
    tables = ("staff_sessions", "staff_attempts", "audit_entries")
    async with inprocess.unstarted(staff.town.installation, "gateway") as gateway:
        with moved_clock(clock.now() + timedelta(hours=11)):
            await jobs.tidy_sessions(gateway.service)
            await jobs.forget_audit(gateway.service)
        assert all([await staff.rows(f"SELECT tenant FROM {table}") for table in tables])
        with moved_clock(clock.now() + timedelta(days=366)):
            await jobs.tidy_sessions(gateway.service)
            await jobs.forget_audit(gateway.service)
        assert not any([await staff.rows(f"SELECT tenant FROM {table}") for table in tables])

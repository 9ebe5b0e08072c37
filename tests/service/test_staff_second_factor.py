"""The second factor: set up, asked for, accepted once; recovery codes; who needs one."""

import asyncio
import re

import pytest

from services.gateway.second_factor import step_of
from tests.harness.accounts import PASSWORD, Staff, code_of
from tests.harness.member import HIDDEN, Member

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  of an invented phone
CODE, FACTOR = "/de/staff/sign-in/code", "/de/staff/account/second-factor"


def secret_of(page: str) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    return found[1] if found else ""


async def set_up(someone: Member) -> tuple[str, list[str]]:
    """Set up a phone by the key that the page shows; return its secret and the recovery codes."""
    shown = await someone.get(FACTOR)
    secret = secret_of(shown.text)
    answer = await someone.send(FACTOR, present=PASSWORD, code=code_of(secret))
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r'<li class="secret">([a-z2-9-]+)</li>', answer.text)


async def test_an_admin_sets_it_up_before_anything_else_and_is_asked_from_then_on(staff: Staff) -> None:
    login = await staff.add("admin")
    someone = await staff.signed_in(login, PASSWORD)
    assert (await someone.get("/de/staff/accounts")).headers["location"] == FACTOR
    secret, codes = await set_up(someone)
    assert len(set(codes)) == 8
    assert (await someone.get("/de/staff/accounts")).status_code == 200
    again = await staff.member(login)
    answer = await again.sign_in(PASSWORD, to="/accounts")
    assert answer.headers["location"] == f"{CODE}?to=%2Faccounts"
    assert (await again.get("/de/staff")).headers["location"] == CODE, "the password alone opens nothing"
    before = again.client.cookies["staff"]
    answer = await again.send(f"{CODE}?to=/accounts", code=code_of(secret, 1))
    assert answer.headers["location"] == "/de/staff/accounts"
    assert again.client.cookies["staff"] != before


async def test_an_open_browser_is_not_enough_to_set_up_a_phone(staff: Staff) -> None:
    login = await staff.add("clerk")
    someone, elsewhere = await staff.signed_in(login, PASSWORD), await staff.signed_in(login, PASSWORD)
    secret = secret_of((await someone.get(FACTOR)).text)
    refused = await someone.send(FACTOR, present="a guess of mine", code=code_of(secret))
    assert (refused.status_code, (await staff.account(login))["totp_secret"]) == (422, None)
    await set_up(someone)
    assert (await someone.get("/de/staff/account")).status_code == 200
    assert (await elsewhere.get("/de/staff/account")).status_code == 303, "signed out everywhere else"


async def test_the_picture_says_what_the_page_says_and_stays_nowhere(staff: Staff) -> None:
    someone = await staff.signed_in(await staff.add("clerk"), PASSWORD)
    picture = await someone.get(f"{FACTOR}/code.svg")
    assert (picture.headers["content-type"], picture.headers["cache-control"]) == ("image/svg+xml", "no-store")
    assert picture.content.startswith(b"<?xml")
    assert picture.content == (await someone.get(f"{FACTOR}/code.svg")).content
    other = await staff.signed_in(await staff.add("clerk"), PASSWORD)
    assert picture.content != (await other.get(f"{FACTOR}/code.svg")).content
    await set_up(someone)
    assert (await someone.get(f"{FACTOR}/code.svg")).status_code == 404


async def test_a_code_is_accepted_once(staff: Staff) -> None:
    login = await staff.add("clerk", secret=SECRET)
    statuses = []
    code = code_of(SECRET)
    for _ in range(2):
        someone = await staff.member(login)
        await someone.sign_in(PASSWORD)
        statuses.append((await someone.send(CODE, code=code)).status_code)
    assert statuses == [303, 422]


async def test_a_recovery_code_is_accepted_once_and_is_stored_nowhere(staff: Staff) -> None:
    login = await staff.add("clerk")
    _, codes = await set_up(await staff.signed_in(login, PASSWORD))
    statuses = []
    for code in (codes[0].upper(), codes[0], codes[1].replace("-", " ")):
        someone = await staff.member(login)
        await someone.sign_in(PASSWORD)
        statuses.append((await someone.send(CODE, code=code)).status_code)
    assert statuses == [303, 422, 303]
    assert len((await staff.account(login))["recovery_hashes"]) == 6
    assert codes[2] not in str(await staff.account(login))


async def test_after_five_wrong_codes_it_has_to_wait(staff: Staff) -> None:
    login = await staff.add("clerk", secret=SECRET)
    someone = await staff.member(login)
    await someone.sign_in(PASSWORD)
    wrong = f"{(int(code_of(SECRET)) + 500_000) % 1_000_000:06}"
    assert [(await someone.send(CODE, code=wrong)).status_code for _ in range(5)] == [422] * 5
    await someone.sign_in(PASSWORD)  # which is right, and gives no new tries
    answer = await someone.send(CODE, code=code_of(SECRET))
    assert (answer.status_code, "in einer Minute wieder" in answer.text) == (429, True)
    query = "SELECT subject FROM audit_entries WHERE target = :login AND action = 'wrong-codes'"
    assert [row["subject"] for row in await staff.rows(query, login=login)] == [str((await staff.account(login))["id"])]


async def test_of_two_sessions_that_set_up_a_phone_at_once_one_does(staff: Staff) -> None:
    login = await staff.add("clerk")
    both = [await staff.signed_in(login, PASSWORD) for _ in range(2)]
    shown = [(await one.get(FACTOR)).text for one in both]
    keys = [(secret_of(text), token[1] if (token := HIDDEN.search(text)) else "") for text in shown]
    answers = await asyncio.gather(
        *(
            one.client.post(FACTOR, data={"csrf": token, "present": PASSWORD, "code": code_of(secret)})
            for one, (secret, token) in zip(both, keys, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 303]


async def test_the_secret_is_sealed_in_the_database(staff: Staff) -> None:
    login = await staff.add("clerk")
    secret, _ = await set_up(await staff.signed_in(login, PASSWORD))
    stored = bytes((await staff.account(login))["totp_secret"])
    assert secret.replace(" ", "").encode() not in stored
    assert len(stored) > 40


async def test_removing_it_or_new_recovery_codes_need_a_code(staff: Staff) -> None:
    login = await staff.add("clerk")
    someone = await staff.signed_in(login, PASSWORD)
    secret, codes = await set_up(someone)
    for action in ("recovery-codes", "remove"):
        assert (await someone.send(FACTOR, f"{FACTOR}/{action}", code="000000")).status_code == 422
    renewed = await someone.send(FACTOR, f"{FACTOR}/recovery-codes", code=code_of(secret, 1))
    assert renewed.status_code == 200
    assert not set(re.findall(r'<li class="secret">([a-z2-9-]+)</li>', renewed.text)) & set(codes)
    fresh = re.findall(r'<li class="secret">([a-z2-9-]+)</li>', renewed.text)[0]
    assert (await someone.send(FACTOR, f"{FACTOR}/remove", code=fresh)).status_code == 303
    assert (await staff.account(login))["totp_secret"] is None


async def test_demo_accounts_need_none(staff: Staff) -> None:
    assert (await (await staff.signed_in("admin")).get("/de/staff/accounts")).status_code == 200


@pytest.mark.parametrize("code", ["", "0", "abcdef", "１２３４５６", "0" * 5000])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert step_of(SECRET, code, 0) is None

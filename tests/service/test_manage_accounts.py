"""The command that makes the first account: what it does, and a sentence for what it cannot."""

import asyncio
import os
import pty
import sys

import pytest

from tests.harness.accounts import add_account
from tests.harness.inprocess import Town
from tests.harness.member import Member

ADD = ("add", "--tenant", "musterstadt", "--login", "First.Admin", "--name", "First Admin", "--role", "admin")
PASSWORD = "correct horse battery"  # noqa: S105  of nobody


async def manage(town: Town, *arguments: str, password: str = PASSWORD, **environment: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.gateway.manage_accounts", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **town.installation.environment("gateway"), **environment},
    )  # fmt: skip
    said, _ = await process.communicate(f"{password}\n".encode())
    return process.returncode or 0, said.decode()


async def manage_at_a_prompt(town: Town, *arguments: str) -> str:
    """Run the command as from a terminal, and type the password there; return what it says."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.gateway.manage_accounts", *arguments,
        stdin=theirs, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
        env={**os.environ, **town.installation.environment("gateway")},
    )  # fmt: skip
    assert process.stdout
    assert process.stderr
    for _ in range(2):
        await process.stderr.readuntil(b": ")  # what was typed before is thrown away
        os.write(ours, f"{PASSWORD}\n".encode())
    said = await process.stdout.read()
    await process.wait()
    os.close(ours)
    os.close(theirs)
    return said.decode()


async def test_the_first_admin_is_made_and_can_sign_in(town: Town) -> None:
    code, said = await manage(town, *ADD, "--all-offices")
    assert (code, said) == (
        0, "Made the account first.admin (admin; mitte). The password is changed at the first sign-in.\n",
    )  # fmt: skip
    async with Member(str(town.client.base_url), "first.admin") as admin:
        assert (await admin.sign_in(PASSWORD)).status_code == 303
        assert (await admin.get("/de/staff/accounts")).headers["location"] == "/de/staff/account/password"
        assert (await manage(town, *ADD, "--all-offices"))[1].startswith("There is already an account of this name.")
        reset = await manage(town, "reset-password", *ADD[1:5], password="another long one")  # noqa: S106
        assert reset[0] == 0
        assert (await admin.get("/de/staff")).headers["location"].startswith("/de/staff/sign-in")
        assert (await admin.sign_in("another long one")).status_code == 303
        code, said = await manage(town, "disable", *ADD[1:5])
        assert (code, "last account that manages accounts" in said) == (1, True)


async def test_only_who_types_the_first_accounts_password_keeps_it(town: Town) -> None:
    add = ("add", "--tenant", "duesseldorf", "--name", "Somebody", "--role", "clerk", "--all-offices", "--login")
    assert (await manage_at_a_prompt(town, *add, "own")).endswith(").\n")
    assert (await manage_at_a_prompt(town, *add, "other")).endswith("The password is changed at the first sign-in.\n")
    for login, page in (("own", ""), ("other", "/de/staff/account/password")):
        async with Member(str(town.client.base_url), login, "duesseldorf.localhost") as someone:
            assert (await someone.sign_in(PASSWORD)).status_code == 303
            answer = await someone.get("/de/staff/account/second-factor")
            assert answer.headers.get("location", "") == page, login


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--tenant": "nowhere"}, "There is no tenant nowhere. There are: duesseldorf, musterstadt."),
        ({"--login": "a b"}, "--login: use 3 to 64 small letters"),
        ({"--office": "nowhere"}, "There is no office nowhere. There are: mitte."),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence(town: Town, changes: dict[str, str], sentence: str) -> None:
    options = dict(zip(ADD[1::2], ADD[2::2], strict=True)) | {"--office": "mitte"} | changes
    code, said = await manage(town, "add", *(text for pair in options.items() for text in pair))
    assert code == 1
    assert said.splitlines()[-1].startswith(sentence)


async def test_a_short_password_or_a_part_that_is_away_is_said_too(town: Town) -> None:
    options = (*ADD, "--office", "mitte")
    assert "at least 12 characters" in (await manage(town, *options, password="short"))[1]  # noqa: S106
    away = await manage(town, *options, BOOKING_URL="http://127.0.0.1:1")
    assert (away[0], "booking, which does not answer" in away[1]) == (1, True)
    away = await manage(town, *options, DATABASE_URL="postgresql+asyncpg://x@127.0.0.1:1/x")
    assert (away[0], "database does not answer" in away[1]) == (1, True)


async def test_an_account_of_the_provider_gets_no_password(town: Town) -> None:
    login = await add_account(town.installation, "clerk")
    await town.installation.rows(
        "gateway", "UPDATE staff_accounts SET password_hash = NULL, provider_subject = 's' WHERE login = :login",
        login=login,
    )  # fmt: skip
    code, said = await manage(town, "reset-password", "--tenant", "musterstadt", "--login", login)
    assert (code, "signs in at the provider" in said) == (1, True)

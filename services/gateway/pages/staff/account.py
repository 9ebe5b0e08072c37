"""One's own account: password, second factor, signing out everywhere."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response

from services.gateway import accounts, members, passwords, second_factor, sessions
from services.gateway.attempts import TooManyAttempts
from services.gateway.forms import CurrentForm, Form
from services.gateway.models import audit_entries
from services.gateway.pages.staff.errand import Errand, OfHolder, OfMember, OfOwner
from services.gateway.pages.staff.signing_in import WRONG_CODE, wait_text
from services.gateway.render import N_, PERSONAL, PageNotFound, Problem
from services.gateway.signing_in import Client, set_password
from shared import audit
from shared.db import Session

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/account")

WRONG_PASSWORD = N_("This is not your present password. Please check it.")
NOT_TWICE = N_("The two new passwords differ. Please type the new one twice.")
SAME = N_("The new password is the present one. Please choose another.")


@router.get("")
async def show(mine: OfMember) -> Response:
    """Show what the account is, and what can be done with it."""
    return mine.page("account", account=mine.member.account)


@router.get("/password")
async def ask_password(mine: OfHolder) -> Response:
    """Ask for a new password."""
    _check_local(mine)
    return _password_page(mine)


@router.post("/password")
async def change_password(form: CurrentForm, mine: OfHolder) -> Response:
    """Change the password, which signs out everywhere else."""
    _check_local(mine)
    if problems := mine.check(form):
        return _password_page(mine, problems, 403)
    try:
        problems = await _password_problems(mine, form)
    except TooManyAttempts as error:
        return _password_page(mine, [Problem("present", wait_text(mine.language, error))], 429)
    if problems:
        return _password_page(mine, problems, 422)
    hashed = await asyncio.to_thread(passwords.hash_of, form["password"])

    async def work(session: Session) -> None:
        account = mine.member.account
        await set_password(session, account["id"], hashed, must_change=False, key=mine.member.key)
        audit.add(session, audit_entries, mine.who, "password-changed", target=account["login"])

    await mine.run(work)
    return mine.go_to("/account")


@router.get("/second-factor")
async def offer_second_factor(mine: OfOwner) -> Response:
    """Show the QR code for a phone; who has one sees what can be done with it."""
    _check_local(mine)
    return _factor_page(mine)


@router.get("/second-factor/code.svg")
async def draw_code(mine: OfOwner) -> Response:
    """Return the QR code as a picture that stays nowhere."""
    account = mine.member.account
    if account["password_hash"] is None or account["totp_secret"] is not None:
        raise PageNotFound("There is no such picture.")
    address = second_factor.address(_proposed(mine), account, mine.tenant.name)
    return Response(second_factor.picture(address), media_type="image/svg+xml", headers={"Cache-Control": PERSONAL})


@router.post("/second-factor")
async def set_second_factor(form: CurrentForm, mine: OfOwner) -> Response:
    """Take a phone whose first code is right; show the recovery codes, once.

    The password is asked for once more: whoever finds a browser open cannot make the account theirs.
    """
    _check_local(mine)
    account, factor = mine.member.account, mine.signing_in.factor
    if account["totp_secret"] is not None:  # pressed twice, or in two tabs
        return mine.go_to("/account/second-factor")
    if refused := await _refuse_present(mine, form):
        return refused
    secret = _proposed(mine)
    step = second_factor.step_of(secret, form.get("code", ""), account["totp_step"])
    if step is None:
        return _factor_page(mine, [mine.problem("code", WRONG_CODE)], 422)
    codes, hashes = factor.new_recovery_codes(account)
    values = {"totp_secret": factor.seal(secret), "totp_step": step, "recovery_hashes": hashes}

    async def work(session: Session) -> bool:
        now = await accounts.find_locked(session, account["id"])
        if now is None or now["totp_secret"] is not None:  # another session was quicker
            return False
        await accounts.change(session, now["id"], **values)
        await sessions.end_all(session, now["id"], but=mine.member.key)
        audit.add(session, audit_entries, mine.who, "second-factor-set", target=now["login"])
        return True

    if not await mine.run(work):
        return mine.go_to("/account/second-factor")
    return mine.page("recovery_codes", codes=codes)


@router.post("/second-factor/recovery-codes")
async def renew_recovery_codes(form: CurrentForm, mine: OfMember) -> Response:
    """Replace the recovery codes, for which a code is asked; show them, once."""
    if refused := await _refuse_code(mine, form):
        return refused
    codes, hashes = mine.signing_in.factor.new_recovery_codes(mine.member.account)
    await _change(mine, "recovery-codes-renewed", recovery_hashes=hashes)
    return mine.page("recovery_codes", codes=codes)


@router.post("/second-factor/remove")
async def remove_second_factor(form: CurrentForm, mine: OfMember) -> Response:
    """Forget the phone, for which a code is asked; where it is needed, another is asked for at once."""
    if refused := await _refuse_code(mine, form):
        return refused
    await _change(mine, "second-factor-removed", totp_secret=None, recovery_hashes=[])
    return mine.go_to("/account")


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(form: CurrentForm, mine: OfHolder) -> Response:
    """End all sessions of the account, this one too."""
    if problems := mine.check(form):
        return mine.page("account", problems, 403, account=mine.member.account)

    async def work(session: Session) -> None:
        await sessions.end_all(session, mine.member.account["id"])
        audit.add(session, audit_entries, mine.who, "signed-out-everywhere", target=mine.member.account["login"])

    await mine.run(work)
    answer = mine.go_to("/sign-in")
    secure = mine.request.url.scheme == "https"
    answer.delete_cookie(members.cookie_name(mine.request), secure=secure, httponly=True, samesite="lax")
    return answer


async def _refuse_present(mine: Errand, form: Form) -> Response | None:
    if problems := mine.check(form):
        return _factor_page(mine, problems, 403)
    try:
        problem, status = await _present_problem(mine, form), 422
    except TooManyAttempts as error:
        problem, status = Problem("present", wait_text(mine.language, error)), 429
    return _factor_page(mine, [problem], status) if problem else None


async def _present_problem(mine: Errand, form: Form) -> Problem | None:
    """Return the problem if this is not the present password; raise `TooManyAttempts`."""
    login = mine.member.account["login"]
    # Counted like signing in, or an open browser would be a place to guess at.
    address = mine.request.client.host if mine.request.client else ""
    client = Client(address, mine.signing_in.known_mark(mine.tenant.id, login))
    if await mine.signing_in.check_password(mine.tenant.id, login, form.get("present", ""), client) is None:
        return mine.problem("present", WRONG_PASSWORD)
    return None


async def _password_problems(mine: Errand, form: Form) -> list[Problem]:
    login, new = mine.member.account["login"], form.get("password", "")
    if problem := await _present_problem(mine, form):
        return [problem]
    fault = passwords.fault(new, login) or (SAME if new == form.get("present") else None)
    if fault:
        return [mine.problem("password", fault)]
    return [] if new == form.get("again") else [mine.problem("again", NOT_TWICE)]


async def _refuse_code(mine: Errand, form: Form) -> Response | None:
    if problems := mine.check(form):
        return _factor_page(mine, problems, 403)
    if mine.member.account["totp_secret"] is None:
        return mine.go_to("/account/second-factor")
    try:
        if await mine.signing_in.check_code(mine.tenant.id, mine.member.account, form.get("code", "")):
            return None
        problem, status = mine.problem("code", WRONG_CODE), 422
    except TooManyAttempts as error:
        problem, status = Problem("code", wait_text(mine.language, error)), 429
    return _factor_page(mine, [problem], status)


async def _change(mine: Errand, action: str, **values: Any) -> None:  # noqa: ANN401  columns
    async def work(session: Session) -> None:
        await accounts.change(session, mine.member.account["id"], **values)
        audit.add(session, audit_entries, mine.who, action, target=mine.member.account["login"])

    await mine.run(work)


def _check_local(mine: Errand) -> None:
    if mine.member.account["password_hash"] is None:
        raise PageNotFound("This account signs in elsewhere.")


def _proposed(mine: Errand) -> str:
    return mine.signing_in.factor.proposed(mine.member.account, mine.member.key)


def _password_page(mine: Errand, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    return mine.page("password", problems, status, first=mine.member.account["must_change_password"])


def _factor_page(mine: Errand, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    account = mine.member.account
    return mine.page(
        "second_factor", problems, status, has=account["totp_secret"] is not None,
        secret=second_factor.grouped(_proposed(mine)), needed=mine.signing_in.needs_second_factor(account),
        left=len(account["recovery_hashes"]),
    )  # fmt: skip

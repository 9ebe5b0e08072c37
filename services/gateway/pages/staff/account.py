"""One's own account: password, second factor, signing out everywhere."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from services.gateway import accounts, members, passwords, second_factor, sessions
from services.gateway.attempts import TooManyAttempts
from services.gateway.doors import CurrentTenant
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.members import CurrentHolder, CurrentMember, Member
from services.gateway.models import audit_entries
from services.gateway.pages.staff.signing_in import WRONG_CODE, go, wait_text
from services.gateway.render import N_, PERSONAL, CurrentLanguage, PageNotFound, Problem, page, translate
from services.gateway.second_factor import SecondFactor
from services.gateway.signing_in import Client, SigningIn, set_password
from shared import audit
from shared.db import Session
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/account")

WRONG_PASSWORD = N_("This is not your present password. Please check it.")
NOT_TWICE = N_("The two new passwords differ. Please type the new one twice.")
SAME = N_("The new password is the present one. Please choose another.")


@router.get("")
async def show(request: Request, tenant: CurrentTenant, language: CurrentLanguage, member: CurrentMember) -> Response:
    """Show what the account is, and what can be done with it."""
    return page(request, language, "staff/account.html", tenant, member=member, account=member.account)


@router.get("/password")
async def ask_password(
    request: Request, tenant: CurrentTenant, language: CurrentLanguage, holder: CurrentHolder
) -> Response:
    """Ask for a new password."""
    _check_local(holder)
    return _password_page(request, tenant, language, holder)


@router.post("/password")
async def change_password(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, holder: CurrentHolder
) -> Response:
    """Change the password, which signs out everywhere else."""
    _check_local(holder)
    if problems := check_genuine(request, form, language):
        return _password_page(request, tenant, language, holder, problems, 403)
    try:
        problems = await _password_problems(request, tenant, language, holder, form)
    except TooManyAttempts as error:
        return _password_page(request, tenant, language, holder, [Problem("present", wait_text(language, error))], 429)
    if problems:
        return _password_page(request, tenant, language, holder, problems, 422)
    hashed = await asyncio.to_thread(passwords.hash_of, form["password"])

    async def work(session: Session) -> None:
        await set_password(session, holder.account["id"], hashed, must_change=False, key=holder.key)
        audit.add(session, audit_entries, holder.identity, "password-changed", target=holder.account["login"])

    await request.app.state.service.database.run(work, tenant.id)
    return go(f"/{language}/staff/account")


@router.get("/second-factor")
async def offer_second_factor(
    request: Request, tenant: CurrentTenant, language: CurrentLanguage, holder: CurrentHolder
) -> Response:
    """Show the QR code for a phone; who has one sees what can be done with it."""
    _check_local(holder)
    return _factor_page(request, tenant, language, holder)


@router.get("/second-factor/code.svg")
async def draw_code(request: Request, tenant: CurrentTenant, holder: CurrentHolder) -> Response:
    """Return the QR code as a picture that stays nowhere."""
    if holder.account["password_hash"] is None or holder.account["totp_secret"] is not None:
        raise PageNotFound("There is no such picture.")
    address = second_factor.address(_proposed(request, holder), holder.account, tenant.name)
    return Response(second_factor.picture(address), media_type="image/svg+xml", headers={"Cache-Control": PERSONAL})


@router.post("/second-factor")
async def set_second_factor(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, holder: CurrentHolder
) -> Response:
    """Take a phone whose first code is right; show the recovery codes, once."""
    _check_local(holder)
    if problems := check_genuine(request, form, language):
        return _factor_page(request, tenant, language, holder, problems, 403)
    if holder.account["totp_secret"] is not None:  # pressed twice, or in two tabs
        return go(f"/{language}/staff/account/second-factor")
    secret = _proposed(request, holder)
    step = second_factor.step_of(secret, form.get("code", ""), holder.account["totp_step"])
    if step is None:
        return _factor_page(request, tenant, language, holder, [Problem("code", translate(language, WRONG_CODE))], 422)
    factor: SecondFactor = request.app.state.signing_in.factor
    codes, hashes = factor.new_recovery_codes(holder.account)
    values = {"totp_secret": factor.seal(secret), "totp_step": step, "recovery_hashes": hashes}

    async def work(session: Session) -> bool:
        now = await accounts.find_locked(session, holder.account["id"])
        if now is None or now["totp_secret"] is not None:  # another session was quicker
            return False
        await accounts.change(session, now["id"], **values)
        audit.add(session, audit_entries, holder.identity, "second-factor-set", target=now["login"])
        return True

    if not await request.app.state.service.database.run(work, tenant.id):
        return go(f"/{language}/staff/account/second-factor")
    return page(request, language, "staff/recovery_codes.html", tenant, member=holder, codes=codes)


@router.post("/second-factor/recovery-codes")
async def renew_recovery_codes(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, member: CurrentMember
) -> Response:
    """Replace the recovery codes, for which a code is asked; show them, once."""
    if refused := await _refuse_code(request, form, tenant, language, member):
        return refused
    codes, hashes = request.app.state.signing_in.factor.new_recovery_codes(member.account)
    await _change(request, tenant, member, "recovery-codes-renewed", recovery_hashes=hashes)
    return page(request, language, "staff/recovery_codes.html", tenant, member=member, codes=codes)


@router.post("/second-factor/remove")
async def remove_second_factor(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, member: CurrentMember
) -> Response:
    """Forget the phone, for which a code is asked; where it is needed, another is asked for at once."""
    if refused := await _refuse_code(request, form, tenant, language, member):
        return refused
    await _change(request, tenant, member, "second-factor-removed", totp_secret=None, recovery_hashes=[])
    return go(f"/{language}/staff/account")


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(
    request: Request, form: CurrentForm, tenant: CurrentTenant, language: CurrentLanguage, holder: CurrentHolder
) -> Response:
    """End all sessions of the account, this one too."""
    if check_genuine(request, form, language):
        return go(f"/{language}/staff/account")
    async with request.app.state.service.database.transaction(tenant.id) as session:
        await sessions.end_all(session, holder.account["id"])
        audit.add(session, audit_entries, holder.identity, "signed-out-everywhere", target=holder.account["login"])
    answer = go(f"/{language}/staff/sign-in")
    secure = request.url.scheme == "https"
    answer.delete_cookie(members.cookie_name(request), secure=secure, httponly=True, samesite="lax")
    return answer


async def _password_problems(
    request: Request, tenant: Tenant, language: str, holder: Member, form: CurrentForm
) -> list[Problem]:
    login, new = holder.account["login"], form.get("password", "")
    signing_in: SigningIn = request.app.state.signing_in
    # Counted like signing in, or an open browser would be a place to guess at.
    client = Client(request.client.host if request.client else "", signing_in.known_mark(tenant.id, login))
    if await signing_in.check_password(tenant.id, login, form.get("present", ""), client) is None:
        return [Problem("present", translate(language, WRONG_PASSWORD))]
    fault = passwords.fault(new, login) or (SAME if new == form.get("present") else None)
    if fault:
        return [Problem("password", translate(language, fault))]
    return [] if new == form.get("again") else [Problem("again", translate(language, NOT_TWICE))]


async def _refuse_code(
    request: Request, form: CurrentForm, tenant: Tenant, language: str, member: Member
) -> Response | None:
    if problems := check_genuine(request, form, language):
        return _factor_page(request, tenant, language, member, problems, 403)
    if member.account["totp_secret"] is None:
        return go(f"/{language}/staff/account/second-factor")
    try:
        if await request.app.state.signing_in.check_code(tenant.id, member.account, form.get("code", "")):
            return None
        problem, status = Problem("code", translate(language, WRONG_CODE)), 422
    except TooManyAttempts as error:
        problem, status = Problem("code", wait_text(language, error)), 429
    return _factor_page(request, tenant, language, member, [problem], status)


async def _change(request: Request, tenant: Tenant, member: Member, action: str, **values: Any) -> None:  # noqa: ANN401  columns
    async def work(session: Session) -> None:
        await accounts.change(session, member.account["id"], **values)
        audit.add(session, audit_entries, member.identity, action, target=member.account["login"])

    await request.app.state.service.database.run(work, tenant.id)


def _check_local(holder: Member) -> None:
    if holder.account["password_hash"] is None:
        raise PageNotFound("This account signs in elsewhere.")


def _proposed(request: Request, holder: Member) -> str:
    factor: SecondFactor = request.app.state.signing_in.factor
    return factor.proposed(holder.account, holder.key)


def _password_page(
    request: Request, tenant: Tenant, language: str, holder: Member, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    first = holder.account["must_change_password"]
    return page(
        request, language, "staff/password.html", tenant, member=holder, status=status, problems=problems, first=first
    )


def _factor_page(
    request: Request, tenant: Tenant, language: str, holder: Member, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    return page(
        request, language, "staff/second_factor.html", tenant, member=holder, status=status, problems=problems,
        has=holder.account["totp_secret"] is not None, secret=second_factor.grouped(_proposed(request, holder)),
        needed=request.app.state.signing_in.needs_second_factor(holder.account),
        left=len(holder.account["recovery_hashes"]),
    )  # fmt: skip

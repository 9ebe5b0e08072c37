"""The accounts of the staff, for those who manage them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.gateway import accounts, managing, passwords
from services.gateway.accounts import ROLES, Account
from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.forms import CurrentForm, Form, check_genuine
from services.gateway.managing import AccountRefused
from services.gateway.members import Member, require
from services.gateway.pages.staff.signing_in import go
from services.gateway.render import N_, CurrentLanguage, PageNotFound, Problem, page, translate
from shared.db import Session
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/accounts")
Manager = Annotated[Member, Depends(require("account"))]
Offices = Sequence[Mapping[str, Any]]

BAD_LOGIN = N_("Please use 3 to 64 small letters, digits, dots, hyphens or underscores; no blanks.")
NO_NAME = N_("Please enter a name of at most 200 characters.")
NO_ROLES = N_("Please choose at least one role.")
UNKNOWN_OFFICE = N_("Please choose offices from the list.")


@router.get("")
async def list_accounts(
    request: Request, tenant: CurrentTenant, language: CurrentLanguage, member: Manager, offers: OffersOfTenants
) -> Response:
    """Show all accounts."""
    async with request.app.state.service.database.transaction(tenant.id) as session:
        found = await accounts.list_all(session)
    names = {office["id"]: office["name"] for office in (await offers.get(tenant.id)).offices}
    return page(request, language, "staff/accounts.html", tenant, member=member, accounts=found, office_names=names)


@router.get("/new")
async def ask_new(
    request: Request, tenant: CurrentTenant, language: CurrentLanguage, member: Manager, offers: OffersOfTenants
) -> Response:
    """Ask for a new account."""
    return _form_page(request, tenant, language, member, (await offers.get(tenant.id)).offices)


@router.post("/new")
async def create(
    request: Request,
    form: CurrentForm,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Manager,
    offers: OffersOfTenants,
) -> Response:
    """Make an account; show its first password, once."""
    offices = (await offers.get(tenant.id)).offices
    login = accounts.normal(form.get("login", ""))
    problems, status = check_genuine(request, form, language), 403
    if not problems:
        problems, status = _problems(form, offices, language, login), 422
    password = passwords.new_password()
    if not problems:
        values = {
            "roles": form["roles"].split(), "offices": form.get("offices", "").split(), "must_change_password": True,
            "password_hash": await asyncio.to_thread(passwords.hash_of, password),
        }  # fmt: skip

        async def work(session: Session) -> Account:
            return await managing.create(session, member.identity, login, form["name"].strip(), **values)

        try:
            made = await request.app.state.service.database.run(work, tenant.id)
        except AccountRefused as error:
            problems, status = [Problem("login", translate(language, error.detail))], 409
        else:
            return _password_page(request, tenant, language, member, made, password)
    return _form_page(request, tenant, language, member, offices, problems=problems, status=status, form=form)


@router.get("/{account_id}")
async def ask_change(
    request: Request,
    account_id: UUID,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Manager,
    offers: OffersOfTenants,
) -> Response:
    """Show an account, to change it."""
    account = await _find(request, tenant, account_id)
    return _form_page(request, tenant, language, member, (await offers.get(tenant.id)).offices, account)


@router.post("/{account_id}")
async def change(
    request: Request,
    form: CurrentForm,
    account_id: UUID,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Manager,
    offers: OffersOfTenants,
) -> Response:
    """Change name, roles and offices."""
    offices = (await offers.get(tenant.id)).offices
    account = await _find(request, tenant, account_id)
    problems, status = check_genuine(request, form, language), 403
    if not problems:
        problems, status = _problems(form, offices, language), 422
    if not problems:
        name, roles, at = form["name"].strip(), form["roles"].split(), form.get("offices", "").split()

        async def work(session: Session) -> Account:
            return await managing.change(session, member.identity, account_id, name=name, roles=roles, offices=at)

        try:
            await request.app.state.service.database.run(work, tenant.id)
        except AccountRefused as error:
            problems, status = [Problem("", translate(language, error.detail))], 409
        else:
            return go(f"/{language}/staff/accounts")
    return _form_page(request, tenant, language, member, offices, account, problems, status, form)


@router.post("/{account_id}/reset-password")
async def reset_password(
    request: Request,
    form: CurrentForm,
    account_id: UUID,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Manager,
    offers: OffersOfTenants,
) -> Response:
    """Give an account a new password, which has to be changed at the first sign-in; show it, once."""
    account = await _find(request, tenant, account_id)
    if check_genuine(request, form, language) or account["password_hash"] is None:
        return go(f"/{language}/staff/accounts/{account_id}")
    password = passwords.new_password()
    hashed = await asyncio.to_thread(passwords.hash_of, password)

    async def work(session: Session) -> Account:
        return await managing.reset_password(session, member.identity, account_id, hashed)

    try:
        found = await request.app.state.service.database.run(work, tenant.id)
    except AccountRefused as error:
        problems, offices = [Problem("", translate(language, error.detail))], (await offers.get(tenant.id)).offices
        return _form_page(request, tenant, language, member, offices, account, problems, 409)
    return _password_page(request, tenant, language, member, found, password)


Act = Callable[[Session, Any, UUID], Awaitable[None]]
ACTS: Mapping[str, Act] = {
    "disable": managing.disable,
    "enable": managing.enable,
    "remove-second-factor": managing.remove_second_factor,
}


@router.post("/{account_id}/{act}")
async def do(
    request: Request,
    form: CurrentForm,
    account_id: UUID,
    act: str,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: Manager,
    offers: OffersOfTenants,
) -> Response:
    """Disable or enable an account, or forget its second factor."""
    if act not in ACTS:
        raise PageNotFound("There is no such page.")
    account = await _find(request, tenant, account_id)
    problems, status = check_genuine(request, form, language), 403
    if not problems:

        async def work(session: Session) -> None:
            await ACTS[act](session, member.identity, account_id)

        try:
            await request.app.state.service.database.run(work, tenant.id)
        except AccountRefused as error:
            problems, status = [Problem("", translate(language, error.detail))], 409
        else:
            return go(f"/{language}/staff/accounts")
    offices = (await offers.get(tenant.id)).offices
    return _form_page(request, tenant, language, member, offices, account, problems, status)


async def _find(request: Request, tenant: Tenant, account_id: UUID) -> Account:
    async with request.app.state.service.database.transaction(tenant.id) as session:
        found = await accounts.find_by_id(session, account_id)
    if found is None:
        raise managing.AccountNotFound("There is no such account.")
    return found


def _problems(form: Form, offices: Offices, language: str, login: str | None = None) -> list[Problem]:
    known = {office["id"] for office in offices}
    faults = {
        "login": BAD_LOGIN if login is not None and not accounts.LOGIN.fullmatch(login) else "",
        "name": "" if 1 <= len(form.get("name", "").strip()) <= 200 and form["name"].isprintable() else NO_NAME,  # noqa: PLR2004  as it says
        "roles": "" if form.get("roles", "").split() and set(form["roles"].split()) <= set(ROLES) else NO_ROLES,
        "offices": "" if set(form.get("offices", "").split()) <= known else UNKNOWN_OFFICE,
    }
    return [Problem(field, translate(language, text)) for field, text in faults.items() if text]


def _form_page(
    request: Request,
    tenant: Tenant,
    language: str,
    member: Member,
    offices: Offices,
    account: Account | None = None,
    problems: Sequence[Problem] = (),
    status: int = 200,
    form: Form | None = None,
) -> Response:
    shown: Mapping[str, Any] = account or {"login": "", "name": "", "roles": [], "offices": []}
    if form is not None:
        typed = {name: form.get(name, "").split() for name in ("roles", "offices")}
        shown = {**shown, "login": form.get("login", shown["login"]), "name": form.get("name", ""), **typed}
    return page(
        request, language, "staff/account_form.html", tenant, member=member, status=status, problems=problems,
        account=account, shown=shown, roles=ROLES, offices=offices,
        is_own=account is not None and str(account["id"]) == member.identity.subject,
    )  # fmt: skip


def _password_page(
    request: Request, tenant: Tenant, language: str, member: Member, account: Account, password: str
) -> Response:
    return page(
        request, language, "staff/new_password.html", tenant, member=member, account=account, password=password,
        behind_language="staff/accounts",
    )  # fmt: skip

"""The accounts of the staff, for those who manage them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.gateway import accounts, managing, passwords
from services.gateway.accounts import ROLES, Account
from services.gateway.doors import OffersOfTenants
from services.gateway.forms import CurrentForm, Form
from services.gateway.managing import AccountRefused
from services.gateway.offers import OfferBook
from services.gateway.pages.staff.errand import Errand, OfManager
from services.gateway.render import N_, PageNotFound, Problem
from shared.db import Session

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/accounts")

BAD_LOGIN = N_("Please use 3 to 64 small letters, digits, dots, hyphens or underscores; no blanks.")
NO_NAME = N_("Please enter a name of at most 200 characters.")
NO_ROLES = N_("Please choose at least one role.")
UNKNOWN_OFFICE = N_("Please choose offices from the list.")


@dataclass(frozen=True)
class Managing:
    """One request of who manages accounts. `account`: the one of the address, if it is about one."""

    errand: Errand
    offers: OfferBook
    account: Account | None = None

    async def offices(self) -> Sequence[Mapping[str, Any]]:
        """Return the offices; raise `ServiceAway`."""
        return (await self.offers.get(self.errand.tenant.id)).offices

    async def form_page(
        self, problems: Sequence[Problem] = (), status: int = 200, form: Form | None = None
    ) -> Response:
        """Show the account, or ask for a new one. `form`: what was typed."""
        shown: Mapping[str, Any] = self.account or {"login": "", "name": "", "roles": [], "offices": []}
        if form is not None:
            typed = {name: form.get(name, "").split() for name in ("roles", "offices")}
            shown = {**shown, "login": form.get("login", shown["login"]), "name": form.get("name", ""), **typed}
        return self.errand.page(
            "account_form", problems, status, account=self.account, shown=shown, roles=ROLES,
            offices=await self.offices(),
            is_own=self.account is not None and str(self.account["id"]) == self.errand.who.subject,
        )  # fmt: skip

    async def refused(self, error: AccountRefused, field: str = "", form: Form | None = None) -> Response:
        """Show why it is not possible."""
        return await self.form_page([self.errand.problem(field, error.detail)], 409, form)

    def password_page(self, account: Account, password: str) -> Response:
        """Show a new password, once."""
        return self.errand.page("new_password", account=account, password=password, behind_language="staff/accounts")

    async def faults(self, form: Form, login: str | None = None) -> list[Problem]:
        """Return what is wrong with a form; with `login`, the name of a new account, too."""
        known = {office["id"] for office in await self.offices()}
        found = {
            "login": BAD_LOGIN if login is not None and not accounts.LOGIN.fullmatch(login) else "",
            "name": "" if 1 <= len(form.get("name", "").strip()) <= 200 and form["name"].isprintable() else NO_NAME,  # noqa: PLR2004  as it says
            "roles": "" if form.get("roles", "").split() and set(form["roles"].split()) <= set(ROLES) else NO_ROLES,
            "offices": "" if set(form.get("offices", "").split()) <= known else UNKNOWN_OFFICE,
        }
        return [self.errand.problem(field, text) for field, text in found.items() if text]


async def get_all(errand: OfManager, offers: OffersOfTenants) -> Managing:
    """Return the request, of who may manage accounts."""
    return Managing(errand, offers)


All = Annotated[Managing, Depends(get_all)]


@dataclass(frozen=True)
class ManagingOne(Managing):
    """One request about one account."""

    account: Account


async def get_one(errand: OfManager, offers: OffersOfTenants, account_id: UUID) -> ManagingOne:
    """Return the request, about an account that is there; raise `AccountNotFound`."""

    async def work(session: Session) -> Account | None:
        return await accounts.find_by_id(session, account_id)

    if (found := await errand.run(work)) is None:
        raise managing.AccountNotFound("There is no such account.")
    return ManagingOne(errand, offers, found)


One = Annotated[ManagingOne, Depends(get_one)]


@router.get("")
async def list_accounts(here: All) -> Response:
    """Show all accounts."""
    found = await here.errand.run(accounts.list_all)
    names = {office["id"]: office["name"] for office in await here.offices()}
    return here.errand.page("accounts", accounts=found, office_names=names)


@router.get("/new")
async def ask_new(here: All) -> Response:
    """Ask for a new account."""
    return await here.form_page()


@router.post("/new")
async def create(form: CurrentForm, here: All) -> Response:
    """Make an account; show its first password, once."""
    login, password = accounts.normal(form.get("login", "")), passwords.new_password()
    if problems := here.errand.check(form):
        return await here.form_page(problems, 403, form)
    if problems := await here.faults(form, login):
        return await here.form_page(problems, 422, form)
    values = {
        "roles": form["roles"].split(), "offices": form.get("offices", "").split(), "must_change_password": True,
        "password_hash": await asyncio.to_thread(passwords.hash_of, password),
    }  # fmt: skip

    async def work(session: Session) -> Account:
        return await managing.create(session, here.errand.who, login, form["name"].strip(), **values)

    try:
        return here.password_page(await here.errand.run(work), password)
    except AccountRefused as error:
        return await here.refused(error, "login", form)


@router.get("/{account_id}")
async def ask_change(here: One) -> Response:
    """Show an account, to change it."""
    return await here.form_page()


@router.post("/{account_id}")
async def change(form: CurrentForm, here: One) -> Response:
    """Change name, roles and offices."""
    if problems := here.errand.check(form):
        return await here.form_page(problems, 403, form)
    if problems := await here.faults(form):
        return await here.form_page(problems, 422, form)
    values = {"roles": form["roles"].split(), "offices": form.get("offices", "").split()}

    async def work(session: Session) -> Account:
        return await managing.change(session, here.errand.who, here.account["id"], name=form["name"].strip(), **values)

    try:
        await here.errand.run(work)
    except AccountRefused as error:
        return await here.refused(error, form=form)
    return here.errand.go_to("/accounts")


@router.post("/{account_id}/reset-password")
async def reset_password(form: CurrentForm, here: One) -> Response:
    """Give an account a new password, which has to be changed at the first sign-in; show it, once."""
    if here.errand.check(form) or here.account["password_hash"] is None:
        return here.errand.go_to(f"/accounts/{here.account['id']}")
    password = passwords.new_password()
    hashed = await asyncio.to_thread(passwords.hash_of, password)

    async def work(session: Session) -> Account:
        return await managing.reset_password(session, here.errand.who, here.account["id"], hashed)

    try:
        return here.password_page(await here.errand.run(work), password)
    except AccountRefused as error:
        return await here.refused(error)


Act = Callable[[Session, Any, UUID], Awaitable[None]]
ACTS: Mapping[str, Act] = {
    "disable": managing.disable,
    "enable": managing.enable,
    "remove-second-factor": managing.remove_second_factor,
}


@router.post("/{account_id}/{act}")
async def do(form: CurrentForm, act: str, here: One) -> Response:
    """Disable or enable an account, or forget its second factor."""
    if act not in ACTS:
        raise PageNotFound("There is no such page.")
    if problems := here.errand.check(form):
        return await here.form_page(problems, 403)

    async def work(session: Session) -> None:
        await ACTS[act](session, here.errand.who, here.account["id"])

    try:
        await here.errand.run(work)
    except AccountRefused as error:
        return await here.refused(error)
    return here.errand.go_to("/accounts")

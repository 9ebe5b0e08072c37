"""The plan editor: its versions, the form, the look at what changes, publishing and returning. It stores nothing."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import accounts, plan_forms
from services.gateway.backend import slug_of
from services.gateway.doors import Booking, CurrentTenant, OffersOfTenants
from services.gateway.forms import CurrentForm, Form, check_genuine
from services.gateway.members import Member, require
from services.gateway.moments import Moment
from services.gateway.plan_words import Words
from services.gateway.render import N_, PERSONAL, CurrentLanguage, PageNotFound, Problem, page
from shared.api_plans import MOST_CANCELLED

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/plan")

_REFUSED = {
    "plan-changed": N_("Somebody else has published a plan meanwhile. Please look again at what changes."),
    "plan-scheduled": N_("A plan waits to come into force. Please say whether this one is to replace it."),
    "plan-strands-appointments": N_("Please decide what becomes of these appointments. The list is as of now."),
    "plan-in-the-past": N_("Please choose a moment to come, within a year."),
}
_FIELDS = {"plan-scheduled": "replace", "plan-strands-appointments": "stranded-1", "plan-in-the-past": "date"}


class Editor:
    """Somebody at the plans of an office."""

    def __init__(
        self,
        request: Request,
        office: str,
        tenant: CurrentTenant,
        language: CurrentLanguage,
        member: Annotated[Member, Depends(require("figures"))],
        booking: Booking,
        offers: OffersOfTenants,
    ) -> None:
        self.request, self.office, self.tenant, self.language = request, office, tenant, language
        self.member, self._booking, self._offers = member, booking, offers
        self.address = f"/{language}/staff/offices/{office}/plan"

    async def ask(self, method: str, path: str = "", body: Mapping[str, Any] | None = None) -> httpx.Response:
        """Ask booking below this office's plans; raise `PageNotFound` for what is not there."""
        text = None if body is None else json.dumps(body)
        answer = await self.member.ask(self._booking, method, f"/staff/offices/{self.office}/plans{path}", body=text)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise PageNotFound("There is no such page.")
        return answer

    async def get(self, path: str = "") -> Any:  # noqa: ANN401  JSON
        """Return what booking knows."""
        answer = await self.ask("GET", path)
        if not answer.is_success:
            raise self._booking.away(f"status {answer.status_code}")
        return answer.json()

    async def in_force(self) -> dict[str, Any]:
        """Return the plan in force with what it says."""
        found: dict[str, Any] = await self.get(f"/{_version_in(await self.get(), 'in-force')}")
        return found

    def words(self, plan: Mapping[str, Any]) -> Words:
        """Return what puts things into words."""
        return Words(self.language, plan["desks"], {one["id"]: one for one in plan["concerns"]})

    def moment(self, text: str) -> Moment:
        """Return a moment that booking told, which is in the office's zone."""
        return Moment.of(datetime.fromisoformat(text), self.language)

    async def shown(
        self,
        template: str,
        status: int = 200,
        problems: list[Problem] | None = None,
        **values: Any,  # noqa: ANN401  the template's
    ) -> Response:
        """Return a page."""
        known = await self._offers.get(self.tenant.id)
        place = next((one for one in known.offices if one["id"] == self.office), None)
        if place is None:
            raise PageNotFound("There is no such page.")
        return page(
            self.request, self.language, f"staff/{template}.html", self.tenant, status=status, problems=problems or [],
            member=self.member, office=place, address=self.address, **values,
        )  # fmt: skip

    def go(self, rest: str = "") -> Response:
        """Go on to another page of the editor."""
        return RedirectResponse(self.address + rest, 303, {"Cache-Control": PERSONAL})


CurrentEditor = Annotated[Editor, Depends()]
MayPlan = [Depends(require("plan"))]


@router.get("")
async def list_versions(request: Request, editor: CurrentEditor) -> Response:
    """Show the versions, and for whom nobody is there any more."""
    versions = await editor.get()
    stranded = await editor.get("/stranded") if editor.member.may("desk") else []
    plan = await editor.get(f"/{_version_in(versions, 'in-force')}")
    async with request.app.state.service.database.transaction(editor.tenant.id) as session:
        names = await accounts.names(session, [one["published_by"] for one in versions if one["published_by"]])
    return await editor.shown(
        "plans", versions=versions, stranded=stranded, names=names, words=editor.words(plan), moment=editor.moment,
        done=request.query_params.get("done", ""),
    )  # fmt: skip


@router.get("/edit", dependencies=MayPlan)
async def begin(editor: CurrentEditor) -> Response:
    """Show the form, filled with the plan in force."""
    plan = await editor.in_force()
    return await _form(editor, plan, plan_forms.to_form(plan["document"], plan["desks"]))


@router.post("/edit", dependencies=MayPlan)
async def go_on(request: Request, form: CurrentForm, editor: CurrentEditor) -> Response:
    """Add a row, go back to the form with what was typed, or look at what changes."""
    plan = await editor.in_force()
    document = plan_forms.read(form)
    if "add" in form or "back" in form:
        plan_forms.add_row(document, form.get("add", ""))
        return await _form(editor, plan, document)
    if problems := check_genuine(request, form, editor.language):
        return await _form(editor, plan, document, problems, 403)
    answer = await editor.ask("POST", "/preview", {"document": document})
    if not answer.is_success:
        return await _form(editor, plan, document, _problems(editor, plan, answer), 422)
    return await _preview(editor, plan, answer.json(), plan_forms.carried(form), {})


@router.get("/return/{version}", dependencies=MayPlan)
async def look_back(version: int, editor: CurrentEditor) -> Response:
    """Show what the return to a version would change."""
    answer = await editor.ask("POST", "/preview", {"version": version})
    if not answer.is_success:
        raise PageNotFound("There is no such page.")
    return await _preview(editor, await editor.in_force(), answer.json(), {"version": str(version)}, {})


@router.post("/publish", dependencies=MayPlan)
async def publish(request: Request, form: CurrentForm, editor: CurrentEditor) -> Response:
    """Publish a draft, or an earlier version once more; what is refused is looked at again, nothing lost."""
    version, document = form.get("version", ""), plan_forms.read(form)
    what: dict[str, Any] = {"version": int(version)} if _is_number(version) else {"document": document}
    problems = check_genuine(request, form, editor.language)
    start, wrong = await _start(editor, form)
    if not (problems := problems + wrong):
        wanted = _wanted(form) | {"in_force_from": start}
        path = f"/{version}/return" if "version" in what else ""
        answer = await editor.ask("POST", path, wanted | ({} if path else what))
        if answer.is_success:
            return editor.go("?done=" + ("scheduled" if start else "published"))
        slug = slug_of(answer)
        told = N_("This cannot be published. Please check everything once more.")
        problems = [Problem(_FIELDS.get(slug, "send"), (await _words(editor)).say(_REFUSED.get(slug, told)))]
    plan = await editor.in_force()
    answer = await editor.ask("POST", "/preview", what)
    if not answer.is_success:
        if "version" in what:
            raise PageNotFound("There is no such page.")
        return await _form(editor, plan, document, _problems(editor, plan, answer), 422)
    carried = {"version": version} if "version" in what else plan_forms.carried(form)
    return await _preview(editor, plan, answer.json(), carried, form, problems)


@router.post("/withdraw", dependencies=MayPlan)
async def withdraw(request: Request, form: CurrentForm, editor: CurrentEditor) -> Response:
    """Withdraw a plan that waits; one that has come into force meanwhile stays."""
    version = form.get("version", "")
    if check_genuine(request, form, editor.language) or not _is_number(version):
        return editor.go()
    answer = await editor.ask("DELETE", f"/{version}")
    return editor.go("?done=withdrawn" if answer.is_success else "")


async def _form(
    editor: Editor,
    plan: Mapping[str, Any],
    document: Mapping[str, Any],
    problems: list[Problem] | None = None,
    status: int = 200,
) -> Response:
    return await editor.shown(
        "plan_edit", status, problems, plan=plan, document=document, words=editor.words(plan),
        weekdays=plan_forms.WEEKDAYS, languages=editor.tenant.languages,
    )  # fmt: skip


async def _preview(
    editor: Editor,
    plan: Mapping[str, Any],
    found: Mapping[str, Any],
    carried: Mapping[str, str],
    form: Form,
    problems: list[Problem] | None = None,
) -> Response:
    status = (403 if problems[0].field == "send" else 422) if problems else 200
    return await editor.shown(
        "plan_preview", status, problems, found=found, carried=carried, form=form, words=editor.words(plan),
        moment=editor.moment, most=MOST_CANCELLED,
    )  # fmt: skip


async def _words(editor: Editor) -> Words:
    return editor.words(await editor.in_force())


async def _start(editor: Editor, form: Form) -> tuple[str | None, list[Problem]]:
    """Return when the plan is to come into force, in the office's zone; nothing: at once."""
    if form.get("when") != "later":
        return None, []
    try:
        local = datetime.fromisoformat(f"{form.get('date', '')}T{form.get('time', '') or '00:00'}")
        zone = ZoneInfo(editor.tenant.zone)
        return (local if local.tzinfo else local.replace(tzinfo=zone)).isoformat(), []
    except ValueError:
        words = await _words(editor)
        return None, [Problem("date", words.say(N_("Please give a day and a time.")))]


def _wanted(form: Form) -> dict[str, Any]:
    return {
        "expect": int(form["expect"]) if _is_number(form.get("expect", "")) else 1,
        "note": form.get("note", "")[:300],
        "replace": int(form["replace"]) if _is_number(form.get("replace", "")) else None,
        "stranded": form["stranded"] if form.get("stranded") in {"keep", "cancel"} else None,
        "affected": form.get("affected", "").split(),
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0  # noqa: PLR2004  fits into booking's


def _problems(editor: Editor, plan: Mapping[str, Any], answer: httpx.Response) -> list[Problem]:
    words = editor.words(plan)
    return [words.problem(one) for one in answer.json().get("errors", []) if "rule" in one] or [
        Problem("", words.say(N_("Please check this.")))
    ]


def _version_in(versions: list[dict[str, Any]], state: str) -> int:
    return next(int(one["version"]) for one in versions if one["state"] == state)

"""The plan editor: its versions, the form, the look at what changes, publishing and returning. It stores nothing."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import APIRouter, Depends, Request, Response

from services.gateway import accounts, plan_forms
from services.gateway.backend import slug_of
from services.gateway.forms import CurrentForm, Form, check_genuine
from services.gateway.members import require
from services.gateway.pages.staff.plan_editor import CurrentEditor, Editor, version_in_force
from services.gateway.plan_words import Words
from services.gateway.render import N_, PageNotFound, Problem
from shared.api_plans import MOST_CANCELLED

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/plan")

_REFUSED = {
    "plan-changed": N_("Somebody else has published a plan meanwhile. Please look again at what changes."),
    "plan-scheduled": N_("A plan waits to come into force. Please say whether this one is to replace it."),
    "plan-strands-appointments": N_("Please decide what becomes of these appointments. The list is as of now."),
    "plan-in-the-past": N_("Please choose a moment to come, within a year."),
}
_FIELDS = {"plan-scheduled": "replace", "plan-strands-appointments": "stranded-1", "plan-in-the-past": "date"}
_EDITS = {"add", "back", "remove", "add-team"}  # the form's buttons that lead to it again
MayPlan = [Depends(require("plan"))]


@router.get("")
async def list_versions(request: Request, editor: CurrentEditor) -> Response:
    """Show the versions, and for whom nobody is there any more."""
    return await _versions(request, editor)


async def _versions(
    request: Request, editor: Editor, problems: list[Problem] | None = None, status: int = 200
) -> Response:
    versions = await editor.get()
    stranded = await editor.get("/stranded") if editor.member.may("desk") else []
    plan = await editor.get(f"/{version_in_force(versions)}")
    async with request.app.state.service.database.transaction(editor.tenant.id) as session:
        names = await accounts.list_names(session)
    return await editor.shown(
        "plans", status, problems, versions=versions, stranded=stranded, names=names, words=editor.words(plan),
        moment=editor.moment, done=request.query_params.get("done", ""),
    )  # fmt: skip


@router.get("/edit", dependencies=MayPlan)
async def begin(editor: CurrentEditor) -> Response:
    """Show the form, filled with the plan in force."""
    plan = await editor.in_force()
    return await _form(editor, plan, plan_forms.to_form(plan["document"], plan["desks"]))


@router.post("/edit", dependencies=MayPlan)
async def go_on(request: Request, form: CurrentForm, editor: CurrentEditor) -> Response:
    """Add a row or a team, take a team away, go back to the form with what was typed, or look at what changes."""
    plan = await editor.in_force()
    document = plan_forms.read(form)
    if _EDITS & form.keys():
        return await _edited(editor, plan, document, form)
    if problems := check_genuine(request, form, editor.language):
        return await _form(editor, plan, document, problems, 403, form)
    if plan_forms.new_team(form):
        return await _form(editor, plan, document, [_at_new_team(editor, plan, "not-added")], 422, form)
    answer = await editor.ask("POST", "/preview", {"document": document})
    if not answer.is_success:
        return await _form(editor, plan, document, _problems(editor, plan, document, answer), 422, form)
    found, problems = answer.json(), []
    if form.get("base", "") != str(found["expect"]):  # what the other one changed would be taken back unseen
        problems = [Problem("", editor.words(plan).say(_REFUSED["plan-changed"]))]
    return await _preview(editor, plan, found, plan_forms.carried(form), {}, problems)


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
    forged = check_genuine(request, form, editor.language)
    start, wrong = await _start(editor, form)
    if not (problems := forged + wrong):
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
        return await _form(editor, plan, document, _problems(editor, plan, document, answer), 422, form)
    carried = {"version": version} if "version" in what else plan_forms.carried(form)
    return await _preview(editor, plan, answer.json(), carried, form, problems, 403 if forged else 422)


@router.post("/withdraw", dependencies=MayPlan)
async def withdraw(request: Request, form: CurrentForm, editor: CurrentEditor) -> Response:
    """Withdraw a plan that waits; one that has come into force meanwhile stays."""
    version = form.get("version", "")
    if problems := check_genuine(request, form, editor.language):
        return await _versions(request, editor, problems, 403)
    if not _is_number(version):
        return editor.go()
    answer = await editor.ask("DELETE", f"/{version}")
    return editor.go("?done=withdrawn" if answer.is_success else "")


async def _form(
    editor: Editor,
    plan: Mapping[str, Any],
    document: Mapping[str, Any],
    problems: list[Problem] | None = None,
    status: int = 200,
    form: Form = MappingProxyType({}),
    removed: str = "",
) -> Response:
    """Show the plan as a form; `form`: what was sent, with the version that was in force when somebody began."""
    return await editor.shown(
        "plan_edit", status, problems, plan=plan, base=form.get("base") or plan["version"], document=document,
        words=editor.words(plan, _names(document)), weekdays=plan_forms.WEEKDAYS, languages=editor.tenant.languages,
        new_team=plan_forms.new_team(form), removed=removed,
    )  # fmt: skip


async def _edited(editor: Editor, plan: Mapping[str, Any], document: plan_forms.Document, form: Form) -> Response:
    """Show the form with what a button of it does: nothing of the plan in force changes."""
    problems, words, removed = [], editor.words(plan, _names(document)), form.get("remove", "")
    if "add-team" in form:
        called = [words.team(one) for one in document["teams"]]
        if rule := plan_forms.add_team(document, plan_forms.new_team(form), called):
            problems = [_at_new_team(editor, plan, rule)]
        else:
            form = {name: text for name, text in form.items() if not name.startswith(f"{plan_forms.NEW_TEAM}.")}
    elif removed in document["teams"]:
        if len(document["teams"]) == 1:
            problems, removed = [words.problem({"rule": "no-team", "field": "teams"})], ""
        else:
            del document["teams"][removed]
    else:
        removed = ""
        plan_forms.add_row(document, form.get("add", ""))
    removed = removed and words.team(removed)
    return await _form(editor, plan, document, problems, 422 if problems else 200, form, removed)


def _at_new_team(editor: Editor, plan: Mapping[str, Any], rule: str) -> Problem:
    return editor.words(plan).problem({"rule": rule, "field": f"{plan_forms.NEW_TEAM}.{editor.tenant.languages[0]}"})


def _names(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the names that a form gives to teams."""
    return {id_: team["name"] for id_, team in document["teams"].items() if team["name"]}


async def _preview(
    editor: Editor,
    plan: Mapping[str, Any],
    found: Mapping[str, Any],
    carried: Mapping[str, str],
    form: Form,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> Response:
    return await editor.shown(
        "plan_preview", status, problems, found=found, carried=carried, form=form,
        words=editor.words(plan, found["teams"]), moment=editor.moment, most=MOST_CANCELLED,
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


def _problems(
    editor: Editor, plan: Mapping[str, Any], document: Mapping[str, Any], answer: httpx.Response
) -> list[Problem]:
    words = editor.words(plan, _names(document))
    return [words.problem(one) for one in answer.json().get("errors", []) if "rule" in one] or [
        Problem("", words.say(N_("Please check this.")))
    ]

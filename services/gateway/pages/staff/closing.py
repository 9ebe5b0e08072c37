"""Closing a day: choose it, see whom that affects, and close it."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter, ValidationError

from services.gateway import moments
from services.gateway.forms import CurrentForm, check_genuine, flat
from services.gateway.pages.staff.day import listed, read_day
from services.gateway.pages.staff.desk import Desk, PlanningDesk
from services.gateway.render import N_, Problem, pick, translate
from shared.api_staff import MOST_AFFECTED, ClosedDay, Closing, ClosureReason

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/close-day")

DAY = N_("Please choose a day.")
REASON = N_("Please write why the day is closed, in 3 to 200 characters.")
TEAM = N_("Please choose a team from the list, or the whole office.")
_REASON: TypeAdapter[str] = TypeAdapter(ClosureReason)


@router.get("")
async def choose(desk: PlanningDesk) -> Response:
    """Ask which day, for whom, and why; with all of it in the address, show whom it affects."""
    query = flat(desk.request.query_params)
    if not query.get("asked"):
        return await _form_page(desk, query, [])
    return await _preview(desk, query, [])


@router.post("")
async def close(request: Request, form: CurrentForm, desk: PlanningDesk) -> Response:
    """Close it, when nobody is affected whom the page has not shown; pressing again changes nothing."""
    if problems := check_genuine(request, form, desk.language):
        return await _preview(desk, form, problems, 403)
    if _wrong(desk, form):
        return await _preview(desk, form, [])
    try:
        wanted = Closing.model_validate(
            {
                "day": read_day(form["day"]),
                "team": form.get("team"),
                "reason": {desk.language: form["reason"]},
                "numbers": form.get("numbers", "").split(),
            }
        )
    except ValidationError:
        return await _preview(desk, form, *desk.told("too-many-affected"))
    done, slug = await desk.ask("POST", f"/offices/{desk.office['id']}/closures", wanted)
    if slug:
        return await _preview(desk, form, *desk.told(slug))
    return desk.go_to(f"/day?day={wanted.day.isoformat()}&done=closed" if done else "/day")


def _wrong(desk: Desk, typed: Mapping[str, str]) -> list[Problem]:
    wrong = {} if read_day(typed.get("day", "")) else {"day": DAY}
    try:
        _REASON.validate_python(typed.get("reason", ""))
    except ValidationError:
        wrong["reason"] = REASON
    return [Problem(field, translate(desk.language, text)) for field, text in wrong.items()]


async def _form_page(desk: Desk, typed: Mapping[str, str], problems: Sequence[Problem], status: int = 422) -> Response:
    teams, _ = await desk.ask("GET", f"/offices/{desk.office['id']}/teams")
    values = {name: typed.get(name, "") for name in ("day", "team", "reason")}
    today = desk.today.isoformat()
    return desk.page("close", problems, status if problems else 200, typed=values, teams=teams, today=today)


async def _preview(desk: Desk, typed: Mapping[str, str], problems: Sequence[Problem], status: int = 422) -> Response:
    if wrong := _wrong(desk, typed):
        return await _form_page(desk, typed, wrong)
    teams, _ = await desk.ask("GET", f"/offices/{desk.office['id']}/teams")
    names = {team["id"]: pick(team["name"], desk.language) for team in teams}
    if typed.get("team") and typed["team"] not in names:
        return await _form_page(desk, typed, [Problem("team", translate(desk.language, TEAM))])
    wanted = ClosedDay.model_validate({"day": read_day(typed["day"]), "team": typed.get("team")})
    found, slug = await desk.ask("POST", f"/offices/{desk.office['id']}/closures/preview", wanted)
    if slug:
        return await _form_page(desk, typed, *desk.told(slug))
    affected = listed(desk, found["affected"])
    return desk.page(
        "close_check",
        problems,
        status if problems else 200,
        typed={"day": wanted.day.isoformat(), "team": wanted.team or "", "reason": typed["reason"].strip()},
        title=moments.long_date(wanted.day, desk.language),
        team=names.get(wanted.team or "", ""),
        closed=found["closed"],
        told=[one for one in affected if one["has_email"]],
        to_phone=[one for one in affected if not one["has_email"]],
        numbers=" ".join(one["number"] for one in affected),
        too_many=len(affected) > MOST_AFFECTED,
    )

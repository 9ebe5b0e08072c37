"""Who can open an application, and how its person is reached: a new code, online access, corrections."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway import drafts
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.staff.applications_case import after, case_page, shown
from services.gateway.pages.staff.applications_clerk import Clerk, CurrentClerk, path_of
from services.gateway.pages.staff.caller import EMAIL, LANGUAGE, NAME, PHONE
from services.gateway.render import N_, Problem
from services.gateway.wishes import BIRTH_DATE, read_birth_date
from shared.api_staff_applications import ContactCorrection, OnlineAccess

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/applications/{reference}")

CODE_DRAFT = "letter-code"
OPEN_OR_CLOSE = N_("Please use the button to open or close online access.")
FIELDS = ("name", "birth_date", "phone", "email", "language")
WRONG = {"name": NAME, "birth_date": BIRTH_DATE, "phone": PHONE, "email": EMAIL, "language": LANGUAGE}


@router.get("/code")
async def show_code(request: Request, reference: str, clerk: CurrentClerk) -> Response:
    """Show the letter with a code that was just made, to whoever made it; else ask whether one is to be made."""
    found = await clerk.find(reference)
    told = drafts.unseal(request, CODE_DRAFT, request.query_params.get("told", ""))
    if told.get("reference") != found["reference"]:
        return case_page(clerk, "code", found)
    is_new = request.query_params.get("done") == "registered"
    return case_page(clerk, "code_letter", found, told=told, is_new=is_new, today=clerk.today.isoformat())


@router.post("/code")
async def make_code(request: Request, reference: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Make a new code: what opened the application before does not any more."""
    if problems := check_genuine(request, form, clerk.language):
        return case_page(clerk, "code", await clerk.find(reference), problems, 403)
    made, slug = await clerk.ask("POST", f"{path_of(reference)}/code")
    if slug:
        return after(clerk, await clerk.find(reference), slug)
    return to_letter(request, clerk, made)


def to_letter(request: Request, clerk: Clerk, made: dict[str, str], done: str = "") -> Response:
    """Lead on to the letter; the code travels sealed for this browser."""
    told = {name: made[name] for name in ("reference", "code", "link")}
    query = {"told": drafts.seal(request, CODE_DRAFT, told)} | ({"done": done} if done else {})
    return clerk.go_to(f"/{told['reference']}/code?{urlencode(query)}")


@router.post("/access")
async def set_access(request: Request, reference: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Open or close online access; as it is already, nothing changes."""
    problems, status = check_genuine(request, form, clerk.language), 403
    is_open = {"yes": True, "no": False}.get(form.get("open", ""))
    if not problems and is_open is None:
        problems, status = [clerk.problem("", OPEN_OR_CLOSE)], 422
    if problems or is_open is None:
        return shown(clerk, await clerk.find(reference), problems, status)
    _, slug = await clerk.ask("PUT", f"{path_of(reference)}/online-access", OnlineAccess(open=is_open))
    if slug:
        return after(clerk, await clerk.find(reference), slug)
    return clerk.back_to(reference, "opened" if is_open else "closed")


@router.post("/contact")
async def correct(request: Request, reference: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Correct who a person is and how to reach them; correct already, nothing changes."""
    typed = {name: form.get(name, "").strip() for name in FIELDS}
    problems, status, wanted = check_genuine(request, form, clerk.language), 403, None
    if not problems:
        status = 422
        wanted, problems = read_contact(clerk, typed)
    if wanted and not problems:
        _, slug = await clerk.ask("PATCH", f"{path_of(reference)}/contact", wanted)
        if not slug:
            return clerk.back_to(reference, "corrected")
        problems, status = clerk.told(slug)
    return shown(clerk, await clerk.find(reference), problems, status, typed=typed)


def read_contact(clerk: Clerk, typed: dict[str, str]) -> tuple[ContactCorrection | None, list[Problem]]:
    """Return what was typed, or what has to be put right first, in the order of the page."""
    born = read_birth_date(typed["birth_date"])
    wrong, wanted = set[str](), None
    try:
        wanted = ContactCorrection.model_validate(typed | {"birth_date": born})
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors()}
    if born is None:
        wrong.add("birth_date")
    if typed["language"] not in clerk.languages:
        wrong.add("language")
    return wanted, [clerk.problem(name, WRONG[name]) for name in FIELDS if name in wrong]

"""Where an application stands; asking for it by mail; withdrawing it."""

from contextlib import suppress

from fastapi import APIRouter, Request, Response

from services.gateway.applications import NotAllowedNow
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.pages.applications.case import CurrentCase
from services.gateway.render import N_, Problem, go, translate

router = APIRouter(include_in_schema=False, prefix="/{lang}/applications/{reference}")

ENDED = ("decided", "withdrawn")
MAILS = ("will-be-sent", "no-address", "just-sent")
NOT_POSSIBLE = N_("The application can no longer be withdrawn here. Please call us.")


@router.get("")
async def show(case: CurrentCase) -> Response:
    """Show where it stands."""
    mail = case.request.query_params.get("mail", "")
    return case.page("show", await case.look(), mail=mail if mail in MAILS else "")


@router.post("/status-inquiries")
async def inquire(request: Request, form: CurrentForm, case: CurrentCase) -> Response:
    """Send where it stands to the address on file."""
    if problems := check_genuine(request, form, case.language):
        return case.page("show", await case.look(), problems, 403, mail="")
    return go(f"{case.address}?mail={await case.door.inquire(case.reference, case.bearer)}")


@router.get("/withdrawal")
async def ask_whether(case: CurrentCase) -> Response:
    """Ask whether it shall really be withdrawn, when there is something to withdraw."""
    found = await case.look()
    if found["scope"] != "all" or found["state"] in ENDED:
        return go(case.address)
    return case.page("withdraw", found)


@router.post("/withdrawal")
async def withdraw(request: Request, form: CurrentForm, case: CurrentCase) -> Response:
    """Withdraw it; pressing again changes nothing."""
    if problems := check_genuine(request, form, case.language):
        return case.page("withdraw", await case.look(), problems, 403)
    with suppress(NotAllowedNow):
        await case.door.withdraw(case.reference, case.bearer)
        return go(case.address)
    problem = Problem("", translate(case.language, NOT_POSSIBLE))
    return case.page("show", await case.look(), [problem], 409, mail="")


@router.get("/receipts/{receipt}")
async def show_receipt(receipt: str, case: CurrentCase) -> Response:
    """Show the proof that a file came in, to be printed."""
    found = await case.look()
    files = [(item, one) for item in found["items"] for one in item["documents"] if one["receipt"] == receipt]
    if not files:
        return go(case.address)
    item, file = files[0]
    return case.page("receipt", found, item=item, file=file)

"""What leaves an application for good: documents to the office's own records, all data to its person, the person."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.members import require
from services.gateway.pages.staff.applications_case import case_page
from services.gateway.pages.staff.applications_clerk import Clerk, CurrentClerk, path_of
from services.gateway.render import N_, PERSONAL, PageNotFound, Problem
from shared import references

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/applications/{reference}")

PENDING = N_("Files are still being checked. Please try again in some minutes.")
TYPE_IT = N_("Please type the reference of this application.")
DONE = {
    "handed-over": N_("The documents are marked as handed over. Please save them now in your records."),
    "erased": N_("The data of the person were erased."),
}
ZIP = "application/zip"


@router.get("/records")
async def show(reference: str, clerk: CurrentClerk) -> Response:
    """Show what can be taken along, and what can be erased."""
    return await _page(clerk, reference)


@router.post("/hand-over")
async def hand_over(request: Request, reference: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Mark the documents as handed over."""
    if problems := check_genuine(request, form, clerk.language):
        return await _page(clerk, reference, *problems, status=403)
    _, slug = await clerk.ask("POST", f"{path_of(reference)}/hand-over")
    if slug == "documents-pending":
        return await _page(clerk, reference, clerk.problem("", PENDING), status=409)
    return clerk.go_to(f"/{references.normalise(reference)}/records?done=handed-over")


@router.get("/hand-over.zip")
async def get_hand_over(reference: str, clerk: CurrentClerk) -> Response:
    """Hand on the documents, as they come."""
    return await _zip(clerk, reference, "hand-over")


@router.get("/export.zip")
async def get_export(reference: str, clerk: CurrentClerk) -> Response:
    """Hand on everything that is held about the person, as it comes."""
    return await _zip(clerk, reference, "export")


@router.post("/erasure", dependencies=[Depends(require("erasure"))])
async def erase(request: Request, reference: str, form: CurrentForm, clerk: CurrentClerk) -> Response:
    """Erase the person, when the reference was typed: it cannot be taken back."""
    if problems := check_genuine(request, form, clerk.language):
        return await _page(clerk, reference, *problems, status=403)
    if references.normalise(form.get("typed", "")) != references.normalise(reference):
        return await _page(clerk, reference, clerk.problem("typed", TYPE_IT), status=422)
    await clerk.ask("POST", f"{path_of(reference)}/erasure")
    return clerk.go_to(f"/{references.normalise(reference)}/records?done=erased")


async def _page(clerk: Clerk, reference: str, *problems: Problem, status: int = 200) -> Response:
    found = await clerk.find(reference)
    may_erase = clerk.member.may("erasure")
    return case_page(clerk, "records", found, problems, status, done=clerk.said(DONE), may_erase=may_erase)


async def _zip(clerk: Clerk, reference: str, what: str) -> Response:
    answer, pieces = await clerk.stream(f"{path_of(reference)}/{what}")
    if not answer.is_success or answer.headers.get("content-type") != ZIP:
        await pieces.aclose()
        if answer.is_server_error:
            raise clerk.applications.away(f"status {answer.status_code}")
        raise PageNotFound("There is no such page.")
    name = f"{references.normalise(reference)}-{what}.zip"
    headers = {"Cache-Control": PERSONAL, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, headers=headers, media_type=ZIP)

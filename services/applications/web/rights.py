"""For members of staff: handing documents over, giving people what is held about them, erasing them."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from services.applications import archives, handing_over, rights
from services.applications.kept import Kept
from services.applications.web.needs import PublishingAccess
from services.applications.web.staff import CurrentWork
from services.applications.web.staff_documents import CurrentCopies
from shared import api_staff_applications as api
from shared import clock
from shared.service import get_staff

router = APIRouter(prefix="/staff/applications/{reference}", dependencies=[Depends(get_staff)])


@router.post("/hand-over")
async def hand_over(reference: str, work: CurrentWork) -> api.StaffApplication:
    """Mark an application as handed over to the office's own records."""
    return await work.change(lambda session, member: handing_over.hand_over(session, reference, member))


@router.get("/hand-over", response_class=StreamingResponse)
async def get_hand_over(reference: str, work: CurrentWork, copies: CurrentCopies) -> StreamingResponse:
    """Return a ZIP with one PDF/A for each paper, and `metadata.json`."""
    case, documents = await work.run(lambda session, member: handing_over.fetch(session, reference, member))
    kept = Kept.of(copies, case.row)
    return await _zip(handing_over.files(case, documents, kept), case.row["reference"])


@router.get("/export", response_class=StreamingResponse)
async def export(reference: str, work: CurrentWork, copies: CurrentCopies) -> StreamingResponse:
    """Return a ZIP of everything that is held about the person of an application."""
    everything = await work.run(lambda session, member: rights.collect(session, reference, member))
    kept = Kept.of(copies, everything.case.row)
    return await _zip(rights.files(everything, kept), everything.case.row["reference"])


@router.post("/erasure")
async def erase(reference: str, work: CurrentWork, access: PublishingAccess) -> api.StaffApplication:
    """Erase the person and the key of their documents, for good."""
    return await work.change(
        lambda session, member: rights.erase_person(session, reference, member, work.offer, access)
    )


async def _zip(entries: archives.Entries, name: str) -> StreamingResponse:
    chunks: AsyncIterator[bytes] = await archives.begun(archives.archive(entries, clock.now()))
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(chunks, media_type="application/zip", headers=headers)

"""For members of staff: importing states from the office's own system."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from services.applications import domain
from services.applications.importing import Importer
from services.applications.web.needs import CurrentKeys, CurrentOffer, CurrentService, PublishingAccess
from shared.api_imports import ImportReport
from shared.middleware import takes_files
from shared.service import CurrentStaff, get_staff

router = APIRouter(prefix="/staff/applications/imports", dependencies=[Depends(get_staff)])


async def get_importer(
    service: CurrentService, member: CurrentStaff, offer: CurrentOffer, access: PublishingAccess, keys: CurrentKeys
) -> Importer:
    """Return what imports for whoever asks."""
    return Importer(service.database, member, offer, access, keys)


async def get_file(request: Request) -> bytes:
    """Return the file; raise `NotCsv`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise domain.NotCsv("Please send the file as text/csv.")
    return await request.body()


CurrentImporter = Annotated[Importer, Depends(get_importer)]
CurrentFile = Annotated[bytes, Depends(get_file)]


@router.post("/preview")
@takes_files
async def preview(importer: CurrentImporter, file: CurrentFile) -> ImportReport:
    """Tell of each line what it would do; nothing is done."""
    return await importer.preview(file)


@router.post("")
@takes_files
async def run(
    importer: CurrentImporter,
    file: CurrentFile,
    hash_: Annotated[str, Query(alias="hash", max_length=100, description="As the preview told it.")],
    from_line: Annotated[int, Query(ge=0, description="As the answer before told it: `next_line`.")] = 0,
) -> ImportReport:
    """Do what the preview of the same file told, so many lines as fit in a request. Done again, it changes nothing."""
    return await importer.run(file, hash_, from_line)

"""What came in is accepted, refused or pending, whatever is away meanwhile; and nothing dangerous is ever shown."""

import asyncio
import io
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pikepdf
import pytest

from services.applications import jobs
from services.applications.uploads import tidying
from shared import clock
from tests.harness.answers import problem_of
from tests.harness.applicant import Applicant
from tests.harness.clamav import CLAMD, clamd
from tests.harness.hostile import HOSTILE
from tests.harness.hostile.kinds import EICAR, MARKER
from tests.harness.hostile.papers import pdf
from tests.harness.hostile.pictures import jpeg
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.harness.metrics import value
from tests.harness.uploader import json_of
from tests.service.test_uploads import checker, hand_in

# Of each way to do harm one that costs little; all of them are tried without HTTP in test_documents_hostile.
TRIED = (
    "eicar", "eicar-zip-called-jpg", "zip-bomb", "jpeg-and-html", "jpeg-and-zip", "pdf-with-user-password",
    "pdf-of-51-pages", "pdf-with-object-bomb", "html", "pdf-head-alone",
)  # fmt: skip


@pytest.fixture
async def sent(aylin: Applicant) -> dict[str, Any]:
    return await aylin.applied()


def store_of(aylin: Applicant) -> Path:
    return Path(urlsplit(aylin.running.service.settings.document_store_url).path)


async def sums(aylin: Applicant) -> dict[str, int]:
    rows = await aylin.rows("SELECT state, count(*) AS n FROM documents GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def test_staff_see_one_pdf_of_all_pages_and_no_original_without_a_scanner(
    aylin: Applicant, sent: dict[str, Any]
) -> None:
    url = f"/applications/{sent['reference']}"
    problem_of(await aylin.staff("GET", f"{url}/items/ausweis/pdf"), 404, "nothing-to-show")
    photo = json_of(await hand_in(aylin, sent, jpeg()), 201)
    json_of(await hand_in(aylin, sent, pdf(pages=2)), 201)
    assert [await checker(aylin).check_next() for _ in range(3)] == [True, True, False]
    assert await sums(aylin) == {"accepted": 2}
    assert await aylin.count("due_documents") == await aylin.count("upload_parts") == 0
    answer = await aylin.staff("GET", f"{url}/items/ausweis/pdf")
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/pdf")
    assert "sandbox" in answer.headers["content-security-policy"]
    with pikepdf.open(io.BytesIO(answer.content)) as shown:
        assert len(shown.pages) == 3
    one = await aylin.staff("GET", f"{url}/documents/{photo['id']}/pdf")
    with pikepdf.open(io.BytesIO(one.content)) as shown:
        assert len(shown.pages) == 1
    problem_of(await aylin.staff("GET", f"{url}/documents/{photo['id']}/original"), 409, "original-locked")
    problem_of(await aylin.staff("GET", f"{url}/items/ausweis/pdf", who=clerk("other")), 404, "application-not-found")
    seen = await aylin.rows("SELECT * FROM audit_entries WHERE action = 'view-documents' ORDER BY at")
    assert seen[-1]["after"] == {"item": "ausweis"}
    for file in store_of(aylin).rglob("*"):
        assert file.is_dir() or jpeg()[:3] not in file.read_bytes()[:64]


@pytest.mark.parametrize("name", TRIED)
async def test_nothing_dangerous_is_shown(aylin: Applicant, sent: dict[str, Any], name: str) -> None:
    hostile = HOSTILE[name]
    receipt = json_of(await hand_in(aylin, sent, hostile.make(), name="Foto.jpg"), 201)
    assert await checker(aylin).check_next()
    [card] = [one for one in (await aylin.seen(sent))["items"] if one["id"] == "ausweis"]
    [document] = card["documents"]
    url = f"/applications/{sent['reference']}/documents/{receipt['id']}"
    original, copy = [await aylin.staff("GET", f"{url}/{what}") for what in ("original", "pdf")]
    assert not original.is_success
    if document["state"] == "refused":
        assert document["reason"] in hostile.allowed
        problem_of(copy, 404, "nothing-to-show")
        kind, event = next(one for one in reversed(await aylin.events()) if one[0] == "document-rejected")
        assert aylin.recipient(event).values["file_name"] == "Foto.jpg"
        assert (card["state"], kind, event["rejected_by"]) == ("rejected", "document-rejected", "check")
    else:
        assert "drawn" in hostile.allowed
        assert MARKER not in copy.content


@pytest.mark.skipif(not CLAMD, reason="clamd is not installed (Debian: clamav-daemon)")
async def test_what_the_scanner_finds_is_refused_and_what_it_passes_can_be_saved(
    aylin: Applicant, sent: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        photo = jpeg()
        clean = json_of(await hand_in(aylin, sent, photo), 201)
        infected = json_of(await hand_in(aylin, sent, jpeg(comment=EICAR)), 201)
        async with clamd(Path(folder)) as scanner:
            checking = checker(aylin, scanner)
            assert [await checking.check_next() for _ in range(2)] == [True, True]
        json_of(await hand_in(aylin, sent, jpeg()), 201)
        assert not await checking.check_next(), "the scanner is away"
    states = {str(row["id"]): row["reason"] or row["state"] for row in await aylin.rows("SELECT * FROM documents")}
    assert (states[clean["id"]], states[infected["id"]]) == ("accepted", "infected")
    assert await sums(aylin) == {"accepted": 1, "refused": 1, "pending": 1}
    url = f"/applications/{sent['reference']}/documents/{clean['id']}/original"
    original = await aylin.staff("GET", url)
    assert original.content == photo
    assert original.headers["content-disposition"].startswith("attachment")


@pytest.fixture(name="store_away")
async def _store_away(aylin: Applicant) -> AsyncIterator[None]:
    """The folder is not there, as when nothing is mounted; within the test it comes back."""
    store = store_of(aylin)
    shutil.rmtree(store, ignore_errors=True)
    store.write_text("nothing is mounted here", encoding="ascii")
    yield
    store.unlink(missing_ok=True) if store.is_file() else None
    store.mkdir(exist_ok=True)


@pytest.mark.usefixtures("store_away")
async def test_the_store_is_away_for_thirty_hours_and_nothing_is_lost(aylin: Applicant, sent: dict[str, Any]) -> None:
    checking, service = checker(aylin), aylin.running.service
    for data in (jpeg(), pdf(), b"no paper at all"):
        json_of(await hand_in(aylin, sent, data), 201)
    now = clock.now()
    for hours in (0, 6, 30):
        with moved_clock(now + timedelta(hours=hours)):
            while await asyncio.wait_for(checking.check_next(), 60) or await _is_due(aylin):
                pass
            await tidying.forget_uploads(service)
            await tidying.reconcile(service)
            await tidying.refresh(service)
            assert await sums(aylin) == {"pending": 2, "refused": 1}, "no paper is refused without a store"
            assert value("applications_documents_unaccounted") == 0
    assert value("applications_oldest_pending_document_seconds") >= 30 * 3600
    store_of(aylin).unlink()
    store_of(aylin).mkdir()
    with moved_clock(now + timedelta(hours=30, minutes=6)):
        assert [await checking.check_next() for _ in range(3)] == [True, True, False]
    assert await sums(aylin) == {"accepted": 2, "refused": 1}
    assert len([file for file in store_of(aylin).rglob("*") if file.is_file()]) == 4


async def _is_due(aylin: Applicant) -> bool:
    return bool(await aylin.count("due_documents WHERE due_at <= :now", now=clock.now()))


async def test_a_lost_file_is_noticed(aylin: Applicant, sent: dict[str, Any]) -> None:
    json_of(await hand_in(aylin, sent, jpeg()), 201)
    await aylin.rows("DELETE FROM due_documents")
    await tidying.reconcile(aylin.running.service)
    assert value("applications_documents_unaccounted") == 1
    assert await checker(aylin).check_next(), "it is checked after all"
    await tidying.reconcile(aylin.running.service)
    assert value("applications_documents_unaccounted") == 0


async def test_erasing_a_person_leaves_nothing_in_the_store(aylin: Applicant, sent: dict[str, Any]) -> None:
    for _ in range(2):
        json_of(await hand_in(aylin, sent, jpeg()), 201)
    assert await checker(aylin).check_next()
    await aylin.go(sent, "withdrawn")
    service, copies = aylin.running.service, aylin.running.app.state.copies
    [application] = await aylin.rows("SELECT id FROM applications")
    folder = store_of(aylin) / "musterstadt" / str(application["id"])
    assert len(list(folder.iterdir())) == 2
    with moved_clock(clock.now() + timedelta(days=366)):
        await jobs.erase_persons(service)
        assert not await checker(aylin).check_next()
        await tidying.delete_copies(service, copies)
    assert not any(file.is_file() for file in folder.rglob("*"))
    assert await aylin.count("due_documents") == await aylin.count("uploads") == 0
    for document in await aylin.rows("SELECT * FROM documents"):
        assert (document["pdf_key"], document["file_name"]) == (None, None)

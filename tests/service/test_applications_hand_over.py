"""Documents go to the office's own records: marked once, fetched as PDF/A with what is known of them, deleted here."""

import base64
import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pypdfium2

from services.applications import jobs
from services.applications.uploads import tidying
from services.applications.uploads.copies import Copies
from shared import clock
from shared.documents import drawn
from shared.documents.sealed import MasterKeys
from tests.harness import stored, verapdf
from tests.harness.answers import problem_of
from tests.harness.applicant import Applicant
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.service.conftest import MONDAY


async def mark(aylin: Applicant, sent: dict[str, Any]) -> dict[str, Any]:
    answer = await aylin.staff("POST", f"/applications/{sent['reference']}/hand-over")
    assert answer.status_code == 200, answer.text
    marked: dict[str, Any] = answer.json()
    return marked


async def fetch(aylin: Applicant, sent: dict[str, Any]) -> tuple[dict[str, Any], zipfile.ZipFile]:
    answer = await aylin.staff("GET", f"/applications/{sent['reference']}/hand-over")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    opened = zipfile.ZipFile(io.BytesIO(answer.content))
    assert opened.testzip() is None
    return json.loads(opened.read("metadata.json")), opened


async def test_each_paper_is_one_pdf_a_with_its_pages_in_order(aylin: Applicant, tmp_path: Path) -> None:
    sent = await aylin.applied()
    front, back = await stored.accepted(aylin, sent, "ausweis", "red", "blue")
    [contract] = await stored.accepted(aylin, sent, "mietvertrag", "green")
    problem_of(await aylin.staff("GET", f"/applications/{sent['reference']}/hand-over"), 409, "not-handed-over")
    marked = await mark(aylin, sent)
    about, opened = await fetch(aylin, sent)
    assert opened.namelist() == ["01-ausweis.pdf", "02-mietvertrag.pdf", "metadata.json"]
    assert (about["reference"], about["name"], about["handed_over_at"]) == (
        sent["reference"], "Aylin Öz", marked["handed_over_at"],
    )  # fmt: skip
    [card] = about["items"][0]["files"]
    assert card == {
        "name": "01-ausweis.pdf", "sha256": sha256(opened.read("01-ausweis.pdf")).hexdigest(),
        "receipts": [front, back],
    }  # fmt: skip
    assert {one["id"]: (one["sha256"], one["in_archive"]) for one in about["receipts"]} == {
        id_: (sha256(stored.ORIGINAL).hexdigest(), True) for id_ in (front, back, contract)
    }
    pdf = pypdfium2.PdfDocument(opened.read("01-ausweis.pdf"))
    reds = [page.render().to_pil().convert("RGB").getpixel((20, 30))[0] > 200 for page in pdf]
    assert reds == [True, False]
    pdf.close()
    opened.extractall(tmp_path)
    assert await verapdf.check(*sorted(tmp_path.glob("*.pdf"))) == ["2b true", "2b true"]


async def test_marking_again_changes_nothing_until_another_file_has_come(aylin: Applicant) -> None:
    sent = await aylin.applied()
    await stored.accepted(aylin, sent, "ausweis", "red")
    first = await mark(aylin, sent)
    with moved_clock(MONDAY + timedelta(days=1)):
        assert (await mark(aylin, sent))["handed_over_at"] == first["handed_over_at"]
        await stored.accepted(aylin, sent, "mietvertrag", "green")
    with moved_clock(MONDAY + timedelta(days=2)):
        assert (await mark(aylin, sent))["handed_over_at"] > first["handed_over_at"]
    assert await aylin.count("audit_entries WHERE action = 'hand-over'") == 2


async def test_what_is_still_checked_is_waited_for(aylin: Applicant) -> None:
    sent = await aylin.applied()
    [id_] = await stored.accepted(aylin, sent, "ausweis", "red")
    await aylin.rows("UPDATE documents SET state = 'pending' WHERE id = CAST(:id AS uuid)", id=id_)
    problem_of(await aylin.staff("POST", f"/applications/{sent['reference']}/hand-over"), 409, "documents-pending")


def held(folder: Path) -> list[Path]:
    return [*folder.rglob("*-copy"), *folder.rglob("*-original")]


async def test_ninety_days_later_the_copies_are_gone_and_the_receipts_stay(aylin: Applicant) -> None:
    sent, other = await aylin.applied(), await aylin.applied()
    for one in (sent, other):
        await stored.accepted(aylin, one, "ausweis", "red")
    await mark(aylin, sent)
    folder = aylin.installation.directory / "documents"
    before = len(held(folder))
    with moved_clock(MONDAY + timedelta(days=1)):
        [late] = await stored.accepted(aylin, sent, "mietvertrag", "green")
    for days, gone in ((89, 0), (91, 2)):
        with moved_clock(MONDAY + timedelta(days=days)):
            await tidying.delete_copies(aylin.running.service, aylin.running.app.state.copies)
        assert len(held(folder)) == before + 2 - gone
    deleted = await aylin.rows("SELECT * FROM documents WHERE deleted_at IS NOT NULL")
    assert [(row["pdf_key"], row["original_key"], row["sha256"]) for row in deleted] == [
        (None, None, sha256(stored.ORIGINAL).hexdigest())
    ]
    [left_row] = await aylin.rows("SELECT pdf_key FROM documents WHERE id = CAST(:id AS uuid)", id=late)
    assert left_row["pdf_key"], "what has come after the hand-over is not handed over yet"
    about, opened = await fetch(aylin, sent)
    assert opened.namelist() == ["metadata.json"]
    assert [one["in_archive"] for one in about["receipts"]] == [False, False]


async def test_a_store_that_is_away_is_told_before_anything_is_sent(aylin: Applicant) -> None:
    sent = await aylin.applied()
    await stored.accepted(aylin, sent, "ausweis", "red")
    await mark(aylin, sent)
    folder = aylin.installation.directory / "documents"
    folder.rename(folder.with_name("away"))
    try:
        problem_of(await aylin.staff("GET", f"/applications/{sent['reference']}/hand-over"), 503, "store-away")
    finally:
        folder.with_name("away").rename(folder)
    about, _ = await fetch(aylin, sent)
    assert about["receipts"][0]["in_archive"]


async def test_a_copy_that_cannot_be_opened_is_told_and_the_others_are_given(aylin: Applicant) -> None:
    sent = await aylin.applied()
    red, blue = await stored.accepted(aylin, sent, "ausweis", "red", "blue")
    store, _ = stored.parts(aylin)
    [row] = await aylin.rows("SELECT pdf_key FROM documents WHERE id = CAST(:id AS uuid)", id=red)
    await store.put(row["pdf_key"], b"something else")
    await mark(aylin, sent)
    about, opened = await fetch(aylin, sent)
    assert {one["id"]: one["in_archive"] for one in about["receipts"]} == {red: False, blue: True}
    assert len(drawn.read(opened.read("01-ausweis.pdf"))) == 1
    assert clock.now() < MONDAY + timedelta(hours=1)


async def test_after_a_new_master_key_the_old_one_can_go(aylin: Applicant, tmp_path: Path) -> None:
    sent = await aylin.applied()
    await stored.accepted(aylin, sent, "ausweis", "red")
    await mark(aylin, sent)
    service, state, copies = aylin.running.service, aylin.running.app.state, aylin.running.app.state.copies
    MasterKeys.create(tmp_path / "new")
    old, new = (aylin.installation.directory / "document-keys").read_text(), (tmp_path / "new").read_text()
    both, new_alone = (MasterKeys([base64.b64decode(key) for key in keys.split()]) for keys in (new + old, new))
    before = await aylin.rows("SELECT data_key FROM applications")
    await jobs.rewrap_keys(service, new_alone)
    assert await aylin.rows("SELECT data_key FROM applications") == before, "what does not open is left alone"
    for _ in range(2):
        await jobs.rewrap_keys(service, both)
    try:
        state.copies = Copies(copies.store, new_alone)
        about, _ = await fetch(aylin, sent)
        assert about["receipts"][0]["in_archive"]
        await aylin.rows("UPDATE applications SET data_key = :key", key=before[0]["data_key"])
        problem_of(await aylin.staff("GET", f"/applications/{sent['reference']}/hand-over"), 503, "key-away")
    finally:
        state.copies = copies


async def test_only_the_office_hands_over(aylin: Applicant) -> None:
    sent = await aylin.applied()
    for method, what in (("POST", "hand-over"), ("GET", "hand-over"), ("GET", "export"), ("POST", "erasure")):
        path = f"/applications/{sent['reference']}/{what}"
        problem_of(await aylin.staff(method, path, who=clerk("mitte", role="council")), 403, "not-your-task")
        who = clerk("elsewhere", role="manager")
        problem_of(await aylin.staff(method, path, who=who), 404, "application-not-found")

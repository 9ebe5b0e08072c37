"""People's rights: what is held about somebody is given to them whole, and erased when they ask; and their summary."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pypdfium2

from services.applications import jobs
from services.applications.uploads import tidying
from shared.documents.sealed import DataKey
from tests.harness import stored
from tests.harness.answers import problem_of
from tests.harness.applicant import Applicant
from tests.harness.identity import clerk
from tests.harness.inprocess import moved_clock
from tests.service.conftest import MONDAY

MANAGER = clerk("mitte", role="manager")


async def export(aylin: Applicant, sent: dict[str, Any]) -> tuple[dict[str, Any], zipfile.ZipFile]:
    answer = await aylin.staff("GET", f"/applications/{sent['reference']}/export")
    assert answer.status_code == 200, answer.text
    opened = zipfile.ZipFile(io.BytesIO(answer.content))
    assert opened.testzip() is None
    return json.loads(opened.read("data.json")), opened


async def test_everything_about_a_person_is_given_and_nothing_about_others(aylin: Applicant) -> None:
    sent = await aylin.applied(phone="030 23125 1")
    await aylin.applied(name="Bea Bär", email="bea@example.org")
    await aylin.go(sent, "documents-missing", explanation="Bitte noch den Mietvertrag.")
    await aylin.client.post(f"/applications/{sent['reference']}/status-inquiries", headers=await aylin.bearer(sent))
    await aylin.open(sent["reference"], code="0000-0000")
    [locked] = await stored.accepted(aylin, sent, "ausweis", "red")
    [free] = await stored.accepted(aylin, sent, "mietvertrag", "green", locked=False)
    data, opened = await export(aylin, sent)
    own = data["application"]
    assert [own[name] for name in ("name", "birth_date", "email", "phone")] == [
        "Aylin Öz", "1990-05-17", "aylin@example.org", "030 23125 1",
    ]  # fmt: skip
    assert [one["explanation"] for one in data["history"]] == ["", "Bitte noch den Mietvertrag."]
    assert (len(data["inquiries"]), len(data["items"])) == (1, 5)
    assert {one["action"] for one in data["actions_of_staff"]} >= {"view-application", "change-application"}
    assert {one["file_name"] for one in data["receipts"]} == {"red Öz.jpg", "green Öz.jpg"}
    assert opened.namelist() == ["data.json", f"documents/ausweis-{locked}.pdf", f"documents/mietvertrag-{free}.jpg"]
    assert opened.read(f"documents/mietvertrag-{free}.jpg") == stored.ORIGINAL
    text = opened.read("data.json").decode()
    for other in ("Bea", "staff-0815", "data_key", "request_hash", sent["code"]):
        assert other not in text
    assert await aylin.count("audit_entries WHERE action = 'export-application'") == 1


async def test_of_each_column_it_is_decided_whether_it_is_given(aylin: Applicant) -> None:
    """A new column stands in the export by itself, unless it opens or checks something."""
    sent = await aylin.applied()
    data, _ = await export(aylin, sent)
    [row] = await aylin.rows("SELECT * FROM applications")
    assert row.keys() - data["application"].keys() == {
        "tenant", "data_key", "request_hash", "idempotency_key", "external_hash", "access_version",
    }  # fmt: skip


async def test_an_erased_person_is_gone_at_once_and_does_not_come_back(aylin: Applicant) -> None:
    sent = await aylin.applied(key="the-same-key")
    await aylin.go(sent, "documents-missing", explanation="Aylin Öz hat angerufen.")
    await stored.accepted(aylin, sent, "ausweis", "red")
    [held] = await stored.accepted(aylin, sent, "mietvertrag", "green")
    await aylin.rows("UPDATE documents SET state = 'pending' WHERE id = CAST(:id AS uuid)", id=held)
    bearer = await aylin.bearer(sent)
    path = f"/applications/{sent['reference']}/erasure"
    problem_of(await aylin.staff("POST", path), 403, "not-your-task")
    answer = await aylin.staff("POST", path, who=MANAGER)
    assert (answer.json()["state"], answer.json()["name"]) == ("withdrawn", None)
    assert answer.json()["erased_at"]
    for table in ("applications", "steps", "documents", "staff_tasks", "inquiries", "uploads", "audit_entries"):
        found = str(await aylin.rows(f"SELECT * FROM {table}"))
        for personal in ("Öz", "aylin@", "date(1990", "hat angerufen"):
            assert personal not in found, table
    [row] = await aylin.rows("SELECT * FROM applications")
    assert (row["data_key"], row["request_hash"], row["external_reference"]) == (None, None, None)
    kind, event = (await aylin.events())[-1]
    assert (kind, event["state"], event["recipient"]) == ("application-status-changed", "withdrawn", None)
    assert {one["state"] for one in await aylin.rows("SELECT state FROM documents")} == {"accepted", "refused"}
    problem_of(await aylin.client.get(f"/applications/{sent['reference']}", headers=bearer), 401, "bearer-refused")
    problem_of(await aylin.open(sent["reference"], code=sent["code"]), 404, "application-not-found")
    problem_of(await aylin.apply(key="the-same-key"), 422, "idempotency-key-reused")
    problem_of(await aylin.staff("POST", path, who=MANAGER), 404, "application-not-found")
    contact = f"/applications/{sent['reference']}/contact"
    problem_of(await aylin.staff("PATCH", contact, {"name": "Aylin Öz"}), 404, "application-not-found")
    data, opened = await export(aylin, sent)
    assert (data["application"]["name"], opened.namelist()) == (None, ["data.json"])


async def test_of_an_erased_person_no_object_stays_in_the_store(aylin: Applicant) -> None:
    sent = await aylin.applied()
    await stored.accepted(aylin, sent, "ausweis", "red", "blue")
    [row] = await aylin.rows("SELECT data_key FROM applications")
    _, keys = stored.parts(aylin)
    assert DataKey.unwrap(row["data_key"], keys)
    await aylin.staff("POST", f"/applications/{sent['reference']}/erasure", who=MANAGER)
    for _ in range(2):
        await tidying.delete_copies(aylin.running.service, aylin.running.app.state.copies)
    [application] = await aylin.rows("SELECT id FROM applications")
    folder = aylin.installation.directory / "documents" / "musterstadt" / str(application["id"])
    assert not [file for file in folder.rglob("*") if file.is_file()]
    assert await aylin.count("documents WHERE deleted_at IS NOT NULL") == 2


async def test_people_are_erased_also_when_they_are_many(aylin: Applicant) -> None:
    sent = await aylin.applied()
    await aylin.go(sent, "withdrawn")
    await aylin.rows(
        "INSERT INTO applications SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), "
        "'reference', 'copy ' || n, 'idempotency_key', 'copy ' || n))).* FROM applications a, generate_series(1, 250) n"
    )
    with moved_clock(MONDAY + timedelta(days=366)):
        await jobs.erase_persons(aylin.running.service)
    assert await aylin.count("applications WHERE erased_at IS NULL OR name IS NOT NULL") == 0


async def test_the_summary_holds_what_was_typed_and_the_time_that_counts(aylin: Applicant) -> None:
    name = "Aylin <b>Öz</b> Şahin Łukasz Дмитрий"
    sent = await aylin.applied(name=name, phone="030 23125 1")
    bearer, path = await aylin.bearer(sent), f"/applications/{sent['reference']}/summary.pdf"
    answer = await aylin.client.get(path, headers=bearer)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/pdf", "no-store")
    pdf = pypdfium2.PdfDocument(answer.content)
    assert len(pdf) == 1
    text = pdf[0].get_textpage().get_text_range()
    pdf.close()
    for typed in (name, "17.05.1990", "aylin@example.org", "030 23125 1", sent["reference"], "Grundsicherungsgeld"):
        assert typed in text
    assert "07.09.2026, 09:00:" in text
    english = await aylin.client.get(path, headers=bearer, params={"language": "en"})
    pdf = pypdfium2.PdfDocument(english.content)
    assert "Date of birth (Geburtsdatum)" in pdf[0].get_textpage().get_text_range()
    pdf.close()
    small = await aylin.bearer(sent, birth_date="1990-05-17")
    problem_of(await aylin.client.get(path, headers=small), 403, "scope-too-small")
    problem_of(await aylin.client.get(path), 401, "bearer-refused")

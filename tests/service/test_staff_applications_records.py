"""Staff's page of what leaves an application: documents handed over, data given to their person, the person erased."""

import io
import json
import zipfile

from tests.harness.accounts import Staff
from tests.harness.cases import LIST, asked, done, registered, shown, words
from tests.harness.member import Member


async def test_documents_are_marked_and_saved(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    page = f"{LIST}/{reference}/records"
    assert (await erika.get(f"{LIST}/{reference}/hand-over.zip")).status_code == 404
    assert "Akte und Daten der Person" in await shown(erika, f"{LIST}/{reference}")
    await done(erika, page, f"{LIST}/{reference}/hand-over", "als übergeben vermerkt")
    assert (await asked(staff, reference))["handed_over_at"]
    answer = await erika.get(f"{LIST}/{reference}/hand-over.zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="{reference}-hand-over.zip"'
    assert "no-store" in answer.headers["cache-control"]
    assert json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("metadata.json"))["reference"] == reference


async def test_a_person_is_given_all_their_data(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    answer = await erika.get(f"{LIST}/{reference}/export.zip")
    data = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("data.json"))
    assert data["application"]["name"] == (await asked(staff, reference))["name"]


async def test_a_manager_erases_a_person_only_by_typing_the_reference(staff: Staff, erika: Member) -> None:
    reference = await registered(erika)
    page, manager = f"{LIST}/{reference}/records", await staff.signed_in("manager")
    assert "Endgültig löschen" not in await shown(erika, page)
    wrong = await manager.send(page, f"{LIST}/{reference}/erasure", typed="K7QM-3XPD-F")
    assert wrong.status_code == 422
    assert "Bitte geben Sie die Antragsnummer" in words(wrong.text)
    assert (await asked(staff, reference))["name"]
    typed = reference.lower().replace("-", " ")
    await done(manager, page, f"{LIST}/{reference}/erasure", "wurden gelöscht", typed=typed)
    assert (await asked(staff, reference))["name"] is None
    assert "Endgültig löschen" not in await shown(manager, page)

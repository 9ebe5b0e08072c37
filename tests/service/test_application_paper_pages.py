"""Papers handed in by a form without JavaScript: a receipt for each, and each that is refused named."""

import hashlib
import re
from uuid import uuid4

import httpx
import pytest
from uuid_utils.compat import uuid7

from services.gateway.uploading import MOST_FILE_BYTES
from tests.harness.applicant import Applicant
from tests.harness.applying import JPEG, apply, hand_in, open_by, secrets_of
from tests.harness.pages import problems_of

pytestmark = pytest.mark.usefixtures("on_monday")


async def test_papers_are_handed_in_by_the_form_with_a_receipt_each(phone: httpx.AsyncClient) -> None:
    reference, _ = secrets_of((await apply(phone)).text)
    path = f"/de/applications/{reference}/items/mietvertrag"
    form = await phone.get(path)
    for limit in ("20 MB", "50 Seiten", "HEIC"):
        assert limit in form.text
    answer = await hand_in(phone, path, ("Seite 1 – ä.jpg", JPEG), ("2.jpg", JPEG + b"2"))
    assert answer.status_code == 200, answer.text
    for content in (JPEG, JPEG + b"2"):
        assert hashlib.sha256(content).hexdigest() in answer.text
    assert "Montag, 7. September 2026 um 09:00 Uhr" in answer.text
    [receipt, _] = dict.fromkeys(re.findall(r"/receipts/([0-9a-f-]{36})", answer.text))
    shown = await phone.get(f"/de/applications/{reference}/receipts/{receipt}")
    assert "Seite 1 – ä.jpg" in shown.text
    assert hashlib.sha256(JPEG).hexdigest() in shown.text
    status = await phone.get(f"/de/applications/{reference}")
    assert "ist da, wird geprüft" in status.text


async def test_sent_again_with_the_same_form_a_file_is_there_once(
    phone: httpx.AsyncClient, applications: Applicant
) -> None:
    reference, _ = secrets_of((await apply(phone)).text)
    path, key = f"/de/applications/{reference}/items/mietvertrag", str(uuid4())
    before = await applications.count("documents")
    for _ in range(2):
        await hand_in(phone, path, ("1.jpg", JPEG), key=key, sequence="1")
    assert await applications.count("documents") == before + 1


async def test_each_refused_file_is_named_with_another_way(phone: httpx.AsyncClient) -> None:
    reference, _ = secrets_of((await apply(phone)).text)
    path = f"/de/applications/{reference}/items/mietvertrag"
    huge = ("riesig.jpg", JPEG + bytes(MOST_FILE_BYTES))
    answer = await hand_in(phone, path, ("gut.jpg", JPEG), huge, ("auch gut.jpg", JPEG + b"3"))
    assert answer.status_code == 422
    assert "riesig.jpg" in answer.text
    assert "Höchstens 20 MB" in answer.text
    assert "mit der Post senden" in answer.text
    assert len(set(re.findall(r"/receipts/([0-9a-f-]{36})", answer.text))) == 2
    nothing = await hand_in(phone, path)
    assert nothing.status_code == 415, "no form with files at all"
    empty = await hand_in(phone, path, ("", b""))
    assert problems_of(empty.text) == ["Bitte wählen Sie mindestens ein Foto oder ein PDF aus."]


async def test_nobody_hands_in_what_they_have_not_opened(phone: httpx.AsyncClient, applications: Applicant) -> None:
    sent = await applications.applied()
    for path in ("", "/items/mietvertrag", "/withdrawal", f"/receipts/{uuid7()}"):
        page = await phone.get(f"/de/applications/{sent['reference']}{path}")
        assert page.url.path == "/de/applications/open"
    forged = await phone.post(f"/de/applications/{sent['reference']}/items/mietvertrag", files={"file": ("x", JPEG)})
    assert forged.url.path == "/de/applications/open"
    await open_by(phone, reference=sent["reference"], code=sent["code"])
    forged = await phone.post(f"/de/applications/{sent['reference']}/items/mietvertrag", files={"file": ("x", JPEG)})
    assert forged.status_code == 403
    assert (await phone.get(f"/de/applications/{sent['reference']}/items/nothing")).status_code == 404

"""Files come in whole or piece by piece; from the last byte on there is a receipt, and the file is not lost."""

import asyncio
import os
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.applications.uploads import tidying
from services.applications.uploads.checking import Checker
from shared import clock
from tests.harness.answers import problem_of
from tests.harness.applicant import Applicant
from tests.harness.hostile.pictures import jpeg
from tests.harness.inprocess import moved_clock
from tests.harness.uploader import Uploader, json_of, sha256

PHOTO = jpeg()
MIB = 2**20


def checker(aylin: Applicant, scanner: Any = None) -> Checker:
    state = aylin.running.app.state
    return Checker(aylin.running.service, state.copies, scanner, state.offers)


async def hand_in(
    aylin: Applicant, sent: dict[str, Any], data: bytes, item: str = "ausweis", key: str = "", name: str = "Foto.jpg"
) -> httpx.Response:
    headers = await aylin.bearer(sent) | {"Idempotency-Key": key or str(uuid.uuid4()), "File-Name": name}
    url = f"/applications/{sent['reference']}/items/{item}/documents"
    return await aylin.client.post(url, content=data, headers=headers)


@pytest.fixture
async def sent(aylin: Applicant) -> dict[str, Any]:
    return await aylin.applied()


@pytest.fixture
async def uploader(aylin: Applicant, sent: dict[str, Any]) -> Uploader:
    return Uploader(aylin.client, await aylin.bearer(sent))


async def test_the_last_byte_gives_a_receipt_and_tells_of_it(aylin: Applicant, sent: dict[str, Any]) -> None:
    receipt = json_of(await hand_in(aylin, sent, PHOTO, name="Vorderseite%20%C3%96z.jpg"), 201)
    assert (receipt["sha256"], receipt["bytes"], receipt["state"]) == (sha256(PHOTO), len(PHOTO), "pending")
    assert (receipt["file_name"], receipt["item"]) == ("Vorderseite Öz.jpg", "ausweis")
    kind, event = (await aylin.events())[-1]
    assert (kind, event["document_id"], event["channel"]) == ("document-received", receipt["id"], "online")
    url = f"/applications/{sent['reference']}/receipts/"
    headers = await aylin.bearer(sent)
    assert json_of(await aylin.client.get(url + receipt["id"], headers=headers), 200) == receipt
    problem_of(await aylin.client.get(url + str(uuid.uuid4()), headers=headers), 404, "receipt-not-found")
    stored = await aylin.rows("SELECT data FROM upload_parts")
    assert stored
    assert not any(PHOTO[100:200] in row["data"] for row in stored)


async def test_the_same_key_and_file_give_the_same_receipt(aylin: Applicant, sent: dict[str, Any]) -> None:
    answers = [await hand_in(aylin, sent, PHOTO, key="a-key-of-tests") for _ in range(2)]
    answers += await asyncio.gather(*(hand_in(aylin, sent, PHOTO, key="another-key") for _ in range(3)))
    assert len({json_of(answer, 201)["id"] for answer in answers}) == 2
    problem_of(await hand_in(aylin, sent, PHOTO + b".", key="a-key-of-tests"), 422, "idempotency-key-reused")
    problem_of(await hand_in(aylin, sent, PHOTO, "mietvertrag", key="a-key-of-tests"), 422, "idempotency-key-reused")
    assert await aylin.count("documents") == await aylin.count("uploads") == 2


async def test_what_cannot_be_taken_is_said_and_nothing_of_it_kept(aylin: Applicant, sent: dict[str, Any]) -> None:
    problem_of(await hand_in(aylin, sent, b""), 422, "file-empty")
    problem_of(await hand_in(aylin, sent, PHOTO, "no-such-paper"), 404, "unknown-item")
    problem_of(await hand_in(aylin, sent, bytes(20 * MIB + 1)), 413, "file-too-large")
    other = await aylin.applied()
    headers = await aylin.bearer(sent) | {"Idempotency-Key": "a-key-of-tests"}
    url = f"/applications/{other['reference']}/items/ausweis/documents"
    problem_of(await aylin.client.post(url, content=PHOTO, headers=headers), 401, "bearer-refused")
    small = await aylin.bearer(sent, birth_date="1990-05-17") | {"Idempotency-Key": "a-key-of-tests"}
    problem_of(await aylin.client.post(url, content=PHOTO, headers=small), 403, "scope-too-small")
    await aylin.go(sent, "withdrawn")
    problem_of(await hand_in(aylin, sent, PHOTO), 409, "application-ended")
    assert await aylin.count("uploads") == await aylin.count("documents") == 0


async def test_an_upload_goes_on_where_it_stands(aylin: Applicant, uploader: Uploader) -> None:
    data = os.urandom(300_000)
    upload = await uploader.created(len(data), filename="Öz.pdf", sequence="3")
    assert (await uploader.send(upload, data[:100_000])).headers["upload-offset"] == "100000"
    problem_of(await uploader.send(upload, data), 409, "offset-wrong")
    found = (await uploader.where(upload)).headers
    assert (found["upload-offset"], found["upload-length"]) == ("100000", "300000")
    assert "filename w5Z6LnBkZg==" in found["upload-metadata"]
    assert "receipt" not in found
    last = await uploader.send(upload, data[100_000:], 100_000)
    [document] = await aylin.rows("SELECT id, sha256, sequence, state FROM documents")
    assert (str(document["id"]), document["sha256"]) == (last.headers["receipt"], sha256(data))
    assert document["sequence"] == 3
    assert (await uploader.where(upload)).headers["receipt"] == last.headers["receipt"]
    assert (await uploader.end(upload)).status_code == 204
    assert await aylin.count("documents") == 1, "what is handed in stays"


async def test_of_two_connections_one_goes_on(aylin: Applicant, uploader: Uploader) -> None:
    data = os.urandom(200_000)
    upload = await uploader.created(len(data))
    answers = await asyncio.gather(*(uploader.send(upload, data) for _ in range(4)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [204, 409, 409, 409]
    assert [row["sha256"] for row in await aylin.rows("SELECT sha256 FROM documents")] == [sha256(data)]


async def test_the_protocol_is_kept(aylin: Applicant, uploader: Uploader) -> None:
    told = (await aylin.client.options("/uploads", headers=dict(uploader.bearer))).headers
    assert (told["tus-version"], told["tus-max-size"]) == ("1.0.0", str(20 * MIB))
    too_large = problem_of(await uploader.create(20 * MIB + 1), 413, "file-too-large")
    assert too_large["limit"] == 20 * MIB
    problem_of(await uploader.create(0), 422, "file-empty")
    problem_of(await uploader.create(9, "no-such-paper"), 404, "unknown-item")
    upload = await uploader.created(10)
    problem_of(await uploader.send(upload, b"x" * 11), 413, "file-too-large")
    problem_of(await uploader.send(upload, b"x", headers={"Tus-Resumable": "0.2.2"}), 412, "tus-version-unknown")
    problem_of(await uploader.send(upload, b"x", headers={"Content-Type": "text/plain"}), 415, "upload-type-wrong")
    problem_of(await uploader.send(upload, b"x", headers={"Upload-Offset": "-1"}), 400, "upload-headers-wrong")
    problem_of(await uploader.send(f"/uploads/{uuid.uuid4()}", b"x"), 404, "upload-not-found")
    stranger = Uploader(aylin.client, await aylin.bearer(await aylin.applied()))
    problem_of(await stranger.send(upload, b"x"), 404, "upload-not-found")
    assert (await uploader.end(upload)).status_code == 204
    assert (await uploader.where(upload)).status_code == 404


async def test_the_same_key_begins_one_upload(uploader: Uploader) -> None:
    first = await uploader.created(10, key="a-photo")
    assert await uploader.created(10, key="a-photo") == first
    problem_of(await uploader.create(11, key="a-photo"), 422, "idempotency-key-reused")


async def test_an_upload_that_is_not_finished_in_time_is_deleted(
    aylin: Applicant, sent: dict[str, Any], uploader: Uploader
) -> None:
    unfinished, photo = await uploader.created(10, key="a-photo"), await uploader.sent(PHOTO)
    await uploader.send(unfinished, b"x")
    with moved_clock(clock.now() + timedelta(hours=25)):
        again = Uploader(aylin.client, await aylin.bearer(sent))
        problem_of(await again.send(unfinished, b"x", 1), 410, "upload-expired")
        await tidying.forget_uploads(aylin.running.service)
        assert (await again.where(unfinished)).status_code == 404
        assert await aylin.count("upload_parts") == 1, "a file that waits to be checked keeps its bytes"
        assert await checker(aylin).check_next()
        await tidying.forget_uploads(aylin.running.service)
    [document] = await aylin.rows("SELECT id, state FROM documents")
    assert (str(document["id"]), document["state"]) == (photo, "accepted")
    assert await aylin.count("upload_parts") == await aylin.count("uploads") == 0

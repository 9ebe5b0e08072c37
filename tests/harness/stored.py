"""Files that were handed in and accepted, in the database and the store as uploading and checking leave them."""

from hashlib import sha256
from typing import Any

from PIL import Image
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from services.applications.models import documents
from shared import clock
from shared.db import Session
from shared.documents import drawn
from shared.documents.sealed import DataKey, MasterKeys
from shared.documents.store import Store
from tests.harness.applicant import Applicant

ORIGINAL = b"\xff\xd8 the bytes as they came"


def parts(aylin: Applicant) -> tuple[Store, MasterKeys]:
    """Return store and master keys of an installation."""
    environment = aylin.installation.environment("applications")
    keys = MasterKeys.read(aylin.installation.directory / "document-keys")
    return Store.from_url(environment["DOCUMENT_STORE_URL"]), keys


async def accepted(aylin: Applicant, sent: dict[str, Any], item: str, *colours: str, locked: bool = True) -> list[str]:
    """Let files of one page each be there, one a colour; return their receipts."""
    store, keys = parts(aylin)
    [row] = await aylin.rows("SELECT id, data_key FROM applications WHERE reference = :r", r=sent["reference"])
    key, receipts = DataKey.unwrap(row["data_key"], keys), []
    for number, colour in enumerate(colours):
        id_ = uuid7()
        names = {}
        pdf = drawn.write([drawn.Page.of(Image.new("RGB", (40, 60), colour))])
        for what, data in (("copy", pdf), ("original", ORIGINAL)):
            names[what] = f"musterstadt/{row['id']}/{id_}-{what}"
            await store.put(names[what], key.encrypt(data, str(row["id"]), str(id_), what))
        values = {
            "id": id_, "tenant": "musterstadt", "application_id": row["id"], "item_id": item, "sequence": number,
            "file_name": f"{colour} Öz.jpg", "bytes": len(ORIGINAL), "sha256": sha256(ORIGINAL).hexdigest(),
            "channel": "online", "received_at": clock.now(), "state": "accepted", "kind": "jpeg", "pages": 1,
            "locked": locked, "original_key": names["original"], "pdf_key": names["copy"],
        }  # fmt: skip

        async def work(session: Session, values: dict[str, Any] = values) -> None:
            await session.execute(insert(documents).values(values))

        await aylin.running.service.database.run(work, "musterstadt")
        receipts.append(str(id_))
    return receipts

"""Files that somebody hands in for a paper: which are taken, what is sent of each, and what becomes of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile

from services.gateway.applications import ApplicationDoor
from services.gateway.backend import ServiceAway
from shared.documents.limits import Limits

LIMITS = Limits()
MOST_FILES = 10
MOST_BYTES_AT_ONCE = 64 * 2**20  # of a form: the photos of a dozen pages
LONGEST_NAME = 200
# What applications says, as the code that pages have words for.
REASONS = {
    "file-too-large": "too-large",
    "file-empty": "empty",
    "file-incomplete": "away",
    "application-ended": "ended",
    "too-many-files": "enough",
}


@dataclass(frozen=True)
class Handed:
    """One file: the receipt when it came in, else why not, as a code that pages have words for."""

    name: str
    receipt: Mapping[str, Any] | None
    reason: str = ""


@dataclass(frozen=True)
class Paper:
    """The paper of an opened application that files are handed in for. `first`: the number of the first file."""

    door: ApplicationDoor
    reference: str
    item: str
    bearer: str
    first: int

    async def hand_in(self, files: Sequence[UploadFile], key: str) -> list[Handed]:
        """Send files in their order. `key`: of the form; with it, the same file is the same one each time."""
        return [await self._hand_in(file, key, number) for number, file in enumerate(files)]

    async def _hand_in(self, file: UploadFile, key: str, number: int) -> Handed:
        name = (file.filename or "").rpartition("/")[2].rpartition("\\")[2][-LONGEST_NAME:] or "-"
        if number >= MOST_FILES:
            return Handed(name, None, "too-many")
        if (file.size or 0) > LIMITS.max_bytes:
            return Handed(name, None, "too-large")
        content = await file.read()
        if not content:
            return Handed(name, None, "empty")
        headers = {
            "Idempotency-Key": f"{key}-{hashlib.sha256(content).hexdigest()[:32]}",
            "File-Name": quote(name),
        }
        try:
            path, number = f"/applications/{self.reference}/items/{self.item}/documents", self.first + number
            receipt, slug = await self.door.hand_in(f"{path}?sequence={number}", self.bearer, content, headers)
        except ServiceAway:  # those before it have their receipts, which the person must see
            return Handed(name, None, "away")
        return Handed(name, receipt, REASONS.get(slug, slug))


def files_of(form: FormData) -> list[UploadFile]:
    """Return what was chosen; a field where nothing was, holds a file without a name."""
    return [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]

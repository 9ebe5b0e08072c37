"""Files that somebody hands in by the form of a paper: sent on as they come, and what becomes of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import httpx

from services.gateway.backend import ServiceAway, slug_of
from services.gateway.codes import bearer
from services.gateway.multipart import Form
from services.gateway.uploading import FileTooLarge, UploadWay, quoted

MOST_FILES = 10
# What applications says, as the code that pages have words for.
REASONS = {
    "file-too-large": "too-large",
    "file-empty": "empty",
    "file-incomplete": "away",
    "idempotency-key-reused": "away",
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
    """The paper of an opened application that files are handed in for."""

    uploads: UploadWay
    tenant: str
    where: tuple[str, str]  # reference and paper
    bearer: str

    async def hand_in(self, form: Form, name: str | None, key: str, first: int) -> list[Handed]:
        """Send on the files of a form in their order; raises what reading the form does.

        `name`, `first`: what the first is called, at which the form stands, and its number. `key`: of the form; sent
        again with it, the same files are the same ones.
        """
        handed: list[Handed] = []
        while name is not None:
            if len(handed) < MOST_FILES:
                handed.append(await self._hand_in(form, name, key, first + len(handed)))
            else:
                handed.append(Handed(name, None, "too-many"))
            name = await form.next_file()
        return handed

    async def _hand_in(self, form: Form, name: str, key: str, number: int) -> Handed:
        own = blake2b(f"{number}/{name}".encode(), digest_size=8).hexdigest()
        headers = bearer(self.bearer) | {"Idempotency-Key": f"{key}-{own}", "File-Name": quoted(name)}
        try:
            answer = await self.uploads.hand_in(self.where, self.tenant, headers, form.pieces(), number)
        except FileTooLarge:
            return Handed(name, None, "too-large")
        except ServiceAway:  # those before it have their receipts, which the person must see
            return Handed(name, None, "away")
        if answer.is_success:
            return Handed(name, answer.json())
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return Handed(name, None, "closed")
        slug = slug_of(answer)
        return Handed(name, None, REASONS.get(slug, slug))

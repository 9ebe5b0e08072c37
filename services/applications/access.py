"""What opens an application: the letter's code, the personal link, and the bearer they are exchanged for."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.applications.settings import ApplicationsSettings
from shared import links
from shared.api_applications import Scope
from shared.contracts.values import SealedRecipient
from shared.sealing import Recipient, seal
from shared.tenants import Tenant

SealingKey = tuple[str, bytes]  # its id and notifications' public key
_BEARER = struct.Struct(">16s1sIQ")  # application, scope, version of access, when it expires
_SCOPES: dict[bytes, Scope] = {b"a": "all", b"s": "state"}


@dataclass(frozen=True)
class Opened:
    """What a bearer says."""

    application_id: UUID
    scope: Scope
    version: int


@dataclass(frozen=True)
class Access:
    """Makes and checks codes, links and bearers of one tenant's applications."""

    tenant: str
    secret: str = field(repr=False)
    base_url: str
    bearer_for: timedelta
    sealing_key: SealingKey | None = None  # only what publishes needs one

    @classmethod
    def of(cls, settings: ApplicationsSettings, tenant: Tenant, sealing_key: SealingKey | None = None) -> "Access":
        """Return the access of a tenant, whose first host name stands in its links."""
        base_url = settings.public_url.replace("{host}", tenant.hosts[0])
        minutes = timedelta(minutes=settings.bearer_minutes)
        return cls(tenant.id, settings.access_secret.get_secret_value(), base_url, minutes, sealing_key)

    def code(self, application_id: UUID, version: int = 1) -> str:
        """Return the code that the letter tells."""
        return links.code(self.secret, application_id, version)

    def token(self, application_id: UUID, version: int = 1) -> str:
        """Return the secret part of the personal link."""
        return links.link_token(self.secret, application_id, version)

    def link(self, application_id: UUID, reference: str, version: int = 1) -> str:
        """Return the personal link."""
        return f"{self.base_url}/applications/{reference}/{self.token(application_id, version)}"

    def is_code(self, application_id: UUID, version: int, given: str) -> bool:
        """Tell whether a code is the application's, in constant time."""
        own = links.normalise(self.code(application_id, version))
        return hmac.compare_digest(links.normalise(given).encode(), own.encode())

    def is_token(self, application_id: UUID, version: int, given: str) -> bool:
        """Tell whether a link's token is the application's, in constant time."""
        return hmac.compare_digest(given.encode(), self.token(application_id, version).encode())

    def bearer(self, opened: Opened, now: datetime) -> tuple[str, datetime]:
        """Return a bearer and until when it opens; nothing of it is stored."""
        expires_at = (now + self.bearer_for).replace(microsecond=0)
        said = _BEARER.pack(
            opened.application_id.bytes, opened.scope[0].encode(), opened.version, int(expires_at.timestamp())
        )
        return base64.urlsafe_b64encode(said + self._sign(said)).rstrip(b"=").decode(), expires_at

    def read_bearer(self, given: str, now: datetime) -> Opened | None:
        """Return what a bearer opens; `None` when it is none of this tenant, or has expired."""
        try:
            read = base64.b64decode(given.encode("ascii") + b"=" * (-len(given) % 4), b"-_", validate=True)
        except ValueError:
            return None
        said, signature = read[: _BEARER.size], read[_BEARER.size :]
        if len(said) != _BEARER.size or not hmac.compare_digest(signature, self._sign(said)):
            return None
        id_, scope, version, expires = _BEARER.unpack(said)
        if datetime.fromtimestamp(expires, UTC) <= now:
            return None
        return Opened(UUID(bytes=id_), _SCOPES[scope], version)

    def keyed_hash(self, text: str) -> bytes:
        """Return a hash that only this installation can make: it tells two texts apart and gives neither away."""
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()

    def request_hash(self, request: BaseModel) -> bytes:
        """Return a keyed hash of a request: tells two apart and gives no name away."""
        return self.keyed_hash(f"request/{request.model_dump_json(exclude_defaults=True)}")

    def seal_recipient(self, row: Mapping[str, Any], file_name: str | None = None) -> SealedRecipient | None:
        """Seal whom to tell, with reference and link; nobody when no e-mail is on file."""
        if not row["email"]:
            return None
        link = self.link(row["id"], row["reference"], row["access_version"])
        # While online access is closed, a mail must not be a way round.
        values = {"reference": row["reference"]} | ({"link": link} if row["online_access"] else {})
        values |= {"file_name": file_name} if file_name else {}
        recipient = Recipient(email=row["email"], name=row["name"], language=row["language"], values=values)
        if self.sealing_key is None:
            raise AssertionError("who publishes asks for an access with a key")
        return seal(recipient, *self.sealing_key)

    def _sign(self, said: bytes) -> bytes:
        return hmac.new(self.secret.encode(), f"bearer/{self.tenant}/".encode() + said, hashlib.sha256).digest()

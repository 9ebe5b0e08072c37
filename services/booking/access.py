"""What opens an appointment: the code and the personal link, and the recipient who is told both."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.booking.settings import BookingSettings
from shared import links
from shared.api import AppointmentRequest
from shared.contracts.values import SealedRecipient
from shared.sealing import Recipient, seal
from shared.tenants import Tenant


@dataclass(frozen=True)
class Access:
    """Makes and checks codes and links of one tenant's appointments."""

    secret: str
    base_url: str

    @classmethod
    def of(cls, settings: BookingSettings, tenant: Tenant) -> "Access":
        """Return the access of a tenant, whose first host name stands in its links."""
        return cls(settings.link_secret.get_secret_value(), settings.public_url.replace("{host}", tenant.hosts[0]))

    def code(self, appointment_id: UUID) -> str:
        """Return the code a person can type."""
        return links.code(self.secret, appointment_id)

    def link(self, appointment_id: UUID, number: str) -> str:
        """Return the personal link."""
        return f"{self.base_url}/appointments/{number}/{links.link_token(self.secret, appointment_id)}"

    def opens(self, appointment_id: UUID, given: str | None) -> bool:
        """Tell whether a code or a link's token belongs to the appointment."""
        return given is not None and links.opens(self.secret, appointment_id, given)

    def request_hash(self, request: AppointmentRequest) -> bytes:
        """Return a keyed hash of a request: tells two apart and gives no name away."""
        return hmac.new(self.secret.encode(), request.model_dump_json().encode(), hashlib.sha256).digest()

    def seal_recipient(self, appointment: Mapping[str, Any], key: tuple[str, bytes]) -> SealedRecipient | None:
        """Seal whom to tell, with code and link; nobody when no e-mail was given."""
        if not appointment["email"]:
            return None
        id_, number = appointment["id"], appointment["number"]
        recipient = Recipient(
            email=appointment["email"],
            name=appointment["name"],
            language=appointment["language"],
            values={"code": self.code(id_), "link": self.link(id_, number)},
        )
        return seal(recipient, *key)

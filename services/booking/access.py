"""What opens an appointment: the code and the personal link, and the recipient who is told both."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking.settings import BookingSettings
from shared import links
from shared.api import AppointmentRequest
from shared.contracts.values import SealedRecipient
from shared.sealing import Recipient, seal
from shared.tenants import Tenant

SealingKey = tuple[str, bytes]  # its id and notifications' public key
OFFICE_CODE_SECONDS = 300


@dataclass(frozen=True)
class Access:
    """Makes and checks codes and links of one tenant's appointments."""

    secret: str
    base_url: str
    sealing_key: SealingKey | None = None  # only what publishes needs one
    late: timedelta = timedelta(hours=24)  # cancelled so short before its beginning, an appointment is told as such

    @classmethod
    def of(cls, settings: BookingSettings, tenant: Tenant, sealing_key: SealingKey | None = None) -> "Access":
        """Return the access of a tenant, whose first host name stands in its links."""
        base_url = settings.public_url.replace("{host}", tenant.hosts[0])
        late = timedelta(hours=settings.late_cancelled_hours)
        return cls(settings.link_secret.get_secret_value(), base_url, sealing_key, late)

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
        return self.keyed_hash(f"request/{request.model_dump_json(exclude_defaults=True)}")

    def keyed_hash(self, text: str) -> bytes:
        """Return a hash that only this installation can make: it tells two texts apart and gives neither away."""
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()

    def holder_hash(self, holder: str) -> bytes:
        """Return what a hold keeps of the browser that holds it."""
        return self.keyed_hash(f"holder/{holder}")

    def offer_token(self, offer_id: UUID) -> str:
        """Return the secret part of an offer's link."""
        return links.link_token(self.secret, offer_id)

    def opens_offer(self, offer_id: UUID, given: str | None) -> bool:
        """Tell whether a token belongs to the offer."""
        return given is not None and hmac.compare_digest(given.encode(), self.offer_token(offer_id).encode())

    def ticket_secret(self, ticket_id: UUID) -> str:
        """Return what opens a ticket."""
        return links.link_token(self.secret, ticket_id)

    def opens_ticket(self, ticket_id: UUID, given: str | None) -> bool:
        """Tell whether a secret is the ticket's own."""
        return given is not None and hmac.compare_digest(given.encode(), self.ticket_secret(ticket_id).encode())

    def office_code(self, tenant: str, office_id: str, now: datetime) -> tuple[str, datetime]:
        """Return the four digits that an office's display shows, and until when."""
        window = int(now.timestamp()) // OFFICE_CODE_SECONDS
        return self._office_code(tenant, office_id, window), datetime.fromtimestamp(
            (window + 1) * OFFICE_CODE_SECONDS, UTC
        )

    def is_office_code(self, tenant: str, office_id: str, given: str | None, now: datetime) -> bool:
        """Tell whether somebody has seen an office's display just now, or at most ten minutes ago."""
        window = int(now.timestamp()) // OFFICE_CODE_SECONDS
        digits = "".join(one for one in given or "" if one.isdigit())
        shown = [self._office_code(tenant, office_id, number) for number in (window, window - 1)]
        return any(hmac.compare_digest(digits.encode(), code.encode()) for code in shown)

    def _office_code(self, tenant: str, office_id: str, window: int) -> str:
        number = int.from_bytes(self.keyed_hash(f"office-code/{tenant}/{office_id}/{window}")[:8]) % 10_000
        return f"{number:04}"

    def seal_recipient(self, appointment: Mapping[str, Any], offer_id: UUID | None = None) -> SealedRecipient | None:
        """Seal whom to tell, with code and links; nobody when no e-mail was given."""
        if not appointment["email"]:
            return None
        id_, number = appointment["id"], appointment["number"]
        recipient = Recipient(
            email=appointment["email"],
            name=appointment["name"],
            language=appointment["language"],
            values={"code": self.code(id_), "link": self.link(id_, number)},
        )
        if appointment["kind"] == "phone" and appointment["call_number"]:
            recipient.values["call_number"] = appointment["call_number"]
        if offer_id is not None:
            recipient.values["offer"] = f"{self.base_url}/offers/{offer_id}/{self.offer_token(offer_id)}"
        if self.sealing_key is None:
            raise AssertionError("who publishes asks for an access with a key")
        return seal(recipient, *self.sealing_key)

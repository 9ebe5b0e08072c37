"""The public API's documents of applications: what the service answers and the gateway hands on."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, EmailStr, Field, StringConstraints, model_validator

from shared.api import Document, Language, Name, PhoneNumber, Slug, none_if_blank
from shared.contracts.applications import Actor, Channel, RejectReason, State

Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
Scope = Literal["all", "state"]
ItemState = Literal["open", "received", "accepted", "rejected"]
DocumentState = Literal["pending", "accepted", "refused"]


class WantedItem(Document):
    """A paper that an application for a benefit needs."""

    id: str
    name: dict[str, str] = Field(description="By language; the official German name is that of `de`.")
    help: dict[str, str]
    black_out: dict[str, str]
    picture: str
    always: bool = Field(description="Else only when the office asks for it.")


class BenefitOffer(Document):
    """What can be applied for."""

    id: str = Field(description="Says nothing; its name changes by law.")
    name: dict[str, str] = Field(description="Of today, by language.")
    items: list[WantedItem]


class ApplicationRequest(Document):
    """Somebody applies: this, with the time it comes in, is the application."""

    benefit: Slug
    office: Slug
    name: Name
    birth_date: date
    email: Annotated[EmailStr | None, BeforeValidator(none_if_blank)] = None
    phone: Annotated[PhoneNumber | None, BeforeValidator(none_if_blank)] = None
    language: Language = "de"


class ApplicationSent(Document):
    """What whoever applied is given; the same again for the same `Idempotency-Key` and request."""

    reference: str = Field(description="Names the application; can be read over the phone.")
    code: str = Field(description="Opens it, with the reference.")
    link: str = Field(description="Personal link with the same power.")
    received_at: AwareDatetime = Field(description="The time that counts as that of the application.")


class AccessRequest(Document):
    """One of these. The birth date alone shows no more than the state and the next step."""

    code: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, description="From the letter.")
    token: Annotated[str, StringConstraints(max_length=100)] | None = Field(None, description="From the personal link.")
    birth_date: date | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.code, self.token, self.birth_date)) != 1:
            raise ValueError("give one of code, token and birth_date")
        return self


class Access(Document):
    """Opens one application for a while: `Authorization: Bearer <bearer>`."""

    bearer: str
    scope: Scope
    expires_at: AwareDatetime


class Usual(Document):
    """How long this state has lasted for others lately, in days."""

    median_days: float
    p80_days: float = Field(description="Four of five took no longer.")
    cases: int


class Step(Document):
    """One entry of an application's history."""

    state: State
    at: AwareDatetime
    backward: bool = False
    explanation: str = Field("", description="Written for the person; always there when it went back.")


class SentDocument(Document):
    """A file that was handed in."""

    receipt: UUID
    file_name: str
    bytes: int
    sha256: str = Field(description="Of the bytes as they came, in hex.")
    received_at: AwareDatetime
    state: DocumentState = Field(description="`pending`: it is here, and being checked.")
    reason: RejectReason | None = Field(None, description="Why it was refused.")


class Item(Document):
    """A paper that is needed."""

    id: str
    name: dict[str, str] = Field(description="By language.")
    help: dict[str, str] = Field(description="What is meant, by language.")
    black_out: dict[str, str] = Field(description="What may be blacked out, by language; empty: nothing is said.")
    picture: str = Field(description="Name of the picture that shows it; empty: there is none.")
    needed: bool = Field(description="Else it helps, but was not asked for.")
    state: ItemState
    reason: RejectReason | None = None
    documents: list[SentDocument] = Field(default=[])


class ApplicationStatus(Document):
    """Where an application stands. With the birth date alone, all from `name` on is left out."""

    reference: str
    scope: Scope
    benefit_id: str = Field(description="As in `/benefits`.")
    benefit: dict[str, str] = Field(description="Its name when the application was made, by language.")
    state: State
    state_since: AwareDatetime
    received_at: AwareDatetime
    next_actor: Actor
    due_at: AwareDatetime | None
    usual: Usual | None = Field(None, description="Empty while too few cases are known.")
    as_of: AwareDatetime
    name: str | None = None
    has_email: bool | None = None
    can_upload: bool = False
    history: list[Step] = Field(default=[])
    items: list[Item] = Field(default=[])


class Inquiry(Document):
    """What asking for the state does beside the page."""

    inquired_at: AwareDatetime
    mail: Literal["will-be-sent", "no-address", "just-sent"] = Field(description="To the address on file, if any.")


class Receipt(Document):
    """Proof that a file came in."""

    id: UUID
    reference: str
    item: str
    item_name: dict[str, str]
    file_name: str
    bytes: int
    sha256: str
    channel: Channel
    received_at: AwareDatetime
    state: DocumentState
    reason: RejectReason | None = None

"""The public API's documents: what booking answers and the gateway hands on, declared once for both."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    model_validator,
)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
# A name stands in a mail from the office: it must not carry a link there, nor turn the text around.
_NO_NAME = re.compile(r"://|www\.|@|[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", re.IGNORECASE)

_INVISIBLE_LETTERS = "\u115f\u1160"  # fillers of Korean, also those that are written otherwise


def _a_name(text: str) -> str:
    seen = unicodedata.normalize("NFKC", text)
    if not any(unicodedata.category(one)[0] in "LN" and one not in _INVISIBLE_LETTERS for one in seen):
        raise ValueError("a name has letters")
    if _NO_NAME.search(seen):
        raise ValueError("a name holds no link, no address and no control characters")
    return text


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_a_name)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(@[a-z]{2,10})?$")]


Start = Annotated[AwareDatetime, Field(ge=datetime(2020, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]


class Document(BaseModel):
    """Base of all documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OfficeAddress(Document):
    """Where an office is."""

    street: str
    postcode: str
    city: str


Kind = Literal["office", "phone", "video"]
# Codes, no free text: what somebody needs is health data, and a word too many would stay in logs and heads.
Need = Literal["step-free", "sign-language", "hearing", "sight", "plain-language", "companion"]

MOST_CONCERNS = 3

Also = Annotated[
    list[Slug],
    Field(max_length=MOST_CONCERNS - 1, description="Further concerns, dealt with at the same appointment."),
]


class Office(Document):
    """An office where appointments take place."""

    id: str
    name: str
    address: OfficeAddress
    phone: str
    zone: str = Field(description="IANA time zone of its times.")


class Concern(Document):
    """What somebody can come for."""

    id: str
    name: dict[str, str] = Field(description="By language.")
    minutes: int = Field(description="How long the appointment takes.")
    papers: dict[str, list[str]] = Field(description="What to bring, by language.")
    kinds: list[Kind] = Field(["office"], description="How it can be dealt with at this office.")
    confirm_by_mail: bool = Field(
        default=False, description="Booked only once a button behind the link in a mail was pressed."
    )
    together_with: list[str] = Field(
        default=[], description="Concerns that can be dealt with at the same appointment, at this office."
    )


class Slot(Document):
    """A time that can be booked."""

    start: AwareDatetime = Field(description="In the office's zone.")
    end: AwareDatetime
    free: int = Field(description="Desks still free.")


class FreeDays(Document):
    """The days with free times, and the times of one of them."""

    days: list[date]
    slots: list[Slot] = Field(description="Of the day that was asked for, or of the first.")


SlotRule = Literal[
    "free", "taken", "past", "too-soon", "too-far", "holiday", "closure", "closed", "outside-hours",
    "walk-in-only", "kept-desks", "not-a-start", "online-booking-off",
]  # fmt: skip


class SlotExplanation(Document):
    """Why a time can be booked online or not."""

    at: AwareDatetime = Field(description="In the office's zone.")
    bookable: bool
    rule: SlotRule = Field(description="The first rule that decides.")
    detail: str


def none_if_blank(value: object) -> object:
    """Return nothing for an empty field of a form."""
    return None if isinstance(value, str) and not value.strip() else value


class _Time(Document):
    """A time at an office for one concern or several."""

    office: Slug
    concern: Slug
    also: Also = Field(default=[])
    start: Start

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({self.concern, *self.also}) != 1 + len(self.also):
            raise ValueError("`also` names a concern twice")
        return self

    @property
    def concerns(self) -> list[str]:
        """All its concerns, the first one first."""
        return [self.concern, *self.also]


class HoldRequest(_Time):
    """A time to keep free while somebody fills in the form."""


class Hold(Document):
    """A time that is kept for whoever sent the `Holder`."""

    start: AwareDatetime = Field(description="In the office's zone.")
    end: AwareDatetime
    held_until: AwareDatetime = Field(description="Full minute, in the office's zone; free for all again then.")
    extensions_left: int


def _a_phone_number(text: str) -> str:
    if sum(one.isdigit() for one in text) < 5:  # noqa: PLR2004  the shortest there are
        raise ValueError("a phone number has digits")
    return text


PhoneNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=30, pattern=r"^\+?[0-9 ()/.-]+$"),
    AfterValidator(_a_phone_number),
]


class AppointmentRequest(_Time):
    """An appointment somebody wants."""

    name: Name
    birth_date: Annotated[date | None, BeforeValidator(none_if_blank)] = None
    email: Annotated[EmailStr | None, BeforeValidator(none_if_blank)] = Field(
        None, description="Optional: number and code are enough."
    )
    language: Language = Field("de", description="In which messages are written.")
    kind: Kind = "office"
    phone: Annotated[PhoneNumber | None, BeforeValidator(none_if_blank)] = Field(
        None, description="Where to call; needed for an appointment by phone."
    )
    interpreter: Annotated[Language | None, BeforeValidator(none_if_blank)] = Field(
        None, description="Language of an interpreter who is wished for. Deleted after the appointment."
    )
    needs: list[Need] = Field(
        default=[], max_length=6, description="So that the office can prepare. Deleted after the appointment."
    )


class AppointmentMove(Document):
    """The time to which somebody wants to move their appointment; office and concern stay."""

    start: Start


class WaitlistJoin(Document):
    """Somebody would come earlier."""

    email: Annotated[EmailStr | None, BeforeValidator(none_if_blank)] = Field(
        None, description="Where to send offers, when the appointment has no address yet."
    )


class _Appointment(Document):
    id: UUID
    number: str = Field(description="Names the appointment; can be printed and read aloud.")
    code: str = Field(description="Opens, moves and cancels it; for those who came by the link.")
    link: str = Field(description="Personal link with the same power; for those who came by the code.")
    office: Office
    concern: Concern
    also: list[Concern] = Field(description="Further concerns, dealt with at the same appointment.")
    kind: Kind
    video_url: str = Field(description="Where an appointment by video takes place; else empty.")
    start: AwareDatetime
    end: AwareDatetime
    name: str | None = Field(description="Empty when the data of the person have been erased.")
    state: Literal["unconfirmed", "booked", "cancelled"]
    confirm_until: AwareDatetime | None = Field(
        description="Unconfirmed: full minute until which the button behind the link in the mail works."
    )


class Appointment(_Appointment):
    """An appointment, told to whoever has its code or link."""

    mail: Literal["none", "waiting", "sent", "failed"] = Field(description="What became of the last message.")
    waiting: bool = Field(description="Whether an earlier time will be offered when one becomes free.")
    has_email: bool = Field(description="Whether there is an address for messages.")
    version: int


class BookedAppointment(_Appointment):
    """What a booking answers, and answers again for the same `Idempotency-Key` and request."""


class Offer(Document):
    """An earlier time that is kept for one person for a while."""

    id: UUID
    state: Literal["open", "accepted", "declined", "missed", "gone"] = Field(
        description="`gone`: the appointment it was to replace has been moved, cancelled or is over."
    )
    start: AwareDatetime = Field(description="In the office's zone.")
    end: AwareDatetime
    valid_until: AwareDatetime
    appointment: Appointment

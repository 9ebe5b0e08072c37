"""Documents for staff: what applications answers to members of an office."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, EmailStr, Field, StringConstraints

from shared.api import Document, Language, Name, Office, PhoneNumber, Slug, Start, none_if_blank
from shared.api_applications import ApplicationRequest, Item, Step
from shared.contracts.applications import Actor, Channel, RejectReason, State

StaffChannel = Literal["counter", "post", "import"]
OnPaper = Literal["counter", "post"]
StaffReason = Literal["unreadable", "wrong-paper", "incomplete", "out-of-date", "not-needed"]
MOST_LISTED = 50

_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Explanation = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=_TEXT)]


class StaffApplicationRequest(ApplicationRequest):
    """An application that came in on paper, or by word of mouth."""

    channel: StaffChannel
    received_at: Start | None = Field(None, description="When it came in; left out: now.")


class StateChange(Document):
    """Where an application goes."""

    state: State
    version: int = Field(description="Of the application that was looked at: if it has changed since, nothing is done.")
    explanation: Explanation = Field("", description="For the person, who reads it; a step back needs one.")


class PapersRequest(Document):
    """Papers that the office needs."""

    items: list[Slug] = Field(min_length=1, max_length=40)
    note: Explanation = Field("", description="For the person, who reads it.")
    version: int


class ReceivedOnPaper(Document):
    """A paper that somebody brought or sent."""

    channel: OnPaper


class Rejection(Document):
    """Why a paper does not do; of what is not needed nothing is missing any more."""

    reason: StaffReason


class OnlineAccess(Document):
    """Whether code, link and birth date open an application."""

    open: bool


class ContactCorrection(Document):
    """How to reach a person, and who it is. What is left out stays; an empty text goes."""

    name: Name | None = None
    birth_date: date | None = None
    email: Annotated[EmailStr | None, BeforeValidator(none_if_blank)] = None
    phone: Annotated[PhoneNumber | None, BeforeValidator(none_if_blank)] = None
    language: Language | None = None


class NewCode(Document):
    """What opens an application from now on, and nothing else does; to be handed to the person or sent by post."""

    reference: str
    code: str
    link: str


class StaffStep(Step):
    """One entry of the history, with who it was."""

    by: Literal["citizen", "office", "papers"] = Field(description="`papers`: it followed from what came in.")


class StaffItem(Item):
    """A paper, with how it came in."""

    channel: Channel | None
    received_at: AwareDatetime | None


class PossibleState(Document):
    """Where an application can go from here."""

    state: State
    backward: bool


class StaffApplication(Document):
    """An application as the staff of its office see it."""

    id: UUID
    reference: str
    version: int
    benefit_id: str
    benefit: dict[str, str]
    office: Office
    channel: Channel
    state: State
    state_since: AwareDatetime
    received_at: AwareDatetime
    next_actor: Actor
    due_at: AwareDatetime | None
    overdue: bool
    possible: list[PossibleState]
    name: str | None = Field(description="Empty when the data of the person have been erased.")
    birth_date: date | None
    email: str | None
    phone: str | None
    language: str
    online_access: bool
    external_reference: str | None = Field(None, description="Of the office's own system.")
    handed_over_at: AwareDatetime | None
    erased_at: AwareDatetime | None
    history: list[StaffStep]
    items: list[StaffItem]
    requestable: list[Slug] = Field(description="Items of the benefit's list that could be asked for, by id.")


class Entry(Document):
    """An application on a list."""

    reference: str
    office: str
    benefit: dict[str, str]
    name: str | None
    state: State
    state_since: AwareDatetime
    received_at: AwareDatetime
    next_actor: Actor
    due_at: AwareDatetime | None
    overdue: bool
    unseen: int = Field(description="Papers that came in and nobody has looked at.")


class Cursor(Document):
    """Where the next page begins: both go into the next request's query."""

    after: AwareDatetime
    after_id: UUID


class Page(Document):
    """Part of a list, the oldest first."""

    entries: list[Entry]
    next: Cursor | None = Field(description="Empty: this was the last one.")


class StaffTask(Document):
    """Something to do because no mail can tell the person."""

    id: UUID
    kind: Literal["tell-rejected"]
    reference: str
    office: str
    name: str | None
    phone: str | None
    item: str | None
    item_name: dict[str, str]
    file_name: str
    reason: RejectReason | None
    created_at: AwareDatetime

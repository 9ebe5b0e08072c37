"""Events of applications.

Each tells the whole of what holds after it: the state, who acts next and by when, and the papers still missing. So
whoever follows keeps the newest version and needs no other. A benefit is an id that says nothing; its name changes
by law, and would tell what somebody applied for.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.values import Office, Paper, SealedRecipient
from shared.events import Event

State = Literal["received", "documents-missing", "in-review", "decided", "withdrawn"]
Actor = Literal["citizen", "office", "nobody"]
Channel = Literal["online", "counter", "post", "import"]
# Why a paper is needed again. The file's own name is personal: it stands in the sealed recipient.
RejectReason = Literal[
    "unreadable", "wrong-paper", "incomplete", "out-of-date", "not-needed",
    "too-large", "empty", "wrong-type", "too-many-pixels", "too-many-pages", "damaged", "encrypted", "infected",
    "too-complex",
]  # fmt: skip


class _ApplicationEvent(Event):
    """What every event of an application tells."""

    application_id: UUID
    office: Office
    benefit_id: str = Field(description="Means nothing outside the tenant's file.")
    state: State
    state_since: AwareDatetime
    next_actor: Actor = Field(description="Who has to do something now.")
    due_at: AwareDatetime | None = Field(None, description="By when, if there is a time.")
    missing: list[Paper] = Field(description="What the person still has to hand in, after this.")
    recipient: SealedRecipient | None = Field(None, description="Whom to tell; empty when no e-mail is on file.")


class ApplicationReceived(
    _ApplicationEvent,
    type="applications.application-received.v1",
    topic="applications.application",
    key="application_id",
):
    """An application is at the office, with the time that counts."""

    channel: Channel
    received_at: AwareDatetime


class ApplicationStatusChanged(
    _ApplicationEvent,
    type="applications.application-status-changed.v1",
    topic="applications.application",
    key="application_id",
):
    """An application went from one state to another, forward or back. What it changed to stands in `state`."""

    previous_state: State
    previous_since: AwareDatetime = Field(description="When that state began: with `changed_at`, how long it lasted.")
    backward: bool = Field(description="Whether it went back; the person's page tells why.")
    changed_at: AwareDatetime


class DocumentsRequested(
    _ApplicationEvent,
    type="applications.documents-requested.v1",
    topic="applications.application",
    key="application_id",
):
    """The office needs papers, all of which stand in `missing`."""

    requested: list[Paper] = Field(description="What was asked for just now.")
    requested_at: AwareDatetime


class DocumentReceived(
    _ApplicationEvent, type="applications.document-received.v1", topic="applications.application", key="application_id"
):
    """A paper has come in, whichever way. Whether it is what was needed is looked at later."""

    paper: Paper
    document_id: UUID | None = Field(None, description="Empty: on paper, ticked by staff.")
    channel: Channel
    received_at: AwareDatetime


class DocumentRejected(
    _ApplicationEvent, type="applications.document-rejected.v1", topic="applications.application", key="application_id"
):
    """A paper that had come in does not do: the person is told why, and another way."""

    paper: Paper
    document_id: UUID | None = None
    reason: RejectReason
    rejected_by: Literal["staff", "check"] = Field(description="A person looked, or the file could not be opened.")
    rejected_at: AwareDatetime


class StatusInquired(
    _ApplicationEvent, type="applications.status-inquired.v1", topic="applications.application", key="application_id"
):
    """Somebody asked where an application stands; the address on file is told."""

    inquired_at: AwareDatetime


class ApplicationDecided(
    _ApplicationEvent,
    type="applications.application-decided.v1",
    topic="applications.application",
    key="application_id",
):
    """An application was decided; the letter says how. Nothing here does."""

    decided_at: AwareDatetime

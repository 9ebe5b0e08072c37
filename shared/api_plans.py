"""Documents of the plan editor: what booking answers to those who manage an office, and what they send."""

from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from shared.api import Concern, Document, Start

MOST_VERSIONS = 200
MOST_CANCELLED = 500

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
Plan = dict[str, Any]  # the fields are those of a team in the tenant's file; booking says what is wrong with one


class PlanVersion(Document):
    """A version of an office's opening plan; it never changes."""

    version: int
    sha256: str = Field(description="Of its document: equal plans have equal hashes.")
    state: Literal["in-force", "scheduled", "former", "withdrawn"]
    published_at: AwareDatetime = Field(description="In the office's zone, like all times here.")
    published_by: str | None = Field(description="The account's id; empty: made from the tenant's file.")
    in_force_from: AwareDatetime
    note: str
    returned_to: int | None = Field(description="The version of which this is a copy.")


class PlanDocument(PlanVersion):
    """A version with what it says."""

    document: Plan
    desks: dict[str, list[str]] = Field(description="The names of each team's desks, also where the plan names none.")
    teams: dict[str, dict[str, str]] = Field(description="What its teams are called, by language.")
    concerns: list[Concern] = Field(description="All that a team could handle.")


class PlanChange(Document):
    """Something that is otherwise in another plan; of lists, what is in one of both alone."""

    what: Literal[
        "team", "name", "hours", "walk-in", "exceptions", "kept-desks", "concerns", "desks", "closures", "rules"
    ] = Field(description="`rules`: how long a concern takes, and how far ahead it can be booked.")
    team: str | None = None
    day: str | None = None
    concern: str | None = None
    before: list[Any]
    after: list[Any]


class StrandedAppointment(Document):
    """An appointment for which nobody would be there."""

    number: str
    start: AwareDatetime
    end: AwareDatetime
    concern: dict[str, str] = Field(description="Its name, by language.")
    name: str | None
    has_email: bool = Field(description="Whether its person can be told by mail.")
    desk: str | None
    reason: str = Field(description="The rule that is in the way; `no-desk`: its desk is gone; `no-team`: its team.")
    version: int | None = Field(description="The plan that does not cover it; empty: the one that is looked at.")


class _Wanted(Document):
    in_force_from: Start | None = Field(None, description="A moment to come; empty: at once.")


class PlanLook(_Wanted):
    """A plan to be looked at before it is published: a document, or an earlier version."""

    document: Plan | None = None
    version: Version | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.document is None) == (self.version is None):
            raise ValueError("give either a document or a version")
        return self


class PlanPreview(Document):
    """What would change if a plan were published."""

    expect: int = Field(description="The version with which it was compared; to be sent when it is published.")
    former_sha256: str
    sha256: str
    changes: list[PlanChange]
    teams: dict[str, dict[str, str]] = Field(description="What the teams of both plans are called, by language.")
    stranded: list[StrandedAppointment] = Field(description="Those for which somebody is there by the present plan.")
    scheduled: int | None = Field(description="A version that waits to come into force: it would have to be replaced.")


class PlanReturn(_Wanted):
    """An earlier version is to be in force again."""

    expect: Version
    note: Note = ""
    replace: Version | None = Field(None, description="The version that waits to come into force, which is withdrawn.")
    stranded: Literal["keep", "cancel"] | None = Field(
        None, description="What becomes of appointments for which nobody would be there; empty: nothing is published."
    )
    affected: list[str] = Field(
        default=[], max_length=5000, description="Their numbers, as the preview told: others are never cancelled."
    )


class PlanPublication(PlanReturn):
    """A new plan."""

    document: Plan


class PlanPublished(Document):
    """What has happened."""

    version: PlanVersion
    kept: list[StrandedAppointment]
    cancelled: list[StrandedAppointment]

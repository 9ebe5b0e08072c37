"""The opening plan of an office: when which team receives people, and for what."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.api import Language, Slug

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _clock_time(value: time) -> time:
    if value.tzinfo or value.second or value.microsecond:
        raise PydanticCustomError("clock-time", "Please give a time of the office's own clock in full minutes: 08:00.")
    return value


ClockTime = Annotated[time, AfterValidator(_clock_time)]
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Reason = dict[Language, Annotated[str, StringConstraints(max_length=200, pattern=_PRINTABLE)]]
DeskName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]


def _is_empty(value: object) -> bool:
    return value is None


class _Plan(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid")


class Desk(NamedTuple):
    """A place to sit at, of one team. `seeded`: it was there before any plan named desks."""

    id: int
    name: str
    seeded: bool


class Window(_Plan):
    """A part of a day, in the office's local time."""

    opens: ClockTime = Field(alias="from")
    closes: ClockTime = Field(alias="to")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "Window":
        if self.opens >= self.closes:
            raise PydanticCustomError(
                "closes-first", f"This opens at {self.opens:%H:%M} but closes at {self.closes:%H:%M}"
            )
        return self


class Hours(Window):
    """When a team receives people, week by week."""

    days: list[Weekday] = Field(min_length=1, max_length=7)


class _Days(_Plan):
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "_Days":
        if self.first > self.last:
            raise PydanticCustomError("ends-first", f"This begins on {self.first} but ends on {self.last}")
        return self

    def covers(self, day: date) -> bool:
        """Whether a day is among them."""
        return self.first <= day <= self.last


class Closure(_Days):
    """Days on which the office is closed, first and last included."""

    reason: Reason


class OtherHours(_Days):
    """Days on which other hours hold instead of the weekly ones; none at all means that nobody is received."""

    hours: list[Window] = Field(max_length=20)
    reason: Reason = Field(default_factory=dict)


class TeamPlan(_Plan):
    """What a team handles, and when."""

    concerns: list[Slug] = Field(max_length=100)
    hours: list[Hours] = Field(max_length=50)
    exceptions: list[OtherHours] = Field(default_factory=list, max_length=200)
    walk_in: list[Hours] = Field(
        default_factory=list, max_length=50, description="Within the hours: for people without appointment."
    )
    kept_desks: int = Field(0, ge=0, description="Desks that cannot be booked online: for phone and counter.")
    # Not in the document where they say nothing: plans from before keep their hash.
    desks: list[DeskName] | None = Field(
        None, max_length=200, exclude_if=_is_empty, description="By name; left out: those from before any plan."
    )
    name: dict[Language, DeskName] = Field(
        default_factory=dict, exclude_if=lambda found: not found, description="Left out: it is called as its desks."
    )

    def windows(self, day: date) -> list[Window]:
        """Return when the team receives people on a day, appointments or not."""
        for exception in self.exceptions:
            if exception.covers(day):
                return list(exception.hours)
        return [hours for hours in self.hours if WEEKDAYS[day.weekday()] in hours.days]

    def walk_in_windows(self, day: date) -> list[Window]:
        """Return when nobody has an appointment on a day."""
        return [hours for hours in self.walk_in if WEEKDAYS[day.weekday()] in hours.days]


class ConcernRules(_Plan):
    """What is otherwise with a concern at this office; what is left out is as everywhere."""

    minutes: int | None = Field(None, gt=0, le=480, exclude_if=_is_empty)
    lead_days: int | None = Field(None, ge=0, le=366, exclude_if=_is_empty)
    horizon_days: int | None = Field(None, ge=0, le=366, exclude_if=_is_empty)


class Plan(_Plan):
    """The opening plan of one office, by team."""

    teams: dict[Slug, TeamPlan] = Field(max_length=50)
    closures: list[Closure] = Field(default_factory=list, max_length=200)
    concerns: dict[Slug, ConcernRules] = Field(default_factory=dict, max_length=100, exclude_if=lambda found: not found)

    def closure(self, day: date) -> Closure | None:
        """Return why the office is closed on a day, if it is."""
        return next((closure for closure in self.closures if closure.covers(day)), None)

    def concern(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a concern as it is at this office."""
        changed = self.concerns.get(row["id"])
        return {**row, **(changed.model_dump(exclude_none=True) if changed else {})}

    def desk_ids(self, desks: Mapping[str, Sequence[Desk]]) -> dict[str, list[int]]:
        """Return which desks each team has, of all that there are: the last ones of a team are those kept."""
        return {team: [desk.id for desk in of_team(part, desks.get(team, ()))] for team, part in self.teams.items()}

    def document(self) -> dict[str, Any]:
        """Return the plan as it is stored, and hashed."""
        return self.model_dump(mode="json", by_alias=True)


def of_team(part: TeamPlan, desks: Sequence[Desk]) -> list[Desk]:
    """Return the desks of a team by its part of a plan, in the plan's order."""
    if part.desks is None:
        return [desk for desk in desks if desk.seeded]
    by_name = {desk.name: desk for desk in desks}
    return [by_name[name] for name in part.desks if name in by_name]

"""The opening plan of an office: when which team receives people, and for what."""

from datetime import date, time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Plan(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid")


class Window(_Plan):
    """A part of a day, in the office's local time."""

    opens: time = Field(alias="from")
    closes: time = Field(alias="to")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "Window":
        if self.opens >= self.closes:
            raise ValueError(f"opens at {self.opens} but closes at {self.closes}")
        return self


class Hours(Window):
    """When a team receives people, week by week."""

    days: list[Weekday] = Field(min_length=1)


class _Days(_Plan):
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "_Days":
        if self.first > self.last:
            raise ValueError(f"begins on {self.first} but ends on {self.last}")
        return self

    def covers(self, day: date) -> bool:
        """Whether a day is among them."""
        return self.first <= day <= self.last


class Closure(_Days):
    """Days on which the office is closed, first and last included."""

    reason: dict[str, str]


class OtherHours(_Days):
    """Days on which other hours hold instead of the weekly ones; none at all means that nobody is received."""

    hours: list[Window]
    reason: dict[str, str] = Field(default_factory=dict)


class TeamPlan(_Plan):
    """What a team handles, and when."""

    concerns: list[str]
    hours: list[Hours]
    exceptions: list[OtherHours] = Field(default_factory=list)
    walk_in: list[Hours] = Field(default_factory=list, description="Within the hours: for people without appointment.")
    kept_desks: int = Field(0, ge=0, description="Desks that cannot be booked online: for phone and counter.")

    def windows(self, day: date) -> list[Window]:
        """Return when the team receives people on a day, appointments or not."""
        for exception in self.exceptions:
            if exception.covers(day):
                return list(exception.hours)
        return [hours for hours in self.hours if WEEKDAYS[day.weekday()] in hours.days]

    def walk_in_windows(self, day: date) -> list[Window]:
        """Return when nobody has an appointment on a day."""
        return [hours for hours in self.walk_in if WEEKDAYS[day.weekday()] in hours.days]


class Plan(_Plan):
    """The opening plan of one office, by team."""

    teams: dict[str, TeamPlan]
    closures: list[Closure] = Field(default_factory=list)

    def closure(self, day: date) -> Closure | None:
        """Return why the office is closed on a day, if it is."""
        return next((closure for closure in self.closures if closure.covers(day)), None)

"""How times are written on pages: in the office's zone and the person's language."""

from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import format_date, format_skeleton, format_time

from shared import languages


@dataclass(frozen=True)
class Moment:
    """A moment of an appointment, as text."""

    iso: str
    date: str
    time: str

    @classmethod
    def of(cls, moment: datetime, language: str) -> "Moment":
        """Write a moment, which is in the office's zone already."""
        return cls(moment.isoformat(), long_date(moment.date(), language), clock_time(moment.time(), language))


def long_date(day: date, language: str) -> str:
    """`Thursday 26 November 2026`."""
    return str(format_date(day, "full", locale=languages.locale(language)))


def short_date(day: date, language: str) -> str:
    """`Thu, 26 Nov`."""
    return str(format_skeleton("MMMEd", day, locale=languages.locale(language)))


def weekday_and_day(day: date, language: str) -> str:
    """`Thursday, 26 November`."""
    weekday, rest = format_date(day, "EEEE", locale=languages.locale(language)), "MMMMd"
    return f"{weekday}, {format_skeleton(rest, day, locale=languages.locale(language))}"


def day_and_month(day: date, language: str) -> str:
    """`26 Nov`."""
    return str(format_skeleton("MMMd", day, locale=languages.locale(language)))


def clock_time(moment: time, language: str) -> str:
    """`08:00`."""
    return str(format_time(moment, "short", locale=languages.locale(language)))


def month_name(day: date, language: str) -> str:
    """`November 2026`."""
    return str(format_skeleton("yMMMM", day, locale=languages.locale(language)))


def birth_date(day: date, language: str) -> str:
    """`31 December 1980`."""
    return str(format_date(day, "long", locale=languages.locale(language)))

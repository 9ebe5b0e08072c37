"""Times that staff type for what is to happen later: read in the zone of the office, and checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.gateway.render import N_

_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}),? +(\d{1,2}:\d\d)")
LONGEST_AHEAD = timedelta(days=366)

NO_TIME = N_("Please enter day and time, for example 2026-11-30 08:00.")
NO_SUCH_TIME = N_("This time does not exist: the clocks go forward then. Please choose another.")
PAST = N_("This time is past. Please choose a later one.")
TOO_FAR = N_("Please choose a time within a year.")
NOT_AFTER = N_("Please choose an end after the beginning, or leave it empty.")


@dataclass(frozen=True)
class Period:
    """From when, and until when if that was said (UTC); or the fields that have to be put right, and how."""

    start: datetime | None
    end: datetime | None
    problems: Sequence[tuple[str, str]]


def read(start: str, end: str, zone: ZoneInfo, now: datetime) -> Period:
    """Return what the fields `from` and `until` say; the minute that is running counts as not past yet."""
    problems: list[tuple[str, str]] = []
    begins = _moment("from", start, zone, now, problems)
    ends = _moment("until", end, zone, now, problems) if end.strip() else None
    if begins and ends and ends <= begins:
        problems.append(("until", NOT_AFTER))
    return Period(begins, ends, problems)


def _read(text: str) -> datetime:
    german = _GERMAN.fullmatch(text)  # where a browser has no field for times, people type
    return datetime.fromisoformat("{2}-{1:0>2}-{0:0>2} {3:0>5}".format(*german.groups()) if german else text)


def _moment(field: str, text: str, zone: ZoneInfo, now: datetime, problems: list[tuple[str, str]]) -> datetime | None:
    try:
        local = _read(text.strip())
        moment = local.replace(tzinfo=local.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        problems.append((field, NO_TIME))
        return None
    if local.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != local:
        problems.append((field, NO_SUCH_TIME))
    elif moment < now.replace(second=0, microsecond=0):
        problems.append((field, PAST))
    elif moment > now + LONGEST_AHEAD:
        problems.append((field, TOO_FAR))
    return moment

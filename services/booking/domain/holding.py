"""For how long a time is kept free for somebody, or from everybody."""

import secrets
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

HOLD = timedelta(minutes=10)
MOST_EXTENSIONS = 10

OFFERS_FROM, OFFERS_TO = time(8), time(20)
LONGEST_OFFER, SHORTEST_OFFER = timedelta(minutes=60), timedelta(minutes=10)

RETURN_SECONDS = 60, 15 * 60


def until(now: datetime, length: timedelta) -> datetime:
    """Return the full minute at or after `now + length`: what is told as a clock time is kept to the second."""
    end = now + length
    return end if end == _minute(end) else _minute(end) + timedelta(minutes=1)


def offer_until(start: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return until when a time that begins at `start` may be offered to one person alone; `None`: not at all.

    Offers are made between 08:00 and 20:00. Half of what is left until the time is for the answer, an hour at most:
    who accepts must still get there, and who declines must leave others time to book.
    """
    if not OFFERS_FROM <= now.astimezone(zone).time() < OFFERS_TO:
        return None
    valid_until = _minute(now + min(LONGEST_OFFER, (start - now) / 2))
    return valid_until if valid_until - now >= SHORTEST_OFFER else None


def returns_at(now: datetime) -> datetime:
    """Return when a cancelled time is free for all again: a random 1 to 15 minutes later, against resale.

    Whoever sells a time must cancel it and let the buyer book it; nobody can be sure to be there first.
    """
    shortest, longest = RETURN_SECONDS
    return now + timedelta(seconds=shortest + secrets.randbelow(longest - shortest + 1))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)

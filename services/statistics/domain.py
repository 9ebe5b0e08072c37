"""Rules of figures: lead times and when they are too few to tell, shares, medians. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Name of a lead time and the fewest days of it; each ends where the next begins.
LEADS = (("same-day", 0), ("next-day", 1), ("2-3-days", 2), ("4-7-days", 4), ("8-14-days", 8), ("15-days-or-more", 15))
FEWEST_APPOINTMENTS = 5  # a share of fewer is chance, and might tell of somebody


@dataclass(frozen=True)
class Kept:
    """The appointments of one lead time, and the share that was not cancelled; `None` when they are too few."""

    lead: str
    appointments: int
    kept_ratio: float | None


def lead_of(days: int) -> str:
    """Return the name of a lead time in days.

    One below zero, of clocks that differ, is the same day.
    """
    return next((name for name, fewest in reversed(LEADS) if days >= fewest), LEADS[0][0])


def kept_by_lead(appointments: Mapping[int, tuple[int, int]]) -> list[Kept]:
    """Return every lead time in order; `appointments`: by days, how many in all and how many not cancelled."""
    totals = {name: [0, 0] for name, _ in LEADS}
    for days, (total, kept) in appointments.items():
        totals[lead_of(days)][0] += total
        totals[lead_of(days)][1] += kept
    return [
        Kept(name, total, kept / total if total >= FEWEST_APPOINTMENTS else None)
        for name, (total, kept) in totals.items()
    ]


def parts_to_tell(totals: Mapping[Any, int]) -> set[Any]:
    """Return which parts of a whole can be told: none is too small, nor is what they leave of the whole.

    Otherwise what is not told of one small part could be computed from the others.
    """
    by_size, untold = sorted(totals, key=lambda part: totals[part]), 0
    for n, part in enumerate(by_size):
        if totals[part] >= FEWEST_APPOINTMENTS and not 0 < untold < FEWEST_APPOINTMENTS:
            return set(by_size[n:])
        untold += totals[part]
    return set()


def share(part: int, whole: int) -> float | None:
    """Return which share a part is; `None` of nothing."""
    return part / whole if whole else None


def median(counts: Mapping[int, int]) -> float | None:
    """Return the median of values that occurred so often; between the two in the middle of an even number."""
    total = sum(counts.values())
    if not total:
        return None
    lower, upper = _at(counts, (total - 1) // 2), _at(counts, total // 2)
    return (lower + upper) / 2


def _at(counts: Mapping[int, int], position: int) -> int:
    """Return the value at a position, from 0, of all values in order."""
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen > position:
            return value
    raise IndexError(position)

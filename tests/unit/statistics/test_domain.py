"""Rules of figures: where lead times end, what is too few to tell, and what lies in the middle."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.statistics.domain import LEADS, kept_by_lead, lead_of, median, parts_to_tell, share

COUNTS = st.dictionaries(st.integers(0, 60), st.integers(0, 20))


@pytest.mark.parametrize(
    ("lead", "first", "last"),
    [
        ("same-day", -1, 0),
        ("next-day", 1, 1),
        ("2-3-days", 2, 3),
        ("4-7-days", 4, 7),
        ("8-14-days", 8, 14),
        ("15-days-or-more", 15, 400),
    ],
)
def test_a_lead_time_has_these_days(lead: str, first: int, last: int) -> None:
    assert (lead_of(first), lead_of(last)) == (lead, lead)


def test_every_lead_time_is_told_in_order_and_those_of_few_appointments_without_a_share() -> None:
    found = kept_by_lead({2: (3, 3), 3: (2, 1), 15: (4, 4), 99: (0, 0)})
    assert [each.lead for each in found] == [name for name, _ in LEADS]
    assert [(each.appointments, each.kept_ratio) for each in found] == [
        (0, None), (0, None), (5, 0.8), (0, None), (0, None), (4, None),
    ]  # fmt: skip


@given(COUNTS)
def test_the_median_is_that_of_all_values_written_out(counts: dict[int, int]) -> None:
    values = [value for value, n in counts.items() for _ in range(n)]
    assert median(counts) == (statistics.median(values) if values else None)


def test_a_share_of_nothing_is_none() -> None:
    assert (share(0, 0), share(0, 4), share(3, 4)) == (None, 0, 0.75)


@given(COUNTS)
def test_what_is_told_leaves_no_small_part_to_be_computed(totals: dict[int, int]) -> None:
    found = parts_to_tell(totals)
    assert all(totals[part] >= 5 for part in found)
    left = sum(n for part, n in totals.items() if part not in found)
    assert left == 0 or left >= 5 or not found
    if all(n >= 5 for n in totals.values()):
        assert found == set(totals)

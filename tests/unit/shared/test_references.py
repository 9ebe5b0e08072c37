"""References: read over the phone, and a slip is found at once."""

import string

import pytest
from hypothesis import assume, given, strategies

from shared import links, references

made = strategies.builds(references.new_reference)


@given(made)
def test_one_that_was_given_out_is_one_however_it_is_typed(reference: str) -> None:
    typed = reference.lower().replace("-", " ").replace("0", "o").replace("1", "i")
    assert references.is_reference(typed)
    assert references.normalise(typed) == references.normalise(reference) == reference
    assert len(reference) == 11
    assert set(reference) <= {*links.ALPHABET, "-"}


@given(made, strategies.integers(0, 8), strategies.sampled_from(links.ALPHABET))
def test_one_wrong_character_is_found(reference: str, position: int, wrong: str) -> None:
    characters = links.normalise(reference)
    assume(characters[position] != wrong)
    assert not references.is_reference(characters[:position] + wrong + characters[position + 1 :])


@given(made, strategies.integers(0, 6))
def test_two_that_changed_places_are_found(reference: str, position: int) -> None:
    characters = links.normalise(reference)
    swapped = characters[:position] + characters[position + 1] + characters[position] + characters[position + 2 :]
    assume(swapped != characters)
    assert not references.is_reference(swapped)


@pytest.mark.parametrize("typed", ["", "K7QM", "../../..", "\x00" * 9, "ÄÖÜ", "K7QM-3XPD-F-K7QM", "🙂" * 9])
def test_what_is_none_is_none_and_no_error(typed: str) -> None:
    assert not references.is_reference(typed)
    assert len(references.normalise(typed)) <= 12


@given(strategies.text(string.printable, max_size=200))
def test_nothing_breaks_it(typed: str) -> None:
    references.is_reference(typed)
    assert len(references.normalise(typed)) <= 40

"""What somebody typed becomes a request, or words about what is wrong in their language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.forms import Wish, check_wish, read_start

GOOD = Wish(office="mitte", concern="neuantrag", start="2026-09-08T08:00:00+02:00", name="Aylin Öz")


def wish(**changes: str) -> Wish:
    return Wish.of({**GOOD.__dict__, **changes})


def fields(made: Wish) -> list[str]:
    return [problem.field for problem in check_wish(made, "de")[1]]


def test_a_good_wish_is_a_request_with_the_email_left_out() -> None:
    request, problems = check_wish(GOOD, "de")
    assert problems == []
    assert request is not None
    assert (request.name, request.email, request.language) == ("Aylin Öz", None, "de")


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 201, "x" * 320, "http://evil.example/", "a\x00b", "a\uff20b.de", "\u200b\ufeff", "\u3164", "-"],
)
def test_a_name_that_is_none_is_told_at_the_name(name: str) -> None:
    assert fields(wish(name=name)) == ["name"]


@pytest.mark.parametrize("email", ["nobody", "a@", "@b.example", "a b@c.example", "a@b.example\r\nBcc: c@d.example"])
def test_a_wrong_address_is_told_at_the_address(email: str) -> None:
    assert fields(wish(email=email)) == ["email"]


def test_both_are_told_at_once_and_in_the_persons_language() -> None:
    wrong = wish(name="", email="nobody")
    german, english = (check_wish(wrong, language)[1] for language in ("de", "en"))
    assert [problem.field for problem in german] == ["name", "email"]
    assert english[0].text == "Please enter your name."
    assert {one.text for one in german}.isdisjoint(one.text for one in english)


def test_without_a_time_there_is_no_request_and_nothing_to_say_about_a_field() -> None:
    assert check_wish(wish(start="tomorrow"), "de") == (None, [])


@given(st.text())
def test_whatever_is_no_time_is_none(text: str) -> None:
    found = read_start(text)
    assert found is None or found.tzinfo is not None


def test_a_wish_goes_through_its_fields_unchanged() -> None:
    made = GOOD.with_new_key()
    assert Wish.of(made.fields("office", "concern", "start", "name", "email", "key")) == made
    assert made.with_new_key().key != made.key
    assert "Aylin" not in made.fields("office", "concern").values()

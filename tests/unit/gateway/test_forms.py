"""What somebody typed becomes a request, or words about what is wrong in their language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.forms import read_start
from services.gateway.offers import Place
from services.gateway.wishes import Wish, check_wish, read_birth_date


def place(*kinds: str, by_mail: bool = False) -> Place:
    concern = {"id": "neuantrag", "minutes": 30, "kinds": kinds or ("office",), "confirm_by_mail": by_mail}
    return Place({"id": "mitte"}, {"neuantrag": concern}, [concern])


GOOD = Wish(office="mitte", concern="neuantrag", start="2026-09-08T08:00:00+02:00", name="Aylin Öz")


def wish(**changes: str) -> Wish:
    return Wish.of({**GOOD.__dict__, **changes})


def fields(made: Wish, at: Place | None = None) -> list[str]:
    return [problem.field for problem in check_wish(made, at or place(), "de")[1]]


def test_a_good_wish_is_a_request_with_the_email_left_out() -> None:
    request, problems = check_wish(GOOD, place(), "de")
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
    german, english = (check_wish(wrong, place(), language)[1] for language in ("de", "en"))
    assert [problem.field for problem in german] == ["name", "email"]
    assert english[0].text == "Please enter your name."
    assert {one.text for one in german}.isdisjoint(one.text for one in english)


def test_without_a_time_there_is_no_request_and_nothing_to_say_about_a_field() -> None:
    assert check_wish(wish(start="tomorrow"), place(), "de") == (None, [])


@given(st.text())
def test_whatever_is_no_time_is_none(text: str) -> None:
    found = read_start(text)
    assert found is None or found.tzinfo is not None


def test_a_wish_goes_through_its_fields_unchanged() -> None:
    made = GOOD.with_new_key()
    assert Wish.of(made.fields("office", "concern", "start", "name", "email", "key")) == made
    assert made.with_new_key().key != made.key
    assert "Aylin" not in made.fields("office", "concern").values()


@pytest.mark.parametrize(
    ("phone", "told"), [("", ["phone"]), ("call me", ["phone"]), ("1", ["phone"]), ("030 12345", [])]
)
def test_a_number_is_needed_for_an_appointment_by_phone_and_for_no_other(phone: str, told: list[str]) -> None:
    both = place("office", "phone")
    assert fields(wish(kind="phone", phone=phone), both) == told
    assert fields(wish(kind="office", phone=phone), both) == []
    assert fields(wish(phone=phone), place("phone")) == told


def test_a_kind_that_is_not_offered_is_told_and_without_a_choice_the_office_is_meant() -> None:
    assert fields(wish(kind="video"), place("office", "phone")) == ["kind-1"]
    request, _ = check_wish(GOOD, place("phone", "office"), "de")
    assert request is not None
    assert request.kind == "office"


def test_what_has_to_be_confirmed_by_mail_needs_an_address() -> None:
    assert fields(wish(), place(by_mail=True)) == ["email"]
    assert fields(wish(email="a@example.org"), place(by_mail=True)) == []


def test_needs_that_nobody_offers_are_left_out_and_an_unknown_language_is_told() -> None:
    request, _ = check_wish(wish(needs="hearing hearing nonsense", interpreter="uk"), place(), "de")
    assert request is not None
    assert (request.needs, request.interpreter) == (["hearing"], "uk")
    assert fields(wish(interpreter="klingon")) == ["interpreter"]


@pytest.mark.parametrize("typed", ["31.12.1980", "31. 12. 1980", "31/12/1980", "1980-12-31"])
def test_a_date_of_birth_is_read_as_people_write_it(typed: str) -> None:
    assert read_birth_date(typed) == date(1980, 12, 31)


@pytest.mark.parametrize("typed", ["1980", "31.12.80", "31.02.1980", "1.1.1899", "31.12.2999", "yesterday", "0.0.0000"])
def test_what_is_no_date_of_birth_is_told(typed: str) -> None:
    assert fields(wish(birth_date=typed)) == ["birth_date"]


@given(st.text())
def test_whatever_is_typed_as_a_date_of_birth_is_read_or_none(text: str) -> None:
    found = read_birth_date(text)
    assert found is None or found.year >= 1900

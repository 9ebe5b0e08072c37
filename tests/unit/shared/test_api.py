"""The public API's documents take what people send and nothing that cannot be meant."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shared.api import AppointmentRequest

GOOD: dict[str, Any] = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-08T08:00:00+02:00", "name": "A"}


@pytest.mark.parametrize("blank", ["", " ", "\t\n", None])
def test_a_blank_email_or_birth_date_is_none(blank: str | None) -> None:
    request = AppointmentRequest.model_validate(GOOD | {"email": blank, "birth_date": blank})
    assert (request.email, request.birth_date) == (None, None)


def test_email_birth_date_and_language_need_not_be_there() -> None:
    request = AppointmentRequest.model_validate(GOOD)
    assert (request.email, request.birth_date, request.language) == (None, None, "de")


@pytest.mark.parametrize(
    "name", ["Aylin Öz", "Nguyễn Thị Hoa", "محمد", "O'Brien-Schmidt", "李", "x" * 200, "a < b & c"]
)
def test_names_are_of_all_scripts(name: str) -> None:
    assert AppointmentRequest.model_validate(GOOD | {"name": f"  {name} "}).name == name


@pytest.mark.parametrize("language", ["de", "en", "uk", "tr", "de@simple", "kmr"])
def test_languages_are_codes(language: str) -> None:
    assert AppointmentRequest.model_validate(GOOD | {"language": language}).language == language


@pytest.mark.parametrize("field", ["email", "birth_date", "language", "name", "start", "office", "concern"])
@pytest.mark.parametrize("value", ["\0", "a\nb", "🙂" * 300, [], {}, True])
def test_what_cannot_be_meant_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        AppointmentRequest.model_validate(GOOD | {field: value})


def test_equal_requests_have_equal_json_whatever_they_looked_like() -> None:
    one = AppointmentRequest.model_validate(GOOD | {"email": "", "name": " A "})
    other = AppointmentRequest.model_validate({**dict(reversed(GOOD.items())), "birth_date": None})
    assert one.model_dump_json() == other.model_dump_json()
    born = AppointmentRequest.model_validate(GOOD | {"birth_date": "1990-02-28"})
    assert born.birth_date == date(1990, 2, 28)

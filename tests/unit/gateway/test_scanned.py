"""What a scanner types at the kiosk: the link of a confirmation, or what somebody typed themselves."""

import pytest

from services.gateway.queue import Refused, read_scanned


@pytest.mark.parametrize(
    "number",
    [
        "https://termin.example/appointments/ABCD-EFGH/tokenTOKEN",
        "http://localhost:8000/de/appointments/ABCD-EFGH/tokenTOKEN",
        "  https://termin.example/en/appointments/ABCD-EFGH/tokenTOKEN/booked\n",
        "termin.example/appointments/ABCD-EFGH/tokenTOKEN?x=1",
    ],
)
def test_a_link_holds_number_and_token(number: str) -> None:
    assert read_scanned({"number": number, "code": ""}) == ("ABCD-EFGH", "tokenTOKEN")


def test_number_and_code_are_taken_as_typed() -> None:
    assert read_scanned({"number": " abcd efgh ", "code": "0000-0000"}) == ("abcd efgh", "0000-0000")


@pytest.mark.parametrize("number", ["//a]", "//\u2100b", "http://[x"])
def test_what_is_no_address_is_a_number_that_nobody_has(number: str) -> None:
    assert read_scanned({"number": number, "code": "0000-0000"}) == (number, "0000-0000")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "number"),
        ({"number": " ", "code": "x"}, "number"),
        ({"number": "ABCD-EFGH"}, "code"),
        ({"number": "https://termin.example/appointments/ABCD-EFGH/"}, "code"),
        ({"number": "https://[::1"}, "code"),
        ({"number": "ABCD-EFGH", "code": "/x"}, "code"),
        ({"number": "https://termin.example/appointments/ABCD-EFGH//"}, "code"),
        ({"number": "https://termin.example/appointments/ /abc"}, "number"),
        ({"number": "ABCD-EFGH", "code": " /" * 60}, "code"),
    ],
)
def test_what_is_missing_is_named(typed: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        read_scanned(typed)
    assert refused.value.field == field

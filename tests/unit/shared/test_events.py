"""A record is the event it says it is, or a `BadEvent` whose text repeats nothing of the body."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.booking import AppointmentBooked
from shared.events import BadEvent, Envelope, parse

SUBJECT = "0199d2c4-0000-7000-8000-000000000001"
ENVELOPE = Envelope(
    id=UUID("0199d2c4-0000-7000-8000-000000000002"),
    type="booking.appointment-booked.v1",
    source="/booking",
    time=datetime(2026, 9, 7, 7, tzinfo=UTC),
    subject=SUBJECT,
    tenant="musterstadt",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
BODY: dict[str, Any] = {
    "version": 1,
    "appointment_id": SUBJECT,
    "number": "ABCD-EFGH",
    "channel": "online",
    "office": {
        "id": "mitte",
        "name": "Mitte",
        "address": {"street": "Markt 1", "postcode": "12345", "city": "Stadt"},
        "zone": "Europe/Berlin",
    },
    "concern": {"id": "neuantrag", "name": {"de": "Antrag"}, "papers": {"de": []}},
    "starts_at": "2026-09-08T06:00:00Z",
    "ends_at": "2026-09-08T06:30:00Z",
    "booked_at": "2026-09-07T07:00:00Z",
}
SECRET = "geheim"  # noqa: S105


def headers(**changes: bytes | None) -> list[tuple[str, bytes | None]]:
    given_ = {name: value.encode() for name, value in ENVELOPE.to_headers().items()}
    return list((given_ | changes).items())


def test_an_envelope_survives_its_headers() -> None:
    assert Envelope.from_headers(headers()) == ENVELOPE
    assert Envelope.from_headers([*headers(), ("other", b"\xc3\xa4"), ("null", None)]) == ENVELOPE


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_time", "ce_subject", "ce_tenant"])
def test_a_header_that_is_missing_or_null_is_named(name: str) -> None:
    without = [(n, v) for n, v in headers() if n != name]
    for given_ in (without, headers(**{name: None})):
        with pytest.raises(BadEvent, match=name):
            Envelope.from_headers(given_)


@pytest.mark.parametrize("traceparent", [None, b""])
def test_a_trace_is_not_needed(traceparent: bytes | None) -> None:
    assert Envelope.from_headers(headers(traceparent=traceparent)).traceparent == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_id", b""),
        ("ce_id", b"7"),
        ("ce_id", b"not-a-uuid"),
        ("ce_time", b""),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-09-07T07:00:00"),  # no offset
        ("ce_time", b"2026-09-07"),
        ("ce_time", b"2026-13-07T07:00:00Z"),
        ("ce_time", b"99999-09-07T07:00:00Z"),
        ("ce_tenant", b"\xff"),
        ("ce_type", b"\xfe\xff"),
        ("traceparent", b"\xff"),
        ("anything", b"\xff"),
    ],
)
def test_a_malformed_header_makes_a_bad_event(name: str, value: bytes) -> None:
    with pytest.raises(BadEvent):
        Envelope.from_headers(headers(**{name: value}))


@given(st.lists(st.tuples(st.sampled_from([*ENVELOPE.to_headers(), "x"]), st.none() | st.binary(max_size=40))))
def test_whatever_the_headers_are_nothing_but_a_bad_event_is_raised(given_: list[tuple[str, bytes | None]]) -> None:
    with contextlib.suppress(BadEvent):
        assert isinstance(Envelope.from_headers([*headers(), *given_]), Envelope)


def test_a_body_becomes_the_event_its_envelope_names() -> None:
    event = parse(ENVELOPE, json.dumps(BODY).encode())
    assert isinstance(event, AppointmentBooked)
    assert (event.key, event.envelope) == (SUBJECT, ENVELOPE)


def test_fields_of_a_later_release_are_ignored() -> None:
    assert parse(ENVELOPE, json.dumps(BODY | {"later": 1}).encode())


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b"null",
        b"[]",
        b"{",
        b"{}",
        b"\xff\xfe",
        SECRET.encode(),
        f'"{SECRET}"'.encode(),
        f'["{SECRET}"]'.encode(),
    ],
)
def test_a_body_that_is_no_object_makes_a_bad_event(body: bytes | None) -> None:
    with pytest.raises(BadEvent) as refused:
        parse(ENVELOPE, body)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("field", BODY)
@pytest.mark.parametrize("value", [[SECRET], {SECRET: SECRET}, {"de": {"x": SECRET}}, False, None])
def test_a_wrong_value_is_named_by_its_field_and_never_repeated(field: str, value: object) -> None:
    with pytest.raises(BadEvent) as refused:
        parse(ENVELOPE, json.dumps(BODY | {field: value}).encode())
    assert SECRET not in str(refused.value)
    assert field in str(refused.value)


@pytest.mark.parametrize("field", [field for field in BODY if field != "number"])  # any text is a number
def test_neither_is_a_text_where_none_belongs(field: str) -> None:
    test_a_wrong_value_is_named_by_its_field_and_never_repeated(field, SECRET)


@pytest.mark.parametrize("path", ["office", "concern"])
def test_neither_is_one_inside_of_another(path: str) -> None:
    for field in BODY[path]:
        inner = BODY[path] | {field: [{SECRET: SECRET}]}
        with pytest.raises(BadEvent) as refused:
            parse(ENVELOPE, json.dumps(BODY | {path: inner}).encode())
        assert SECRET not in str(refused.value)


def test_a_body_about_something_else_than_its_subject_makes_a_bad_event() -> None:
    other = BODY | {"appointment_id": "0199d2c4-0000-7000-8000-00000000000f"}
    with pytest.raises(BadEvent, match="ce_subject"):
        parse(ENVELOPE, json.dumps(other).encode())

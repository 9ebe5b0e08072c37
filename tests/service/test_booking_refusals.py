"""What cannot be a booking is refused with the precise 4xx, never with a 500, and books nothing."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.harness.answers import problem_of
from tests.harness.inprocess import Town

pytestmark = pytest.mark.usefixtures("on_monday")

MEGABYTE = 1_000_000


@pytest.fixture(autouse=True)
async def nothing_is_booked(town: Town) -> AsyncIterator[None]:
    yield
    [row] = await town.installation.rows("booking", "SELECT count(*) AS n FROM appointments")
    assert row["n"] == 0


async def send(town: Town, body: Any, content_type: str = "application/json") -> httpx.Response:
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": content_type}
    return await town.client.post("/api/v1/appointments", content=body, headers=headers)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("office", ""),
        ("office", "Mitte"),
        ("office", "mitte\n"),
        ("office", "x" * 41),
        ("office", None),
        ("concern", "neu antrag"),
        ("concern", ["neuantrag"]),
        ("concern", "\0"),
        ("start", "soon"),
        ("start", "2026-09-08"),
        ("start", "2026-09-08T08:00:00"),  # no offset: whose eight o'clock?
        ("start", "0001-01-01T00:00:00Z"),
        ("start", "0001-01-01T00:00:00+14:00"),
        ("start", "9999-12-31T23:59:59Z"),
        ("start", "9999-12-31T23:59:59-23:59"),
        ("start", "2026-09-08T08:00:00+24:00"),
        ("start", "10000-01-01T00:00:00Z"),
        ("start", None),
        ("start", -1e300),
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "Aylin\0Öz"),
        ("name", "Aylin\r\nBcc: all@example.org"),
        ("name", "Aylin\x1b[31m"),
        ("name", "\ud800"),
        ("name", 7),
        ("name", None),
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a@example.org, b@example.org"),
        ("email", "a@example.org\r\nBcc: b@example.org"),
        ("email", "x" * 250 + "@example.org"),
        ("email", ["a@example.org"]),
        ("email", "\0"),
        ("birth_date", "yesterday"),
        ("birth_date", "2026-02-29"),
        ("birth_date", "0000-00-00"),
        ("birth_date", "99999-01-01"),
        ("birth_date", {}),
        ("language", "German"),
        ("language", ""),
        ("language", "de\0"),
        ("language", "../de"),
        ("nickname", "Aylin"),
    ],
)
async def test_a_value_that_cannot_be_accepted_is_named(town: Town, field: str, value: object) -> None:
    body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-08T06:00:00Z", "name": "Aylin Öz"}
    found = problem_of(await send(town, json.dumps(body | {field: value})), 422, "invalid-request")
    assert [e["field"] for e in found["errors"]] == [field]
    assert field in found["detail"]


async def test_a_refusal_does_not_repeat_what_was_sent(town: Town) -> None:
    body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-08T06:00:00Z", "name": "Aylin\0Geheim"}
    answer = await send(town, json.dumps(body | {"email": "geheim@", "birth_date": "geheim"}))
    problem_of(answer, 422, "invalid-request")
    assert "geheim" not in answer.text.lower()


@pytest.mark.parametrize("missing", ["office", "concern", "start", "name"])
async def test_a_value_that_is_missing_is_named(town: Town, missing: str) -> None:
    body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-08T06:00:00Z", "name": "Aylin Öz"}
    del body[missing]
    found = problem_of(await send(town, json.dumps(body)), 422, "invalid-request")
    assert [e["field"] for e in found["errors"]] == [missing]


@pytest.mark.parametrize("body", ["[]", "null", "7", '"text"', "[[]]", "true", "NaN"])
async def test_json_that_is_no_object_is_refused(town: Town, body: str) -> None:
    problem_of(await send(town, body), 422, "invalid-request")


@pytest.mark.parametrize(
    "body", ["{", "", "{'office': 1}", '{"office": "mitte",}', "\ufeff{}", "[" * 60_000, '{"a": ' * 10_000]
)
async def test_broken_json_is_refused(town: Town, body: str) -> None:
    answer = await send(town, body)
    problem_of(answer, *((400, "bad-request") if answer.status_code == 400 else (422, "invalid-request")))


async def test_json_that_is_not_utf8_is_refused(town: Town) -> None:
    problem_of(await send(town, b'{"name": "\xff\xfe"}'), 400, "bad-request")


async def test_a_number_of_many_thousand_digits_is_refused(town: Town) -> None:
    problem_of(await send(town, '{"start": ' + "9" * 50_000 + "}"), 400, "bad-request")


async def test_a_field_name_that_is_no_text_is_refused(town: Town) -> None:
    """JSON may escape half a surrogate pair, which no answer can be written in."""
    body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-08T06:00:00Z", "name": "Aylin Öz"}
    problem_of(await send(town, json.dumps(body | {"\ud800": 1})), 422, "invalid-request")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_another_content_type_is_refused(town: Town, content_type: str) -> None:
    body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-08T06:00:00Z", "name": "Aylin Öz"}
    problem_of(await send(town, json.dumps(body), content_type), 415, "unsupported-media-type")


async def test_ten_megabytes_are_refused(town: Town) -> None:
    problem_of(await send(town, b" " * 10 * MEGABYTE), 413, "body-too-large")


async def test_ten_megabytes_of_unknown_length_are_refused(town: Town) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * (MEGABYTE // 10)

    problem_of(await send(town, chunks()), 413, "body-too-large")


async def test_a_body_of_unknown_length_just_over_the_limit_is_refused(town: Town) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{" + b" " * 65_535
        yield b"}"

    problem_of(await send(town, chunks()), 413, "body-too-large")


async def test_a_body_just_over_the_limit_is_refused_and_one_at_the_limit_is_read(town: Town) -> None:
    problem_of(await send(town, b"{" + b" " * 65_535 + b"}"), 413, "body-too-large")
    problem_of(await send(town, b"{" + b" " * 65_534 + b"}"), 422, "invalid-request")

"""A published event may gain optional fields, and nothing else: every other change is refused."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from docs import generate
from docs.generators.compatibility import compatible, refusal


class Place(BaseModel):
    """A value inside."""

    name: str


class Before(BaseModel):
    """What was published."""

    id: str
    channel: Literal["online", "phone"]
    place: Place
    papers: dict[str, list[str]]
    count: int = Field(ge=1)
    note: str | None = None


OLD = Before.model_json_schema()


def changed(change: Callable[[dict[str, Any]], Any]) -> list[str]:
    new = Before.model_json_schema()
    change(new)
    return compatible(OLD, new)


def test_the_stored_contracts_are_kept() -> None:
    assert generate.broken_promises() == []


def test_an_optional_field_may_be_added_also_deep_inside() -> None:
    assert changed(lambda new: new["properties"].update(extra={"type": "string", "default": ""})) == []
    assert changed(lambda new: new["$defs"]["Place"]["properties"].update(floor={"type": "string"})) == []


def test_words_may_be_changed() -> None:
    assert changed(lambda new: new["properties"]["id"].update(title="Other", description="Better said.")) == []
    assert changed(lambda new: new["$defs"]["Place"].update(description="Better said.")) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda new: new["properties"].pop("note"), "note was removed"),
        (lambda new: new["$defs"]["Place"]["properties"].pop("name"), "place.name was removed"),
        (lambda new: new["required"].append("note"), "note was optional and is required"),
        (lambda new: new["required"].remove("id"), "id was required and is optional"),
        (lambda new: new["properties"]["id"].update(type="integer"), "id: type was string and is integer"),
        (lambda new: new["properties"]["id"].update(format="uuid"), "id: format was None and is uuid"),
        (lambda new: new["properties"]["id"].update(maxLength=9), "id: maxLength was None and is 9"),
        (lambda new: new["properties"]["count"].update(minimum=2), "count: minimum was 1 and is 2"),
        (lambda new: new["properties"]["note"].update(default="-"), "note: default was None and is -"),
        (lambda new: new["properties"]["note"]["anyOf"].pop(), "note had 2 alternatives and has 1"),
        (
            lambda new: new["properties"]["channel"].update(enum=["online"]),
            "channel: enum was ['online', 'phone'] and is ['online']",
        ),
        (
            lambda new: new["properties"]["channel"]["enum"].append("counter"),
            "channel: enum was ['online', 'phone'] and is ['online', 'phone', 'counter']",
        ),
        (
            lambda new: new["properties"]["papers"]["additionalProperties"]["items"].update(type="integer"),
            "papers[][]: type was string and is integer",
        ),
    ],
)
def test_every_other_change_is_refused(change: Callable[[dict[str, Any]], Any], problem: str) -> None:
    assert changed(change) == [problem]


def test_a_required_field_cannot_be_added() -> None:
    def add(new: dict[str, Any]) -> None:
        new["properties"]["extra"] = {"type": "string"}
        new["required"].append("extra")

    assert changed(add) == ["extra is new and required"]


def test_a_field_cannot_be_renamed() -> None:
    def rename(new: dict[str, Any]) -> None:
        new["properties"]["number"] = new["properties"].pop("id")
        new["required"][new["required"].index("id")] = "number"

    assert changed(rename) == ["id was removed", "number is new and required"]


def test_an_event_cannot_move_to_another_topic_or_key() -> None:
    old = OLD | {"x-topic": "booking.appointment", "x-key": "id"}
    assert compatible(old, old | {"x-topic": "booking.office"}) == [
        "the body: x-topic was booking.appointment and is booking.office"
    ]


def test_the_refusal_says_what_to_do_instead() -> None:
    assert refusal("booking.appointment-booked.v9", ["note was removed"]) == (
        "booking.appointment-booked.v9 has changed: note was removed. "
        "Leave it as it was and publish booking.appointment-booked.v10 beside it."
    )

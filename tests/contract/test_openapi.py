"""The public API's description."""

from typing import Any

import pytest
import schemathesis

from docs.generate import openapi

DOCUMENT: dict[str, Any] = openapi()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def each_operation() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())


def test_it_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_all_of_it_is_under_the_version() -> None:
    assert DOCUMENT["paths"]
    assert all(path.startswith("/api/v1/") for path in DOCUMENT["paths"])


def test_what_is_for_staff_is_not_handed_on_before_they_can_sign_in() -> None:
    assert [path for path in DOCUMENT["paths"] if "staff" in path] == []


@each_operation()
def test_every_operation_says_what_it_does(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"].endswith(".")


@each_operation()
@pytest.mark.parametrize("status", ["422", "503"])
def test_every_operation_tells_of_its_problems(operation: dict[str, Any], status: str) -> None:
    assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


@each_operation()
def test_no_operation_has_another_kind_of_error(operation: dict[str, Any]) -> None:
    errors = [answer for status, answer in operation["responses"].items() if status >= "400"]
    assert {kind for answer in errors for kind in answer["content"]} == {"application/problem+json"}

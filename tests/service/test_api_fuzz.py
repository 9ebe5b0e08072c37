"""The public API against what its own description allows and forbids, made up by Schemathesis."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.harness.installation import Installation

EXAMPLES = 40  # of each kind, for each operation
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")  # a piece of an upload
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def described(system: Installation) -> BaseSchema:
    """What the gateway says of itself."""
    return schemathesis.openapi.from_url(f"{system.url('gateway')}/api/v1/openapi.json")


def operations(described: BaseSchema) -> list[APIOperation[Any, Any, Any, Any]]:
    found = list(described.get_all_operations())
    readable = [operation.ok() for operation in found if isinstance(operation, Ok)]
    assert len(readable) == len(found)
    return readable


def test_all_of_the_public_api_is_described(described: BaseSchema) -> None:
    assert {operation.label for operation in operations(described)} == {
        "GET /api/v1/offices",
        "GET /api/v1/offices/{office}/concerns",
        "GET /api/v1/offices/{office}/waiting",
        "GET /api/v1/offices/{office}/slots",
        "GET /api/v1/offices/{office}/slots/explain",
        "POST /api/v1/holds",
        "POST /api/v1/holds/extend",
        "DELETE /api/v1/holds",
        "POST /api/v1/appointments",
        "POST /api/v1/appointments/{number}/confirm",
        "PUT /api/v1/appointments/{number}/waitlist",
        "DELETE /api/v1/appointments/{number}/waitlist",
        "GET /api/v1/offers/{offer}",
        "POST /api/v1/offers/{offer}/accept",
        "POST /api/v1/offers/{offer}/decline",
        "GET /api/v1/appointments/{number}",
        "PATCH /api/v1/appointments/{number}",
        "DELETE /api/v1/appointments/{number}",
        "GET /api/v1/benefits",
        "POST /api/v1/applications",
        "POST /api/v1/applications/{reference}/access",
        "GET /api/v1/applications/{reference}",
        "POST /api/v1/applications/{reference}/status-inquiries",
        "POST /api/v1/applications/{reference}/withdrawal",
        "POST /api/v1/applications/{reference}/items/{item}/documents",
        "GET /api/v1/applications/{reference}/receipts/{receipt}",
        "OPTIONS /api/v1/uploads",
        "POST /api/v1/uploads",
        "HEAD /api/v1/uploads/{upload}",
        "PATCH /api/v1/uploads/{upload}",
        "DELETE /api/v1/uploads/{upload}",
        "GET /api/v1/statistics/appointments",
        "GET /api/v1/statistics/booking",
        "GET /api/v1/statistics/outcomes",
        "GET /api/v1/statistics/waiting",
    }


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_makes_the_api_fail_or_answer_what_it_does_not_document(
    described: BaseSchema, mode: GenerationMode
) -> None:
    tried = 0
    for operation in operations(described):
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.path_parameters or operation.query):
            continue  # nothing that could be wrong

        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def examine(case: schemathesis.Case[Any]) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(checks=CHECKS)

        examine()
    assert tried >= 5 * EXAMPLES

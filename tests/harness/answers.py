"""What every refusal must look like: RFC 9457 problem+json with type, title, status and detail."""

from typing import Any

import httpx


def problem_of(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """Return the problem an answer holds, after checking that it is this one and complete."""
    shown = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    assert answer.status_code == status, shown
    assert answer.headers["content-type"] == "application/problem+json", shown
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"/problems/{slug}", shown
    assert found["status"] == status, shown
    assert found["title"].strip(), shown
    assert found["detail"].strip(), shown
    return found

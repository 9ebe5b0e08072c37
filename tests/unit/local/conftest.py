"""Helpers for tests of the embedded start: a condition to wait for, and ports nobody uses."""

import time
from collections.abc import Callable

import pytest

from tests.harness import ports


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition, for ten seconds at most."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true within ten seconds"
            time.sleep(0.02)

    return wait


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Find a port of loopback that nobody listens on."""
    return ports.free_port

"""Helpers for tests of the embedded start: a condition to wait for, and a port nobody uses."""

import socket
import time
from collections.abc import Callable

import pytest


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

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find

"""The ports of a test run."""

import subprocess
import sys

from tests.harness.ports import FIRST, first_ephemeral, free_port

OTHER = "from tests.harness.ports import free_port; print(*(free_port() for _ in range(100)))"


def test_ports_are_none_that_the_system_gives_away_and_each_another() -> None:
    ports = [free_port() for _ in range(100)]
    assert all(FIRST <= port < first_ephemeral() for port in ports)
    assert len(set(ports)) == 100


def test_another_process_gets_other_ports() -> None:
    own = {free_port() for _ in range(100)}
    done = subprocess.run([sys.executable, "-c", OTHER], capture_output=True, text=True, check=True)
    assert own.isdisjoint(map(int, done.stdout.split()))

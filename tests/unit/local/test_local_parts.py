"""The parts of a test run: their ports, and what a start that fails leaves behind."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.local import postgres
from deploy.local.kafka import Kafka
from deploy.local.problem import Problem
from deploy.local.process import Child, spawn
from tests.harness.parts import Parts
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `Parts` makes its folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def of(folder: Path) -> list[list[str]]:
    """The processes whose command names the folder."""
    commands = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
    return [command for command in commands if any(str(folder) in word for word in command)]


async def test_a_kafka_that_does_not_start_leaves_no_postgresql(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: Kafka) -> Child:
        raise Problem("no Kafka")

    started: list[list[list[str]]] = []

    def start(directory: Path) -> postgres.PostgresServer:
        server = real(directory)
        started.append(of(folder))
        return server

    real = postgres.start
    monkeypatch.setattr(postgres, "start", start)
    monkeypatch.setattr(Kafka, "start", fail)
    with pytest.raises(Problem, match="no Kafka"):
        await Parts.start()
    assert started != [[]], "there was a server to stop"
    assert of(folder) == []
    assert list(folder.glob("buergernah-test-*")) == []


async def test_a_postgresql_that_does_not_start_leaves_no_kafka(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(_: Kafka) -> Child:
        return await spawn(["sleep", "600"])

    def fail(*_: Any) -> postgres.PostgresServer:
        raise Problem("no PostgreSQL")

    monkeypatch.setattr(postgres, "start", fail)
    monkeypatch.setattr(Kafka, "start", start)
    with pytest.raises(Problem, match="no PostgreSQL"):
        await Parts.start()
    assert [one for one in psutil.Process().children() if one.name() == "sleep"] == []
    assert list(folder.glob("buergernah-test-*")) == []

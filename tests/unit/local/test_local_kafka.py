"""The embedded Kafka: the id it is given, knocking at its port, and a start that fails."""

import asyncio
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deploy.local import ports
from deploy.local.kafka import Kafka
from deploy.local.problem import Problem
from tests.harness.parts import JARS, new_kafka


def test_kafka_takes_whatever_id_chance_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As base64 this one begins with a dash, as does one of 64.
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=b"\xf8" + b"\xfb" * 15))
    kafka = new_kafka(tmp_path)
    kafka.prepare()
    assert "cluster.id=_" in (tmp_path / "data" / "meta.properties").read_text()


async def test_a_listener_answers_a_knock_and_a_closed_port_does_not(free_port: Callable[[], int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert await ports.listens(server.getsockname()[1])
    assert not await ports.listens(free_port())


async def test_a_knock_that_connects_to_itself_is_no_answer(
    free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, connect = free_port(), asyncio.open_connection
    itself = []

    async def from_that_port(host: str, to: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await connect(host, to, local_addr=(host, to))
        itself.append(writer.get_extra_info("sockname"))
        return reader, writer

    monkeypatch.setattr(asyncio, "open_connection", from_that_port)
    assert not await ports.listens(port)
    assert itself == [("127.0.0.1", port)], "the connection came about, but to nobody else"


async def test_a_broker_that_does_not_start_says_why_and_is_gone(tmp_path: Path, free_port: Callable[[], int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        kafka = Kafka(tmp_path, JARS, free_port(), other.getsockname()[1])
        with pytest.raises(Problem, match="Kafka ended at once with exit code 1") as caught:
            await kafka.start()
    assert "Address already in use" in "".join(caught.value.__notes__)


async def test_a_broker_that_never_answers_is_ended(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(Problem, match="did not answer"):
        await new_kafka(tmp_path).start(within=0.1)
    new = set(psutil.Process().children(recursive=True)) - before
    assert [one for one in new if one.name() == "java"] == []

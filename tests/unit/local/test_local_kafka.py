"""The embedded Kafka: the id it is given."""

import uuid
from pathlib import Path

import pytest

from tests.harness.parts import new_kafka


def test_kafka_takes_whatever_id_chance_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As base64 this one begins with a dash, as does one of 64.
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=b"\xf8" + b"\xfb" * 15))
    kafka = new_kafka(tmp_path)
    kafka.prepare()
    assert "cluster.id=_" in (tmp_path / "data" / "meta.properties").read_text()

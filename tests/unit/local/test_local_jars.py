"""Kafka's jars: the list, and what is refused."""

import hashlib
from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.jars import Jar
from deploy.local.problem import Problem

CONTENT = b"a jar"
PINNED = Jar("org.example", "tool", "1.2", hashlib.sha256(CONTENT).hexdigest())


def test_a_line_holds_group_artifact_version_and_hash() -> None:
    assert jars.parse(f"org.example:tool:1.2 {PINNED.sha256}\n") == [PINNED]
    assert PINNED.name == "tool-1.2.jar"


@pytest.mark.parametrize("line", ["org.example:tool:1.2", "tool:1.2 " + "0" * 64, "org.example:tool:1.2 abc", ""])
def test_a_line_of_another_shape_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(Problem, match="Line 1 of the jar list"):
        jars.parse(line + "\n")


def test_the_committed_list_names_every_file_once() -> None:
    listed = jars.parse(jars.LIST.read_text(encoding="ascii"))
    assert "kafka_2.13-4.3.1.jar" in {jar.name for jar in listed}
    assert len({jar.name for jar in listed}) == len(listed)


def test_a_jar_with_the_pinned_content_is_put_in_place(tmp_path: Path) -> None:
    fetched = tmp_path / "fetched"
    fetched.write_bytes(CONTENT)
    jars.place(PINNED, fetched, tmp_path)
    assert (tmp_path / PINNED.name).read_bytes() == CONTENT
    assert not jars.missing([PINNED], tmp_path)


def test_a_jar_with_another_content_is_refused_and_not_put_in_place(tmp_path: Path) -> None:
    fetched = tmp_path / "fetched"
    fetched.write_bytes(b"something else")
    with pytest.raises(Problem, match=r"tool-1\.2\.jar was refused"):
        jars.place(PINNED, fetched, tmp_path)
    assert not (tmp_path / PINNED.name).exists()


def test_a_damaged_jar_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / PINNED.name).write_bytes(CONTENT[:-1])
    assert jars.missing([PINNED], tmp_path) == [PINNED]


def test_no_connection_names_the_file_and_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    with pytest.raises(Problem, match=r"Could not fetch tool-1\.2\.jar.*check the connection"):
        jars.fetch(tmp_path, [PINNED])
    assert list(tmp_path.iterdir()) == []

"""What the embedded start checks and prepares before anything runs."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from deploy.local import environment, lock, ports, postgres
from deploy.local.problem import Problem
from deploy.local.settings import SERVICES, LocalSettings
from shared.identity import Signer, Verifier, citizen


def test_a_taken_port_is_named_with_the_setting_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=f"Port {port} is taken .* set KAFKA_PORT"):
            ports.check({"KAFKA_PORT": port})


def test_free_ports_pass(free_port: Callable[[], int]) -> None:
    ports.check({"KAFKA_PORT": free_port(), "SMTP_PORT": free_port()})


def test_one_port_for_two_is_refused(free_port: Callable[[], int]) -> None:
    port = free_port()
    with pytest.raises(Problem, match="KAFKA_PORT and SMTP_PORT are both"):
        ports.check({"KAFKA_PORT": port, "SMTP_PORT": port})


def test_a_start_with_a_taken_port_ends_with_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        own = {"LOCAL_DIR": str(tmp_path), "GATEWAY_PORT": str(other.getsockname()[1])}
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local.run"],
            env={**os.environ, **own}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "set GATEWAY_PORT to a free port" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_two_starts_do_not_share_a_data_folder(tmp_path: Path) -> None:
    with lock.locked(tmp_path), pytest.raises(Problem, match="already runs"), lock.locked(tmp_path):
        pass
    with lock.locked(tmp_path):
        pass


def test_the_link_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    file = environment.link_secret(tmp_path)
    first = file.read_text()
    assert environment.link_secret(tmp_path).read_text() == first
    assert len(bytes.fromhex(first)) == 32
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_key_pair_of_the_gateway_is_made_once_and_is_private(tmp_path: Path) -> None:
    private, public = environment.identity_keys(tmp_path)
    keys = private.read_text(), public.read_text()
    assert [file.read_text() for file in environment.identity_keys(tmp_path)] == list(keys)
    assert private.stat().st_mode & 0o777 == 0o600
    token = Signer(keys[0]).sign(citizen("musterstadt"), "booking")
    assert Verifier(keys[1], "booking").verify(token) == citizen("musterstadt")
    private.unlink()
    assert environment.identity_keys(tmp_path)[1].read_text() != keys[1], "a new private key has a new public half"


def test_a_secret_reaches_the_one_service_that_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_PRIVATE_KEY", "of a person who has read the environment file")
    values = environment.for_services(LocalSettings(local_dir=tmp_path), None)
    secrets = {"IDENTITY_PRIVATE_KEY", "IDENTITY_PRIVATE_KEY_FILE", "LINK_SECRET_FILE", "SEALING_KEYS_FILE", "SMTP_URL"}
    secrets |= {"ACCESS_SECRET_FILE", "DOCUMENT_KEYS_FILE"}
    found = {name: secrets & environment.for_process(name, values).keys() for name in (*SERVICES, "migrate")}
    assert {name: secret for name, secret in found.items() if secret} == {
        "gateway": {"IDENTITY_PRIVATE_KEY", "IDENTITY_PRIVATE_KEY_FILE"},
        "booking": {"LINK_SECRET_FILE"},
        "applications": {"ACCESS_SECRET_FILE", "DOCUMENT_KEYS_FILE"},
        "notifications": {"SEALING_KEYS_FILE", "SMTP_URL"},
    }
    assert all("IDENTITY_PUBLIC_KEYS_FILE" in environment.for_process(name, values) for name in SERVICES)


def test_what_the_person_has_set_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example.org:9092")
    values = environment.for_services(LocalSettings(local_dir=tmp_path), None)
    assert values["KAFKA_BOOTSTRAP_SERVERS"] == "kafka.example.org:9092"
    assert "KAFKA_PORT" not in LocalSettings().ports()


def test_the_environment_file_can_be_read_by_a_shell(tmp_path: Path) -> None:
    file = tmp_path / "environment"
    environment.write_private(file, environment.quoted({"DATABASE_URL": "a b'$HOME;"}))
    read = f"set -a; . '{file}'; printenv DATABASE_URL"
    assert subprocess.run(["/bin/sh", "-c", read], capture_output=True, text=True, check=True).stdout == "a b'$HOME;\n"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("folder", ["plain", "Bürger nah", "long" * 30])
def test_postgresql_starts_wherever_the_project_lies_and_keeps_its_data(tmp_path: Path, folder: str) -> None:
    async def count_and_add(socket_dir: Path) -> int:
        connection = await asyncpg.connect(host=str(socket_dir), user="postgres", database="postgres")
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        count = await connection.fetchval("SELECT count(*) FROM kept")
        await connection.execute("INSERT INTO kept VALUES (1)")
        await connection.close()
        return int(count)

    for expected in (0, 1):
        server = postgres.start(tmp_path / folder / "postgres")
        assert asyncio.run(count_and_add(server.socket_dir)) == expected
        server.stop()

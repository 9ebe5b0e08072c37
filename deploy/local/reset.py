"""`make reset`: deletes everything the embedded start keeps; refuses while it runs."""

import shutil

from deploy.local import lock, postgres
from deploy.local.problem import exit_clearly
from deploy.local.settings import LocalSettings


def main() -> None:
    """Take the lock, end a server that a killed start left running, delete the folder."""
    home = LocalSettings().home
    if not home.exists():
        return
    with lock.locked(home):
        database = home / "postgres"
        if (database / "postmaster.pid").exists():
            postgres.start(database).stop()
        shutil.rmtree(home)


if __name__ == "__main__":
    exit_clearly(main)

"""Honest dependencies: with its own lock alone, and nothing else, a service can be imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.migrate import SERVICES

UV = str(Path(sys.executable).with_name("uv"))
LOCKED = [name for name in (*SERVICES, "migrate") if (Path("locks") / f"{name}.txt").is_file()]
MODULES = {"migrate": "deploy.migrate"}


def environment_with(group: str, folder: Path) -> Path:
    """Make a virtual environment of what the group's lock names; returns its Python."""
    quiet = ["--quiet", "--no-config"]
    subprocess.run([UV, "venv", *quiet, "--python", sys.executable, str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [UV, "pip", "install", *quiet, "--python", str(python), "--require-hashes", "-r", f"locks/{group}.txt"]
    subprocess.run(install, check=True)
    return python


def import_error(python: Path, module: str) -> str:
    """Import a module there; return the last line of what went wrong, or ''."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(
        [python, "-c", f"import {module}"], env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def test_every_service_has_a_lock() -> None:
    assert {*SERVICES, "migrate"} == set(LOCKED)


@pytest.mark.parametrize("group", LOCKED)
def test_a_services_own_dependencies_are_enough_to_import_it(group: str, tmp_path: Path) -> None:
    python = environment_with(group, tmp_path / "venv")
    assert import_error(python, MODULES.get(group, f"services.{group}.main")) == ""
    if group == "statistics":
        assert "No module named" in import_error(python, "services.notifications.main"), (
            "one that is missing would be seen"
        )

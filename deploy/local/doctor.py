"""`make doctor`: looks for what could keep the embedded start from running, and says what to do about it.

Needs nothing but an old Python and its standard library: it is for people whose installation failed.
"""

import fcntl
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Iterator, Tuple  # noqa: UP035  this file also runs on Pythons that lack the newer spelling

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LOCAL = Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").resolve()
PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14", "python3", "python")
SPACE = 2
# Those for which both PostgreSQL and Java come as wheels.
PLATFORMS = {("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"), ("Darwin", "x86_64")}
OK, WARN, FAIL = "ok", "warn", "fail"
Finding = Tuple[str, str]  # noqa: UP006  as above


def output(*command: str) -> str:
    """Return what a command prints; empty when it cannot be run or fails."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=True, cwd=str(ROOT)
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace").strip()


def find_python() -> str:
    """Return the Python that the installation would take; empty when there is none."""
    wanted = os.environ.get("PYTHON")
    for name in (wanted,) if wanted else PYTHONS:
        if output(name, "-c", "import sys; print(sys.version_info >= (3, 11))") == "True":
            return name
    return ""


def check_python() -> Iterator[Finding]:
    """Look for Python 3.11 or newer, with a way to make a virtual environment."""
    python = find_python()
    if not python:
        yield FAIL, "No Python 3.11 or newer: install one, or set PYTHON to its path."
        return
    yield OK, "Python: " + output(python, "--version") + " (" + python + ")"
    if output(python, "-c", "import venv, ensurepip; print(1)"):
        yield OK, "Virtual environments: venv and ensurepip are there."
    elif output(python, "-c", "import venv; print(1)") and output(python, "-m", "pip", "--version"):
        yield OK, "Virtual environments: venv is there, the system's pip stands in for ensurepip."
    else:
        yield FAIL, "No virtual environments: install Python's venv module (Debian, Ubuntu: apt install python3-venv)."


def check_tools() -> Iterator[Finding]:
    """Look for git and make."""
    for tool in ("git", "make"):
        version = output(tool, "--version").split("\n")[0]
        yield (OK, tool + ": " + version) if version else (FAIL, tool + " is missing: install it.")


def recent_glibc() -> bool:
    """Whether the C library is the one that the wheels were built for."""
    name, version = platform.libc_ver()
    return name == "glibc" and [int(part) for part in version.split(".")[:2]] >= [2, 28]


def check_platform() -> Iterator[Finding]:
    """Look for an operating system and processor for which the wheels exist."""
    system, machine = platform.system(), platform.machine()
    if (system, machine) not in PLATFORMS:
        yield FAIL, f"Platform {system} {machine}: the embedded PostgreSQL is not made for it; use Linux or macOS."
    elif system == "Linux" and not recent_glibc():
        yield FAIL, "Platform: this Linux lacks glibc 2.28 or newer (Alpine, or very old); use a newer one."
    else:
        yield OK, f"Platform: {system} {machine}"


def check_space() -> Iterator[Finding]:
    """Look for room for packages, Kafka and data."""
    free = shutil.disk_usage(str(ROOT)).free / 2**30
    if free < SPACE:
        yield FAIL, f"Disk: {free:.1f} GB free, {SPACE} GB are needed: free some space."
    else:
        yield OK, f"Disk: {free:.0f} GB free"


def running() -> bool:
    """Whether a start holds the lock of the data folder."""
    try:
        with (LOCAL / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def check_ports() -> Iterator[Finding]:
    """Look for ports that somebody else holds. The defaults are read from `settings.py`."""
    if running():
        yield OK, "Ports: held by Bürgernah, which is running."
        return
    taken = []
    for name, default in re.findall(
        r"^ +(\w+_port): int = Field\((\d+)", (HERE / "settings.py").read_text(), re.MULTILINE
    ):
        port = int(os.environ.get(name.upper()) or default)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                taken.append((name.upper(), port))
    for setting, port in taken:
        yield FAIL, f"Port {port} is taken: end the program that listens on it, or set {setting} to a free port."
    if not taken:
        yield OK, "Ports: all free"


def check_jars() -> Iterator[Finding]:
    """Look whether Kafka's jars are there, or can be fetched."""
    lines = (HERE / "kafka-jars.txt").read_text().split("\n")
    names = ["{}-{}.jar".format(*line.split(" ")[0].split(":")[1:]) for line in lines if line]
    if all((LOCAL / "jars" / name).is_file() for name in names):
        yield OK, "Kafka's jars: fetched"
        return
    if not (ROOT / ".venv" / ".local-installed").exists():
        yield WARN, "Kafka's jars: the first start fetches them from Maven Central."
        return
    probe = (
        "import requests, jgo.constants as c; "
        "print(requests.head(c.MAVEN_CENTRAL_URL + '/', timeout=20).status_code < 500)"
    )
    if output(str(ROOT / ".venv" / "bin" / "python"), "-c", probe) == "True":
        yield OK, "Kafka's jars: Maven Central can be reached."
    else:
        yield FAIL, "Kafka's jars: Maven Central cannot be reached: check the connection (proxy: HTTPS_PROXY)."


def check_privacy() -> Iterator[Finding]:
    """Warn of private folders: started by root, PostgreSQL runs as another user and opens those above its data."""
    if os.geteuid() != 0:
        return
    others = 0o005
    closed = [str(parent) for parent in LOCAL.parents if parent.exists() and parent.stat().st_mode & others != others]
    if closed:
        folders = ", ".join(closed)
        yield WARN, f"Started by root, PostgreSQL opens {folders} to all users: set LOCAL_DIR, or be another user."


def main() -> int:
    """Print one line a finding; 1 when one of them keeps the start from running."""
    worst = 0
    for check in (check_python, check_tools, check_platform, check_space, check_ports, check_jars, check_privacy):
        for state, text in check():
            sys.stdout.write(f"{state:<5} {text}\n")
            worst = max(worst, int(state == FAIL))
    return worst


if __name__ == "__main__":
    sys.exit(main())

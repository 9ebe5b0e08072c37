"""Child processes, each in a session of its own and none outliving the process that started it."""

import asyncio
import atexit
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

# A child begins once the watchdog knows it. A runner that dies before closes the pipe: then it never begins.
_GATE = ("/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "sh")


@cache
def _watchdog() -> subprocess.Popen[bytes]:
    """Return this process's watchdog, which is started with the first child and ends when its pipe does."""
    script = Path(__file__).with_name("watchdog.py")
    process = subprocess.Popen([sys.executable, "-I", "-S", str(script)], stdin=subprocess.PIPE, start_new_session=True)
    atexit.register(process.communicate)  # closes its pipe and waits
    return process


def _watch(number: int) -> None:
    pipe = _watchdog().stdin
    if pipe is None:
        raise RuntimeError
    pipe.write(b"%d\n" % number)
    pipe.flush()


class Child:
    """A running child; signals reach its whole process group."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Wrap a process that leads its own session."""
        self.process = process

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self.process.pid

    async def line(self) -> bytes:
        """Return the next line of its output and errors, empty at their end or when it was not started with a pipe."""
        try:
            return await self.process.stdout.readline() if self.process.stdout else b""
        except ValueError:
            return b"(a line longer than a megabyte was left out)\n"

    async def wait(self) -> int:
        """Wait until it has ended, end what it left in its group, and return its exit code."""
        code = await self.process.wait()
        self.signal(signal.SIGKILL)
        _watch(-self.pid)
        return code

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its group."""
        # macOS answers with a permission error where the group holds nothing but ended processes.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def stop(self, patience: float = 8) -> int:
        """Ask it to end, kill it after `patience` seconds, and return its exit code."""
        if self.process.returncode is None:
            self.signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), patience)
            except TimeoutError:
                self.signal(signal.SIGKILL)
        return await self.wait()


async def spawn(
    argv: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    output: int | None = None,
) -> Child:
    """Start a child; `output` is a file's descriptor, or `subprocess.PIPE` to read by `Child.line`."""
    gate, opener = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *_GATE,
            *map(str, argv),
            env=environment,
            cwd=directory,
            stdin=gate,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
            limit=1 << 20,
        )
        _watch(process.pid)
        os.write(opener, b"go\n")
    finally:
        os.close(gate)
        os.close(opener)
    return Child(process)

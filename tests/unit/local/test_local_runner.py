"""The runner: restarts, joins lines, stops, and leaves nothing behind."""

import asyncio
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.local.runner import Program, Runner

WaitUntil = Callable[[Callable[[], object]], None]
FOREVER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + FOREVER
# A runner with a child that has a child of its own; both write their process ids into the folder given.
FAMILY = """
import asyncio, sys
from deploy.local.runner import Program, Runner
parent = "echo $$ > child; sleep 600 & echo $! > grandchild; wait"
async def main():
    Runner().add(Program("family", ["/bin/sh", "-c", parent], {}, directory=sys.argv[1]))
    await asyncio.sleep(600)
asyncio.run(main())
"""


def python(code: str, name: str = "program") -> Program:
    return Program(name, [sys.executable, "-c", code], dict(os.environ))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


def test_a_crashed_program_is_started_again_and_says_so() -> None:
    output = io.StringIO()

    async def scenario() -> None:
        runner = Runner(output)
        runner.add(python("print('here'); raise SystemExit(3)", "booking"))
        await until(lambda: output.getvalue().count("booking       | here") > 1)
        await runner.stop()

    asyncio.run(scenario())
    assert "booking ended with exit code 3; it starts again in 0.2 seconds." in output.getvalue()


def test_stopping_ends_a_program_and_does_not_start_it_again() -> None:
    output = io.StringIO()

    async def scenario() -> None:
        runner = Runner(output)
        program = runner.add(python(FOREVER))
        await until(lambda: "up" in output.getvalue())
        await runner.stop()
        assert program.child is None
        assert runner.programs == []

    asyncio.run(scenario())
    assert output.getvalue().count("up") == 1


def test_a_program_that_ignores_being_asked_is_killed() -> None:
    output = io.StringIO()

    async def scenario() -> float:
        runner = Runner(output)
        runner.add(python(STUBBORN))
        await until(lambda: "up" in output.getvalue())
        began = time.monotonic()
        await runner.stop(patience=0.3)
        return time.monotonic() - began

    assert 0.3 <= asyncio.run(scenario()) < 5


def test_a_program_that_runs_once_hands_its_exit_code_over() -> None:
    async def scenario() -> int:
        return await Runner(io.StringIO()).run_once(python("raise SystemExit(7)"))

    assert asyncio.run(scenario()) == 7


def test_a_killed_runner_leaves_no_child_and_no_grandchild(tmp_path: Path, wait_until: WaitUntil) -> None:
    runner = subprocess.Popen([sys.executable, "-c", FAMILY, str(tmp_path)])
    files = [tmp_path / "child", tmp_path / "grandchild"]
    wait_until(lambda: all(file.exists() and file.read_text() for file in files))
    family = [psutil.Process(int(file.read_text())) for file in files]
    runner.kill()
    runner.wait()
    wait_until(lambda: all(ended(process) for process in family))


def ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True

"""Keeps processes going: restarts a crashed one, joins their lines into one stream, stops them all."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from deploy.local.process import Child, spawn

FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0
# One that ran so long before it crashed has earned a quick restart again.
SETTLED_SECONDS = 30
COLOURS = (36, 32, 33, 35, 34, 31, 96, 92, 93, 95)


@dataclass
class Program:
    """What to run under which name, and the child that runs it at the moment."""

    name: str
    argv: Sequence[str | Path]
    environment: Mapping[str, str]
    directory: Path | None = None
    child: Child | None = None
    unwanted: asyncio.Event = field(default_factory=asyncio.Event)
    keeper: "asyncio.Task[int] | None" = None


class Runner:
    """Programs that run until `stop`; the first Ctrl-C or SIGTERM sets `stopping`, the second one kills."""

    def __init__(self, output: TextIO = sys.stdout) -> None:
        """Write the joined lines to `output`, with colours when that is a terminal."""
        self.programs: list[Program] = []
        self.stopping = asyncio.Event()
        self._output = output
        self._colours: dict[str, int] = {}

    def handle_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal stop the runner."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self.stopping.is_set():
            for program in self.programs:
                program.unwanted.set()
                if program.child:
                    program.child.signal(signal.SIGKILL)
        self.stopping.set()

    def say(self, text: str) -> None:
        """Write a line of the runner's own."""
        try:
            print(text, file=self._output, flush=True)
        except OSError:
            # The terminal or the pipe is gone: nobody is left to run for.
            self.stopping.set()

    def add(self, program: Program) -> Program:
        """Start a program and keep it going."""
        self.programs.append(program)
        program.keeper = asyncio.create_task(self._keep(program))
        return program

    async def run_once(self, program: Program) -> int:
        """Run a program to its end and return its exit code; `stop` may end it earlier."""
        self.programs.append(program)
        program.keeper = asyncio.create_task(self._run(program))
        try:
            await asyncio.wait([program.keeper])
        finally:
            await self.stop([program])
        return program.keeper.result()

    async def stop(self, programs: Sequence[Program] | None = None, patience: float = 8) -> None:
        """Stop these programs (default: all) at the same time: ask, and kill after `patience` seconds."""
        chosen = list(self.programs if programs is None else programs)
        await asyncio.gather(*(self._stop(program, patience) for program in chosen))
        self.programs = [program for program in self.programs if program not in chosen]

    async def _stop(self, program: Program, patience: float) -> None:
        program.unwanted.set()
        if program.child:
            program.child.signal(signal.SIGTERM)
        if program.keeper:
            await asyncio.wait([program.keeper], timeout=patience)
            if program.child:
                program.child.signal(signal.SIGKILL)
            await asyncio.wait([program.keeper])

    async def _keep(self, program: Program) -> int:
        delay = FIRST_DELAY
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await self._run(program)
            if program.unwanted.is_set():
                return code
            if loop.time() - began > SETTLED_SECONDS:
                delay = FIRST_DELAY
            self.say(f"{program.name} ended with exit code {code}; it starts again in {delay:.1f} seconds.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(program.unwanted.wait(), delay)
                return code
            delay = min(delay * 2, LONGEST_DELAY)

    async def _run(self, program: Program) -> int:
        child = await spawn(
            program.argv, environment=program.environment, directory=program.directory, output=subprocess.PIPE
        )
        program.child = child
        if program.unwanted.is_set():
            child.signal(signal.SIGTERM)
        copier = asyncio.create_task(self._copy(program.name, child))
        code = await child.wait()
        program.child = None
        await copier
        return code

    async def _copy(self, name: str, child: Child) -> None:
        """Copy lines until the child's output ends."""
        label = f"{name:<13} | "
        if self._output.isatty():
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            label = f"\033[{colour}m{label}\033[0m"
        while line := await child.line():
            self.say(label + line.decode(errors="replace").rstrip("\n"))

"""From the bytes of a stranger to a copy that is safe to look at. The work is a child's; the event loop goes on."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.documents.errors import DocumentRefused, WorkerAway
from shared.documents.kinds import HEAD_BYTES, Kind, sniff
from shared.documents.limits import DEFAULT, MIB, PATIENCE, Limits

ROOT = Path(__file__).parents[2]
# One heap for all threads: each further one reserves 64 MiB of the child's address space. No secret of the parent's
# environment is handed on.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# How a process ends whose file has made it ask for too much, or has broken a decoder.
ITS_OWN_FAULT = {
    signal.SIGXCPU,
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGTRAP,
    signal.SIGBUS,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGXFSZ,
}


@dataclass(frozen=True)
class Prepared:
    """A paper that was accepted. `pdf` is the drawn copy, PDF/A-2b, without anything of the original's bytes.

    `locked`: the original holds more than a picture or pages (scripts, links, files, another file's beginning) and is
    not to be handed out, even when a scanner finds nothing in it.
    """

    kind: Kind
    pdf: bytes
    pages: int
    locked: bool


async def prepare(data: bytes, limits: Limits = DEFAULT) -> Prepared:
    """Draw a paper anew. Raises `DocumentRefused` for good, `WorkerAway` when it may be tried again."""
    if len(data) > limits.max_bytes:
        raise DocumentRefused("too-large")
    kind = sniff(data[:HEAD_BYTES])
    about, pdf = await _in_child(kind, data, limits)
    return Prepared(kind, pdf, about["pages"], about["locked"])


async def combine(pdfs: list[bytes], limits: Limits = DEFAULT) -> bytes:
    """Make one PDF/A-2b of several that `prepare` has drawn; raise `DocumentRefused` for any other, or `WorkerAway`."""
    lengths = json.dumps([len(pdf) for pdf in pdfs]).encode()
    _, combined = await _in_child("combine", b"".join([lengths, b"\n", *pdfs]), limits)
    return combined


async def _in_child(command: str, data: bytes, limits: Limits) -> tuple[dict[str, Any], bytes]:
    """Return the child's answer; a child that is not finished in time, or no longer wanted, is killed."""
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "shared.documents.worker",
            command,
            limits.to_json(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            cwd=ROOT,
            env=ENVIRONMENT,
        )
    except OSError as error:
        raise WorkerAway("The paper cannot be opened now; it is kept and tried again.") from error
    try:
        async with asyncio.timeout(limits.seconds * PATIENCE):
            output = await _exchange(child, data, limits.max_output_bytes + MIB)
            code = await child.wait()
    except TimeoutError as error:
        raise DocumentRefused("too-complex") from error
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if -code in ITS_OWN_FAULT:
        raise DocumentRefused("too-complex")
    if code:
        raise WorkerAway(f"The process that opens papers ended with {code}; the paper is kept and tried again.")
    line, _, pdf = output.partition(b"\n")
    about = json.loads(line)
    if "reason" in about:
        raise DocumentRefused(about["reason"])
    return about, pdf


async def _exchange(child: asyncio.subprocess.Process, data: bytes, at_most: int) -> bytes:
    """Send everything, then read everything, but no more than a child may say."""
    assert child.stdin  # noqa: S101  both are pipes
    assert child.stdout  # noqa: S101
    with suppress(ConnectionError):  # it may end before it has read all
        child.stdin.write(data)
        await child.stdin.drain()
        child.stdin.close()
    try:
        await child.stdout.readexactly(at_most)
    except asyncio.IncompleteReadError as all_of_it:
        return all_of_it.partial
    raise DocumentRefused("too-complex")

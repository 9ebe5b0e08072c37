"""Prepare the files of a folder, and say what became of each: `python -m tests.harness.hostile.measure IN OUT`.

A process of its own, as a child's peak of memory counts that of the process it was started from. For each file one
line of JSON; the copies of those that were accepted lie in OUT.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil

from shared.documents.errors import DocumentRefused
from shared.documents.limits import Limits
from shared.documents.pipeline import prepare

LIMITS = Limits(seconds=4)
AT_ONCE = 2
usage: dict[int, Any] = {}
wait4 = os.wait4


def waitpid(pid: int, options: int) -> tuple[int, int]:
    """Wait as `os.waitpid` does, and note what the child has used."""
    ended, status, used = wait4(pid, options)
    usage[ended] = used
    return ended, status


async def ticking(ticks: list[int]) -> None:
    """Count how often the event loop comes round."""
    while True:
        ticks[0] += 1
        await asyncio.sleep(0.001)


async def one(file: Path, out: Path) -> dict[str, Any]:
    """Prepare one file."""
    found: dict[str, Any] = {"name": file.name}
    try:
        prepared = await prepare(file.read_bytes(), LIMITS)
    except DocumentRefused as refused:
        return found | {"outcome": refused.reason}
    except Exception as error:
        return found | {"outcome": repr(error)}
    (out / file.name).write_bytes(prepared.pdf)
    return found | {"outcome": "drawn", "locked": prepared.locked, "pages": prepared.pages, "kind": prepared.kind}


async def main() -> None:
    """Prepare them, two at a time."""
    files, out = sorted(Path(sys.argv[1]).iterdir()), Path(sys.argv[2])
    os.waitpid = waitpid
    ticks = [0]
    ticker = asyncio.create_task(ticking(ticks))
    room = asyncio.Semaphore(AT_ONCE)

    async def in_turn(file: Path) -> None:
        async with room:
            before = ticks[0]
            found = await one(file, out)
            print(json.dumps(found | {"ticks": ticks[0] - before}), flush=True)

    await asyncio.gather(*map(in_turn, files))
    ticker.cancel()
    left = len(psutil.Process().children(recursive=True))
    peak = max(used.ru_maxrss for used in usage.values()) * 1024
    print(json.dumps({"children": len(usage), "peak": peak, "left": left}))


if __name__ == "__main__":
    asyncio.run(main())

"""Background tasks of a process: each runs for ever; one that ends takes the process with it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from sqlalchemy import text

from shared import clock, metrics
from shared.db import Database, is_transient

log = structlog.get_logger()

CANCEL_SECONDS = 15.0  # above what closing takes on the way out

_STILL_THERE = text("SELECT 1")  # the lock went with the connection if that is gone


class Tasks:
    """Starts, watches and stops the background tasks. `dead` names the one that ended, if any."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.dead = ""

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopping:
            return
        self.dead = task.get_name()
        reason = None if task.cancelled() else task.exception()
        log.critical("a background task ended, so this process does too", task=self.dead, exc_info=reason)
        os.kill(os.getpid(), signal.SIGTERM)

    async def stop(self) -> None:
        """Cancel all and wait until they are gone; again after a while, as a library may lose a cancellation."""
        self._stopping = True
        left = {task for task in self._tasks if not task.done()}
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=CANCEL_SECONDS)
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def periodically(database: Database, name: str, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do time-driven work for ever, in one replica at a time: the one that holds the advisory lock."""
    while True:
        try:
            async with database.locked(f"job/{name}") as connection:
                while connection is not None:
                    await work()
                    metrics.JOB_SUCCESS.labels(name).set(clock.now().timestamp())
                    await asyncio.sleep(seconds)
                    await connection.execute(_STILL_THERE)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("job could not run, trying again", job=name, error=type(error).__name__)
        await asyncio.sleep(seconds)

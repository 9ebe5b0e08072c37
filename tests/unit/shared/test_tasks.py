"""Background tasks end when they are told to, also when a cancellation is lost on the way."""

import asyncio

import pytest

from shared import tasks
from shared.tasks import Tasks


async def test_a_task_whose_library_has_lost_the_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "CANCEL_SECONDS", 0.05)
    lost: list[int] = []

    async def loses_the_first() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(1)

    background = Tasks()
    background.start("loses the first", loses_the_first())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await background.stop()
    assert lost


async def test_stopping_nothing_is_no_error() -> None:
    await Tasks().stop()

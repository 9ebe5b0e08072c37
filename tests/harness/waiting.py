"""Waiting for a condition instead of sleeping for luck."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(condition: Callable[[], Awaitable[T]], within: float = 20, every: float = 0.05) -> T:
    """Return the first true value of `condition`; fail when there is none within so many seconds."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        value = await condition()
        if value:
            return value
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {within} s: {condition.__qualname__} → {value!r}")
        await asyncio.sleep(every)

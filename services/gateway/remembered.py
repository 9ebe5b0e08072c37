"""What a service answered, remembered by tenant: pages need not wait for what they have seen a moment ago."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Asks anew after `fresh` seconds; until the answer is there, what is known serves for `old` seconds more."""

    def __init__(self, ask: Callable[[str], Awaitable[T]], *, fresh: float, old: float) -> None:
        self._ask = ask
        self._fresh, self._old = fresh, fresh + old
        self._known: dict[str, tuple[float, T]] = {}
        self._asking: dict[str, asyncio.Task[T]] = {}

    async def get(self, tenant: str) -> T:
        """Return what is known, however little fresh; wait only when there is nothing. Raises `ServiceAway`."""
        asked_at, known = self._known.get(tenant, (float("-inf"), None))
        age = monotonic() - asked_at
        if known is not None and age < self._fresh:
            return known
        asking = self._asking.get(tenant)
        if asking is None:  # one question at a time, however many people wait for its answer
            asking = self._asking[tenant] = asyncio.create_task(self._ask_anew(tenant))
            asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        if known is not None and age < self._old:
            return known
        return await asyncio.shield(asking)

    async def _ask_anew(self, tenant: str) -> T:
        try:
            found = await self._ask(tenant)
            self._known[tenant] = monotonic(), found
            return found
        finally:
            del self._asking[tenant]

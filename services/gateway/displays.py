"""What the call displays show: asked of booking once a second for each office somebody looks at, however many look."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from time import monotonic
from typing import Any

import structlog

from services.gateway.backend import Backend, ServiceAway

log = structlog.get_logger()

Document = Mapping[str, Any]

EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 3.0  # then booking counts as away
MOST_LISTENERS = 50  # of one office


class Feed:
    """What is known of one office's queue. `document`: the last that booking told; `is_away`: it tells no newer one."""

    def __init__(self, booking: Backend, tenant: str, office: str) -> None:
        self._booking, self._tenant, self._path = booking, tenant, f"/offices/{office}/display"
        self.document: Document | None = None
        self.is_away = False
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()
        self._told = asyncio.Condition()
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None

    async def current(self) -> Document | None:
        """Return what is known; asked for now unless somebody listens. `None` when booking has never answered."""
        if self._task is None or self.document is None:
            async with self._lock:
                if monotonic() - self._asked_at >= EVERY_SECONDS:
                    await self._ask()
        return self.document

    @property
    def is_full(self) -> bool:
        """Whether nobody more may listen."""
        return self._listeners >= MOST_LISTENERS

    async def listen(self) -> AsyncGenerator[bool]:
        """Yield about once a second whether there is something new; the first time there is.

        While anybody listens, one task asks for all.
        """
        self._listeners += 1
        if self._task is None:
            self._task = asyncio.create_task(self._keep_asking(), name="display")
        try:
            await self.current()
            seen = None
            while True:
                state = self._state()
                yield state != seen
                seen = state
                async with self._told:
                    await self._told.wait()
        finally:
            self._listeners -= 1
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _keep_asking(self) -> None:
        while True:
            began = monotonic()
            async with self._lock:
                await self._ask()
            async with self._told:
                self._told.notify_all()
            await asyncio.sleep(max(0.05, EVERY_SECONDS - (monotonic() - began)))

    async def _ask(self) -> None:
        self._asked_at = monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                self.document, self.is_away = await self._booking.get(self._path, self._tenant), False
        except (ServiceAway, TimeoutError):
            self.is_away = True
        except Exception as error:  # the screens must not stand still for ever because of one odd answer
            log.error("a display could not be read", exc_info=error)
            self.is_away = True

    def _state(self) -> tuple[object, ...]:
        known = {key: value for key, value in (self.document or {}).items() if key != "as_of"}
        return self.is_away, str(known)


class Displays:
    """The feeds of all offices."""

    def __init__(self, booking: Backend) -> None:
        self._booking = booking
        self._feeds: dict[tuple[str, str], Feed] = {}

    def of(self, tenant: str, office: str) -> Feed:
        """Return the feed of an office, which exists."""
        return self._feeds.setdefault((tenant, office), Feed(self._booking, tenant, office))

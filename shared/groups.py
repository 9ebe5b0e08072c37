"""Works that come in at the same time share a transaction, so that its begin and commit are paid once for many."""

import asyncio
import contextvars
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from sqlalchemy import text

from shared.db import Database, Session
from shared.errors import ServiceError, Unavailable

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[Session], Coroutine[Any, Any, Any]]

LONGEST_WAIT = 8.0  # seconds; the gateway gives a request up after ten
MOST = 32  # works in one transaction: the first waits for the last

# Two transactions that each take several desks could wait for each other for ever: across replicas, groups of a lock
# run one after the other.
_ONE_GROUP = text("SELECT pg_advisory_xact_lock(hashtextextended('group/' || :lock, 0))")


@dataclass
class _Member:
    work: Work
    answer: asyncio.Future[Any]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)  # its trace is not another's
    asked_at: float = field(default_factory=time.monotonic)

    async def run(self, session: Session) -> Any:  # noqa: ANN401  whatever the work returns
        return await asyncio.create_task(self.work(session), context=self.context)

    def refuse_if_late(self) -> bool:
        """Refuse what nobody waits for any more; tell whether there is nothing left to do."""
        if time.monotonic() - self.asked_at > LONGEST_WAIT:
            self.settle(Unavailable("There are too many requests at the moment. Please try again soon."))
        return self.answer.done()

    def settle(self, result: object) -> None:
        if self.answer.done():  # who asked has gone
            return
        if isinstance(result, BaseException):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


class Groups:
    """Runs works of one tenant and lock in turn: what comes in while a transaction is under way shares the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[tuple[str, str], list[_Member]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], tenant: str, share_lock: str) -> T:
        """Run `work` in a transaction that holds the advisory lock `share_lock`, shared; return when it is committed.

        A work that raises a `ServiceError` must have left nothing behind: the others are committed all the same. After
        any other error the transaction is rolled back, and each work runs again in one of its own.
        What could not begin within 8 s raises `Unavailable`.
        """
        member = _Member(work, asyncio.get_running_loop().create_future())
        key = tenant, share_lock
        if key in self._waiting:
            self._waiting[key].append(member)
        else:
            self._waiting[key] = [member]
            task = asyncio.create_task(self._run_all(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        result: T = await member.answer
        return result

    async def _run_all(self, key: tuple[str, str]) -> None:
        members: list[_Member] = []
        try:
            while members := self._waiting[key][:MOST]:
                self._waiting[key] = self._waiting[key][MOST:]
                await self._run(members, *key)
        finally:  # cancelled, nobody must wait for ever
            for member in members + self._waiting.pop(key):
                member.answer.cancel()

    async def _run(self, members: list[_Member], tenant: str, lock: str) -> None:
        left = [member for member in members if not member.refuse_if_late()]
        if len(left) > 1:
            try:
                async with self._database.transaction(tenant, lock) as session:
                    await session.execute(_ONE_GROUP, {"lock": lock})
                    results = [await _answer(member, session) for member in left]
            except Exception as error:  # whose fault it is shows when each runs by itself
                log.warning("works run one by one", works=len(left), error=type(error).__name__)
            else:
                for member, result in zip(left, results, strict=True):
                    member.settle(result)
                return
        for member in left:
            if not member.refuse_if_late():
                await self._run_alone(member, tenant, lock)

    async def _run_alone(self, member: _Member, tenant: str, lock: str) -> None:
        try:
            member.settle(await self._database.run(member.run, tenant, lock))
        except Exception as error:  # told to who asked
            member.settle(error)


async def _answer(member: _Member, session: Session) -> Any:  # noqa: ANN401  whatever the work returns
    try:
        return await member.run(session)
    except ServiceError as error:
        return error

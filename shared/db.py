"""The database session: the only place that commits, sets the tenant, and repeats a transaction."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

import stamina
from sqlalchemy import text
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.sql import Executable

T = TypeVar("T")

DEADLOCK, SERIALIZATION_FAILURE = "40P01", "40001"
# Classes of SQLSTATE that pass by themselves: connection lost, transaction rolled back, out of resources,
# lock not to be had, operator's intervention, system error.
TRANSIENT_CLASSES = ("08", "40", "53", "55", "57", "58")
# Before the migrate step has run, roles, databases and tables are not there yet.
NOT_MIGRATED = ("28000", "28P01", "3D000", "42P01")

STATEMENT_SECONDS = 30  # a server that hangs without closing its connections counts as away then

# A process or host that vanishes must not keep its locks (the relay's above all) until TCP notices after hours.
SERVER_SETTINGS = {
    "jit": "off",
    "lock_timeout": "10s",
    "client_connection_check_interval": "5s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}

_TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_SET_TENANT = text("SELECT set_config('app.tenant', :tenant, true)")
_SHARE_LOCK = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:lock, 0))")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))")
_SET_TENANT_AND_LOCK = text(
    "SELECT set_config('app.tenant', :tenant, true), pg_advisory_xact_lock_shared(hashtextextended(:lock, 0))"
)


class DatabaseAway(Exception):
    """The database cannot be reached."""


def sqlstate(error: BaseException) -> str:
    """Return PostgreSQL's five-character code of an error, or '' when it has none."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def is_transient(error: BaseException) -> bool:
    """Tell whether doing the same again later can succeed without anyone changing anything."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    away = isinstance(error, DatabaseAway | ConnectionError | TimeoutError)
    return away or sqlstate(error)[:2] in TRANSIENT_CLASSES or is_not_migrated(error)


def is_not_migrated(error: BaseException) -> bool:
    """Tell whether the database lacks what the migrate step makes."""
    return sqlstate(error) in NOT_MIGRATED


class Session:
    """One transaction under one tenant at a time. Rows that nobody reads back in it can be inserted in bulk."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.tenant = ""
        self.wakes: set[str] = set()
        self.memo: dict[object, Any] = {}  # what cannot change while the transaction lasts, read once
        self._later: dict[Executable, list[Mapping[str, Any]]] = {}

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:  # noqa: ANN401  SQLAlchemy's own type
        """Run one statement."""
        return await self.connection.execute(statement, parameters)

    async def set_tenant(self, tenant: str, share_lock: str | None = None) -> None:
        """Show the rows of this tenant from here on; take the named advisory lock, shared, in the same round trip."""
        await self.flush()
        if share_lock is None:
            await self.execute(_SET_TENANT, {"tenant": tenant})
        else:
            await self.execute(_SET_TENANT_AND_LOCK, {"tenant": tenant, "lock": share_lock})
        self.tenant = tenant

    async def share_lock(self, name: str) -> None:
        """Take the named advisory lock, shared with others who do, until the transaction ends."""
        await self.execute(_SHARE_LOCK, {"lock": name})

    async def lock(self, name: str) -> None:
        """Take the named advisory lock alone, until the transaction ends."""
        await self.execute(_LOCK, {"lock": name})

    def execute_later(self, statement: Executable, row: Mapping[str, Any]) -> None:
        """Run an INSERT nobody reads back before the transaction (or savepoint) ends, in bulk with its likes.

        `statement` is a constant of the caller: rows given with the same one go in one round trip, in this order.
        """
        self._later.setdefault(statement, []).append(row)

    async def flush(self) -> None:
        """Write what `execute_later` collected."""
        later, self._later = self._later, {}
        for statement, rows in later.items():
            await self.execute(statement, rows)

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what is done inside when it raises."""
        await self.flush()
        wakes = set(self.wakes)
        try:
            async with self.connection.begin_nested():
                yield
                await self.flush()
        except BaseException:
            self._later, self.wakes = {}, wakes
            raise


class Database:
    """A service's own database, and the signals by which a committed transaction wakes the tasks it made work for."""

    def __init__(self, url: str, pool_size: int = 5) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            hide_parameters=True,  # an error's text goes into logs, and rows name people
            connect_args={"timeout": 5, "command_timeout": STATEMENT_SECONDS, "server_settings": SERVER_SETTINGS},
        )
        self._signals: dict[str, asyncio.Event] = {}

    @contextlib.asynccontextmanager
    async def transaction(self, tenant: str = "", share_lock: str | None = None) -> AsyncIterator[Session]:
        """Open a transaction under a tenant; commits at the end, rolls back when the body raises."""
        session = await self._begin(tenant, share_lock)
        try:
            yield session
            await session.flush()
            await session.connection.commit()
        finally:
            await session.connection.close()
        for name in session.wakes:
            self.signal(name).set()

    def signal(self, name: str) -> asyncio.Event:
        """Return the event that is set when a transaction with this name in its `wakes` has committed."""
        return self._signals.setdefault(name, asyncio.Event())

    async def wait_for_signal(self, name: str, seconds: float) -> None:
        """Wait for a signal, or so long: another replica's transactions wake nobody here."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.signal(name).wait()

    async def run(self, work: Callable[[Session], Awaitable[T]], tenant: str = "", share_lock: str | None = None) -> T:
        """Run `work` in a transaction, again from the start (at most three times in all) after a deadlock."""
        async for attempt in stamina.retry_context(on=_is_deadlock, attempts=3, wait_initial=0.01, wait_max=0.1):
            with attempt:
                async with self.transaction(tenant, share_lock) as session:
                    result = await work(session)
        return result

    async def connect(self) -> AsyncConnection:
        """Return a connection from the pool; raise `DatabaseAway`."""
        try:
            return await self._engine.connect()
        except (OSError, PoolTimeout) as error:  # a socket that is not there is a FileNotFoundError
            raise DatabaseAway(type(error).__name__) from error

    @contextlib.asynccontextmanager
    async def locked(self, name: str) -> AsyncIterator[AsyncConnection | None]:
        """Hold a connection of one's own with an advisory lock on it; `None` when another has the lock.

        Statements on it commit one by one. Whoever works on this connection alone loses the work with the lock.
        """
        connection = await self.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            got = (await connection.execute(_TRY_LOCK, {"name": name})).scalar_one()
            yield connection if got else None
        finally:
            # Closing alone would return it to the pool with the lock still held.
            await connection.invalidate()
            await connection.close()

    async def _begin(self, tenant: str, share_lock: str | None) -> Session:
        # After the server restarted, the first use of a pooled connection finds it dead, and SQLAlchemy drops
        # the whole pool: the second try gets a fresh one. That is cheaper than a ping for every transaction.
        for last_try in (False, True):
            session = Session(await self.connect())
            try:
                await session.connection.begin()
                if tenant or share_lock:  # without one nothing of any tenant is visible from the start
                    await session.set_tenant(tenant, share_lock)
            except BaseException as error:
                await session.connection.close()
                if last_try or not (isinstance(error, DBAPIError) and error.connection_invalidated):
                    raise
            else:
                return session
        raise AssertionError

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def _is_deadlock(error: Exception) -> bool:
    return sqlstate(error) in {DEADLOCK, SERIALIZATION_FAILURE}

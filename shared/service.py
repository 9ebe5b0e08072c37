"""What all services are made of: an HTTP app with database, relay, consumer, jobs, health and metrics around it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Request

from shared import clock, health, housekeeping, logs, problems, replay, tenants
from shared.consumer import Consumer
from shared.db import Database
from shared.groups import Groups
from shared.identity import Identity, IdentityRefused, StaffOnly, Verifier
from shared.inbox import Handlers
from shared.middleware import RequestMiddleware
from shared.relay import Relay
from shared.sealing import SealingKeys
from shared.settings import Settings
from shared.tasks import Tasks, periodically

log = structlog.get_logger()

S = TypeVar("S", bound=Settings)
Job = Callable[[Any], Coroutine[Any, Any, None]]  # takes the service


class Service(Generic[S]):
    """One running service: its settings and the parts that its doors use."""

    def __init__(
        self,
        settings: S,
        *,
        handlers: Handlers | None = None,
        versioned: bool = True,
        max_event_age: timedelta | None = None,
        seals: bool = False,
        verifier: Verifier | None = None,
        tasks: Mapping[str, Job] | None = None,
        jobs: Mapping[str, tuple[float, Job]] | None = None,
        before_scrape: Job | None = None,
    ) -> None:
        """Put a service together.

        `handlers`: what it does for which event; `versioned`: ignore events older than what was seen of their
        aggregate; `max_event_age`: ignore events older than that; `seals`: it is not ready before notifications
        has announced a key; `verifier`: its routes are for the gateway alone (health and metrics are not); `tasks`:
        run for ever in each replica; `jobs`: (seconds between, work), in one replica; `before_scrape`: brings
        figures up to date that come from SQL.
        """
        self.settings = settings
        self.name = settings.service
        self.tenants = tenants.load(settings.tenants_dir)
        self.database = Database(settings.database, settings.database_pool)
        self.groups = Groups(self.database)
        self.relay = Relay(settings, self.database)
        self.seals = seals
        self.verifier = verifier
        self.sealing_keys = SealingKeys(self.database)
        self.consumer = (
            Consumer(settings, self.database, handlers, versioned=versioned, max_age=max_event_age)
            if handlers
            else None
        )
        self.background = Tasks()
        self.stopping = asyncio.Event()  # set when the process is to end: answers without an end, end
        self._tasks = dict(tasks or {})
        self._jobs = dict(jobs or {})
        self.before_scrape = before_scrape

    async def start(self) -> None:
        """Start everything that runs beside HTTP. Neither Kafka nor the database need to be there yet."""
        self.background.start("relay", self.relay.run())
        if self.consumer is not None:
            self.background.start("consumer", self.consumer.run())
            self.background.start("replay", replay.run(self.database, self.consumer.inbox))
        for name, task in self._tasks.items():
            self.background.start(name, task(self))
        self._jobs.setdefault("housekeeping", (housekeeping.SECONDS, housekeeping.run))
        for name, (seconds, job) in self._jobs.items():
            self.background.start(name, periodically(self.database, name, seconds, partial(job, self)))

    async def stop(self) -> None:
        """Stop it again; what is under way is rolled back or redelivered."""
        await self.background.stop()
        await self.database.close()


def create_app(
    service: Service[Any],
    routers: Sequence[APIRouter],
    closing: Sequence[Callable[[], Awaitable[None]]] = (),
    file_limit: int = 0,
) -> FastAPI:
    """Return the service's HTTP app; its lifespan starts and stops the service, then calls `closing`.

    `file_limit`: the largest body of routes that are marked by `takes_files`, in bytes.
    """
    logs.set_up(service.name, service.settings.log_level)
    clock.set_offset(service.settings.clock_offset_seconds)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        log.info("started")
        try:
            yield
        finally:
            await service.stop()
            for close in closing:
                await close()
            log.info("stopped")

    app = FastAPI(
        title=service.name,
        lifespan=lifespan,
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
        openapi_url=None,  # what the public may know, the gateway publishes under a path of its own
        redirect_slashes=False,  # a redirect would be made of the caller's Host, before any tenant is found
    )
    app.state.service = service
    app.add_middleware(RequestMiddleware, body_limit=service.settings.request_body_limit, file_limit=file_limit)
    problems.install(app)
    app.include_router(health.router)
    guards = [Depends(get_tenant)] if service.verifier else []
    for router in routers:
        app.include_router(router, dependencies=guards)
    return app


# Dependencies are async, as those that are not cost a thread each.
async def get_service(request: Request) -> Any:  # noqa: ANN401  each service narrows it
    """Return the service that answers this request."""
    return request.app.state.service


async def get_identity(request: Request, x_identity: Annotated[str, Header()] = "") -> Identity:
    """Return who asks, as the gateway has signed it; async, as a thread would cost more than the check."""
    service = request.app.state.service
    found: Identity = service.verifier.verify(x_identity)
    if found.tenant not in service.tenants.by_id:
        raise IdentityRefused("The request is for a tenant that this service has no file of: see TENANTS_DIR.")
    return found


async def get_tenant(request: Request, x_identity: Annotated[str, Header()] = "") -> str:
    """Return the tenant that the gateway has signed."""
    return (await get_identity(request, x_identity)).tenant


async def get_staff(identity: Annotated[Identity, Depends(get_identity)]) -> Identity:
    """Return which member of staff asks; raise `StaffOnly`."""
    if not identity.is_staff:
        raise StaffOnly("Only the office's own staff may do this, when they have signed in.")
    return identity


CurrentTenant = Annotated[str, Depends(get_tenant)]
CurrentStaff = Annotated[Identity, Depends(get_staff)]

"""`make run`: starts PostgreSQL, Kafka, a mailbox and every service, and keeps them going until Ctrl-C."""

import asyncio
import os
import sys
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
from pydantic import ValidationError

from deploy.local import environment, lock, ports, postgres
from deploy.local.kafka import Kafka
from deploy.local.postgres import PostgresServer
from deploy.local.problem import Problem, exit_clearly
from deploy.local.runner import Program, Runner
from deploy.local.settings import SERVICES, LocalSettings

PATIENCE = 60


class Start:
    """One start of everything, in order; `stack` remembers what has to be stopped, last started first."""

    def __init__(self, settings: LocalSettings, runner: Runner, stack: AsyncExitStack) -> None:
        """Nothing runs yet."""
        self.settings, self.runner, self.stack = settings, runner, stack

    async def everything(self) -> None:
        """Return when every service is ready."""
        began = time.monotonic()
        database = await self.parts()
        values = environment.for_services(self.settings, database)
        environment.write_private(self.settings.home / "environment", environment.quoted(values))
        await self.migrate(environment.for_process("migrate", environment.for_migrate(values, database)))
        programs = [self.service(service, values) for service in SERVICES]
        self.stack.push_async_callback(self.runner.stop, programs)
        await asyncio.gather(*(self.ready(service) for service in SERVICES))
        self.welcome(time.monotonic() - began)

    async def parts(self) -> PostgresServer | None:
        """Start what the services stand on, all at once; the first `Problem` ends the others."""
        try:
            async with asyncio.TaskGroup() as group:
                database = group.create_task(self.postgres())
                group.create_task(self.kafka())
                self.mailbox()
        except ExceptionGroup as group_of_problems:
            problems, others = group_of_problems.split(Problem)
            if others or not problems:
                raise
            raise problems.exceptions[0] from None
        return database.result()

    async def postgres(self) -> PostgresServer | None:
        """Start the embedded PostgreSQL, unless the person has an own one."""
        if self.settings.database_url:
            return None
        starting = asyncio.create_task(asyncio.to_thread(postgres.start, self.settings.home / "postgres"))
        # Registered before it runs: a Ctrl-C meanwhile must not leave a server that nobody stops.
        self.stack.push_async_callback(self.stop_postgres, starting)
        return await asyncio.shield(starting)

    async def stop_postgres(self, starting: asyncio.Task[PostgresServer]) -> None:
        """Stop the server, after its start if that is still under way."""
        with suppress(Problem):
            await asyncio.to_thread((await starting).stop)

    async def kafka(self) -> None:
        """Start the embedded Kafka, unless the person has an own one."""
        if self.settings.kafka_bootstrap_servers:
            return
        home, settings = self.settings.home, self.settings
        broker = Kafka(home / "kafka", home / "jars", settings.kafka_port, settings.kafka_controller_port)
        await asyncio.to_thread(broker.prepare)
        self.keep(Program("kafka", broker.broker, broker.environment, broker.directory))
        await broker.ready(PATIENCE)

    def mailbox(self) -> None:
        """Start the local mailbox, unless the person has an own mail server."""
        if not self.settings.smtp_url:
            self.keep(Program("mailbox", [sys.executable, "-m", "deploy.local.mailbox"], os.environ))

    async def migrate(self, values: dict[str, str]) -> None:
        """Bring roles, databases, tables and topics up to date."""
        if await self.runner.run_once(Program("migrate", [sys.executable, "-m", "deploy.migrate"], values)):
            message = "The databases could not be brought up to date: the lines of migrate above say why."
            raise Problem(message)

    def service(self, name: str, values: dict[str, str]) -> Program:
        """Start one service on its port."""
        own = {**environment.for_process(name, values), "HOST": "127.0.0.1", "PORT": str(self.settings.port(name))}
        return self.runner.add(Program(name, [sys.executable, "-m", "shared.serve", name], own))

    def keep(self, program: Program) -> None:
        """Start a program and stop it at the end."""
        self.runner.add(program)
        self.stack.push_async_callback(self.runner.stop, [program])

    async def ready(self, service: str) -> None:
        """Return when the service says that it is ready; after a minute say that it is not, and go on waiting."""
        url = f"http://127.0.0.1:{self.settings.port(service)}/health/ready"
        complain_at = time.monotonic() + PATIENCE
        # A proxy of the person's must not be asked for loopback.
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            while True:
                try:
                    if (await client.get(url)).is_success:
                        return
                except httpx.HTTPError:
                    pass
                if time.monotonic() > complain_at:
                    complain_at += PATIENCE
                    self.runner.say(f"{service} is not ready yet: its lines above say why.")
                await asyncio.sleep(0.1)

    def welcome(self, seconds: float) -> None:
        """Say what is where."""
        settings, say = self.settings, self.runner.say
        say("")
        say(f"  Bürgernah is ready after {seconds:.1f} seconds; Ctrl-C stops it.")
        say(f"    Pages          http://localhost:{settings.gateway_port}/")
        say(f"    For staff      http://localhost:{settings.gateway_port}/staff")
        say(f"    API            http://localhost:{settings.gateway_port}/api/v1/openapi.json")
        if not settings.smtp_url:
            say(f"    Sent mail      http://localhost:{settings.mailbox_port}/")
        for service in SERVICES[1:]:
            say(f"    {service:<14} http://localhost:{settings.port(service)}/health/ready")
        say(f"    Other commands get the same settings by: set -a; . {settings.local_dir / 'environment'}; set +a")
        say("")


async def run(settings: LocalSettings) -> None:
    """Run until a signal comes; a `Problem` while starting stops what has started."""
    runner = Runner()
    runner.handle_signals()
    async with AsyncExitStack() as stack:
        runner.say("Starting; the first time fetches Kafka, about 45 MB.")
        if await until(runner.stopping, Start(settings, runner, stack).everything()):
            await runner.stopping.wait()
        runner.say("Stopping.")
    runner.say("Stopped.")


async def until(event: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work unless the event comes first, and tell whether it was done."""
    task, waiting = asyncio.create_task(work), asyncio.create_task(event.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        await task
        return True
    task.cancel()
    await asyncio.wait([task])
    return False


def main() -> None:
    """Check, then run."""
    try:
        settings = LocalSettings()
    except ValidationError as error:
        first = error.errors()[0]
        message = f"{str(first['loc'][0]).upper()} cannot be used: {first['msg']}."
        raise Problem(message) from error
    with lock.locked(settings.home):
        ports.check(settings.ports())
        asyncio.run(run(settings))


if __name__ == "__main__":
    exit_clearly(main)

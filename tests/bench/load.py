"""A small HTTP load generator: kept connections, no more than asked for, and little processor time of its own."""

import asyncio
import contextlib
import itertools
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Result:
    """What a run of requests took."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Successful requests a second."""
        return sum(count for status, count in self.statuses.items() if status < 300) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in seconds that so large a share stayed within."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection:
    """One kept HTTP/1.1 connection to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(
        self, method: str, path: str, headers: dict[str, str], payload: bytes = b""
    ) -> tuple[int, str, bytes]:
        """Send a request and return status, head and content."""
        if self._streams is None or self._streams[0].at_eof():  # idle too long: the server has closed it
            self.close()
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(payload)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = int(head.lower().split("content-length: ", 1)[1].split("\r\n", 1)[0])
        return int(head[9:12]), head, await reader.readexactly(length)

    async def post(self, path: str, headers: dict[str, str], body: dict[str, object]) -> int:
        """Send JSON and return the status."""
        as_json = {"Content-Type": "application/json", **headers}
        status, _, _ = await self.send("POST", path, as_json, json.dumps(body).encode())
        return status

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()


Request = Callable[[int], tuple[str, dict[str, str], dict[str, object]]]


async def closed_loop(clients: int, seconds: float, once: Callable[[int], Awaitable[int]]) -> Result:
    """Let so many clients do something one time after the other for so long; `once` takes the client's number."""
    result = Result(seconds)
    started = time.perf_counter()

    async def client(number: int) -> None:
        while time.perf_counter() - started < seconds:
            begun = time.perf_counter()
            result.statuses[await once(number)] += 1
            result.latencies.append(time.perf_counter() - begun)

    await asyncio.gather(*(client(number) for number in range(clients)))
    result.seconds = time.perf_counter() - started
    return result


async def run_clients(port: int, clients: int, seconds: float, request: Request) -> Result:
    """Let so many clients send one request after the other for so long (closed loop)."""
    numbers = itertools.count()
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(contextlib.closing(Connection(port))) for _ in range(clients)]
        return await closed_loop(clients, seconds, lambda client: kept[client].post(*request(next(numbers))))


async def run_rate(port: int, rate: float, seconds: float, request: Request) -> Result:
    """Send so many requests a second for so long, however long the answers take (open loop)."""
    result = Result(seconds)
    idle: list[Connection] = []
    started = time.perf_counter()

    async def one(number: int) -> None:
        await asyncio.sleep(max(0, started + number / rate - time.perf_counter()))
        connection = idle.pop() if idle else Connection(port)
        begun = time.perf_counter()
        result.statuses[await connection.post(*request(number))] += 1
        result.latencies.append(time.perf_counter() - begun)
        idle.append(connection)

    await asyncio.gather(*(one(number) for number in range(int(rate * seconds))))
    for connection in idle:
        connection.close()
    result.seconds = time.perf_counter() - started
    return result

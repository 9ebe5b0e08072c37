"""A small HTTP load generator: kept connections, no more than asked for, and little processor time of its own."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable
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

    async def post(self, path: str, headers: dict[str, str], body: dict[str, object]) -> int:
        """Send JSON and return the status."""
        if self._streams is None or self._streams[0].at_eof():  # idle too long: the server has closed it
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        payload = json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        lines += [f"Content-Length: {len(payload)}", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()


Request = Callable[[int], tuple[str, dict[str, str], dict[str, object]]]


async def run_clients(port: int, clients: int, seconds: float, request: Request) -> Result:
    """Let so many clients send one request after the other for so long (closed loop)."""
    result = Result(seconds)
    started = time.perf_counter()
    numbers = iter(range(10**9))

    async def client() -> None:
        connection = Connection(port)
        with contextlib.closing(connection):
            while time.perf_counter() - started < seconds:
                begun = time.perf_counter()
                result.statuses[await connection.post(*request(next(numbers)))] += 1
                result.latencies.append(time.perf_counter() - begun)

    await asyncio.gather(*(client() for _ in range(clients)))
    result.seconds = time.perf_counter() - started
    return result


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

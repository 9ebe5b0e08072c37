"""Looks whether ports are free before anything starts, and whether something listens on one."""

import asyncio
import errno
import socket
import time
from collections.abc import Mapping

from deploy.local.problem import Problem


def taken(port: int) -> bool:
    """Whether something else listens on this port of loopback."""
    with socket.socket() as probe:
        # Otherwise a connection that has just ended would count as a listener for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


async def listens(port: int) -> bool:
    """Whether a connection to this port of loopback is taken up by somebody."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    # The system may give a connection the very port it is to reach; then TCP connects it to itself.
    return bool(writer.get_extra_info("sockname") != writer.get_extra_info("peername"))


def _comes_free(port: int) -> bool:
    """Wait a little: where a start was killed, its processes are just being ended."""
    deadline = time.monotonic() + 1
    while taken(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def check(ports: Mapping[str, int]) -> None:
    """Raise a `Problem` for the first port, by the name of its setting, that is taken or asked for twice."""
    seen: dict[int, str] = {}
    for name, port in ports.items():
        if port in seen:
            message = f"{seen[port]} and {name} are both {port}: set one of them to another port."
            raise Problem(message)
        seen[port] = name
        if not _comes_free(port):
            message = f"Port {port} is taken by another program: end that program, or set {name} to a free port."
            raise Problem(message)

"""Ports for tests that nothing else on the machine takes before the test's own server listens on them."""

import itertools
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deploy.local.ports import taken

# Above the ports that programs are usually given by hand, those of `make run` among them.
FIRST = 20_000
BLOCK = 500


def first_ephemeral() -> int:
    """Return where the ports begin that the system itself gives away, to any connection that is opened."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except OSError:
        return 49_152  # macOS has no such file, and this range


@cache
def _block() -> Iterator[int]:
    """Take a block of ports for this process; parallel test workers and sessions take others.

    A socket bound to the first port marks a block as taken: the system sees to it among all processes and users,
    and frees it however the process ends.
    """
    # Where the system's range begins so low that no block fits below, none is safe, and these are as good as others.
    end = max(first_ephemeral(), FIRST + 20 * BLOCK)
    for first in range(FIRST, end - BLOCK + 1, BLOCK):
        with socket.socket() as mark:
            try:
                mark.bind(("127.0.0.1", first))
            except OSError:
                continue
            mark.detach()
            return itertools.cycle(range(first + 1, first + BLOCK))
    raise RuntimeError(f"Every port from {FIRST} to {end} is taken: end test sessions that still run.")


def free_port() -> int:
    """Return a port nobody listens on, and another one each time until the block has been gone through."""
    return next(port for port in _block() if not taken(port))

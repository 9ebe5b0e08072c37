"""Kills the process groups named on standard input once that input closes, so that a dead runner leaves none.

A pipe closes however its writer ends, on Linux and macOS alike, and a group holds grandchildren too.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    """Read one number a line: `12` watches group 12, `-12` forgets it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line)
        if group > 0:
            groups.add(group)
        else:
            groups.discard(-group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()

"""Slows down whoever guesses codes: after some wrong ones for a number, codes for it wait."""

from collections import OrderedDict, deque

from shared import clock

MOST_FAILURES, WITHIN_SECONDS = 10, 600
MOST_NUMBERS = 10_000


class Throttle:
    """Counts failures by name in this process; the oldest names are forgotten first when there are very many."""

    def __init__(self, most: int = MOST_FAILURES) -> None:
        self._most = most
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, name: str) -> int:
        """Return for how long nothing more may be tried; 0: try."""
        failures = self._failures.get(name)
        if failures is None or len(failures) < self._most:
            return 0
        return max(0, int(failures[0] + WITHIN_SECONDS - clock.now().timestamp()) + 1)

    def failed(self, name: str) -> None:
        """Count a failure."""
        failures = self._failures.setdefault(name, deque(maxlen=self._most))
        failures.append(clock.now().timestamp())
        self._failures.move_to_end(name)
        if len(self._failures) > MOST_NUMBERS:
            self._failures.popitem(last=False)

    def take_back(self, name: str) -> None:
        """Forget the newest failure: it was none."""
        if failures := self._failures.get(name):
            failures.pop()

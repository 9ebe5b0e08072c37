"""How guessing is slowed down without locking the rightful person out.

Failures are counted twice. By *client* (a keyed hash of its address, which a whole waiting room may share): after 20,
it waits 1, 2, 4, 8, then always 15 minutes before its next try, whatever it tries. By *reference*, whoever tried, apart
for codes and birth dates:

- A birth date is one of some 25,000, so wrong ones for a reference slow down all birth dates for it, from every
  client. The letter code goes on opening it.
- A letter code is one of a million million. Wrong ones for a reference slow down only clients that have failed
  lately: whoever comes with the letter and from an address of their own is never kept waiting by others. A guesser
  with a fresh address for every try has one try for each, which is as good as none.
- The personal link's token cannot be guessed and never waits.

A right try makes up for no wrong ones: whoever has an application of their own could else guess others' for ever.
References that nobody has count like those that exist, so that waiting tells nothing either.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

FREE = {"client": 20, "birth-date": 5, "code": 20}  # wrong ones before the first wait
LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)  # without a further failure, after the wait


@dataclass(frozen=True)
class Failures:
    """How many there were of a kind, and when the last one was."""

    kind: str
    number: int = 0
    last_at: datetime | None = None

    def seconds(self, now: datetime) -> int:
        """Return for how many seconds nothing more may be tried."""
        if self.last_at is None or self.number < FREE[self.kind]:
            return 0
        return max(0, ceil((self.last_at + _wait(self.number - FREE[self.kind]) - now).total_seconds()))

    def counts(self, now: datetime) -> bool:
        """Tell whether they are remembered still."""
        if self.last_at is None:
            return False
        return now - self.last_at < _wait(max(0, self.number - FREE[self.kind])) + FORGOTTEN_AFTER

    def one_more(self, now: datetime) -> "Failures":
        """Return them with one more."""
        return Failures(self.kind, self.number + 1 if self.counts(now) else 1, now)


def seconds_to_wait(client: Failures, reference: Failures, now: datetime) -> int:
    """Return for how many seconds a try has to wait. `reference`: the failures of the kind that is tried."""
    of_client = client.seconds(now)
    if reference.kind == "code" and not client.counts(now):
        return of_client
    return max(of_client, reference.seconds(now))


def _wait(beyond: int) -> timedelta:
    return min(timedelta(minutes=2 ** min(beyond, 4)), LONGEST)

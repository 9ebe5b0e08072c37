"""What one phone may do at an office within ten minutes: so that nobody guesses its code, or fills its queue."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from services.gateway.throttle import Throttle

MOST_GUESSES, MOST_GUESSES_OF_ALL = 10, 2000  # the code has four digits, and many people mistype it
MOST_TICKETS, MOST_TICKETS_OF_ADDRESS = 3, 30  # the network of an office is one address

Counts = Sequence[tuple[Throttle, str]]


class Phones:
    """What phones have done, counted in this process."""

    def __init__(self) -> None:
        self.guesses, self.guesses_of_all = Throttle(MOST_GUESSES), Throttle(MOST_GUESSES_OF_ALL)
        self.tickets, self.tickets_of_address = Throttle(MOST_TICKETS), Throttle(MOST_TICKETS_OF_ADDRESS)
        self.keys = Throttle(1)


@dataclass(frozen=True)
class Phone:
    """A browser: its address, and what its cookie tells of it. The cookie is easily dropped, the address not."""

    phones: Phones
    address: str
    holder: str

    def guesses(self, office: str) -> Counts:
        """Return the counts of wrong codes: of this address, and of everybody."""
        return (self.phones.guesses, f"{office} {self.address}"), (self.phones.guesses_of_all, office)

    def tickets(self, office: str, key: str) -> Counts:
        """Return the counts of tickets drawn; of a key that has drawn one already none, it gets the same one."""
        if self.phones.keys.seconds_to_wait(f"{office} {key}"):
            return ()
        return (
            (self.phones.tickets, f"{office} {self.holder}"),
            (self.phones.tickets_of_address, f"{office} {self.address}"),
            (self.phones.keys, f"{office} {key}"),
        )


@contextmanager
def counted(counts: Counts, refusal: Exception, stays: Callable[[BaseException | None], bool]) -> Iterator[None]:
    """Count what is tried before anybody knows how it ends: many at once are counted too.

    `stays`: tells by the error (none: success) whether it counts. Raises `refusal` after too many.
    """
    if any(throttle.seconds_to_wait(name) for throttle, name in counts):
        raise refusal
    for throttle, name in counts:
        throttle.failed(name)
    ended: BaseException | None = None
    try:
        yield
    except BaseException as error:
        ended = error
        raise
    finally:
        if not stays(ended):
            for throttle, name in counts:
                throttle.take_back(name)

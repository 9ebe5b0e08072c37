"""What the tests that break things need beyond the parts they share with all others."""

import gc
import warnings
from collections.abc import AsyncIterator, Iterator

import pytest

from shared import clock
from tests.harness.chaos import Broker
from tests.harness.parts import Parts


@pytest.fixture(scope="session")
async def second_broker(parts: Parts) -> AsyncIterator[Broker]:
    """A Kafka beside the one that all tests share."""
    broker = await Broker.create(parts.directory / "own-kafka")
    yield broker
    await broker.kill()


@pytest.fixture
async def own_broker(second_broker: Broker) -> AsyncIterator[Broker]:
    """A Kafka that a test may kill; it runs again for the next."""
    yield second_broker
    if second_broker.child is None:
        await second_broker.start()


@pytest.fixture(autouse=True)
def clock_of_this_process() -> Iterator[None]:
    """Set the clock right again after services ran in this process with another."""
    yield
    clock.set_offset(0)


@pytest.fixture(autouse=True)
def _no_garbage_for_later_tests() -> Iterator[None]:
    """Collect what a client leaves behind whose broker is killed while it connects; elsewhere it would be an error."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()

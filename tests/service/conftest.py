"""Fixtures of the service tests: a town with gateway and booking, at a Monday morning that never changes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx
import pytest

from tests.harness import applying, inprocess
from tests.harness.accounts import Staff
from tests.harness.applicant import Applicant, applicant
from tests.harness.applying import Hall
from tests.harness.counter import Counter, counter
from tests.harness.inprocess import Town
from tests.harness.installation import Installation
from tests.harness.member import Member
from tests.harness.pages import browser
from tests.harness.parts import Parts

MONDAY = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)  # 09:00 in Berlin; no holiday or closure within the horizon


@pytest.fixture(scope="module")
async def town(parts: Parts) -> AsyncIterator[Town]:
    """Gateway and booking in this process, shared by the tests of a file."""
    installation = await Installation.create(parts)
    async with inprocess.town(installation) as opened:
        yield opened


@pytest.fixture(scope="module")
async def demo_town(parts: Parts) -> AsyncIterator[Town]:
    """A town with demo accounts."""
    async with inprocess.town(await Installation.create(parts, DEMO_LOGINS="true")) as opened:
        yield opened


@pytest.fixture
async def staff(demo_town: Town) -> AsyncIterator[Staff]:
    """Its staff; their browsers are closed after the test."""
    async with AsyncExitStack() as stack:
        yield Staff(demo_town, stack)
    await demo_town.installation.rows("gateway", "DELETE FROM staff_attempts")


@pytest.fixture
async def erika(staff: Staff) -> Member:
    """A clerk who has signed in, of offices without applications."""
    for table in ("applications", "audit_entries", "outbox"):
        await staff.town.installation.rows("applications", f"DELETE FROM {table}")
    return await staff.signed_in("clerk")


@pytest.fixture
def on_monday() -> Iterator[datetime]:
    """Monday, 7 September 2026, 09:00 in Berlin, in this process."""
    with inprocess.moved_clock(MONDAY):
        yield MONDAY


@pytest.fixture(scope="module")
async def shared_counter(parts: Parts) -> AsyncIterator[Counter]:
    """Booking alone, shared by the tests of a file."""
    async with counter(await Installation.create(parts)) as opened:
        yield opened


@pytest.fixture
async def mitte(shared_counter: Counter, on_monday: datetime) -> Counter:  # noqa: ARG001  moves the clock
    """The same with empty desks, on Monday morning."""
    await shared_counter.empty()
    return shared_counter


@pytest.fixture(scope="module")
async def shared_applicant(parts: Parts) -> AsyncIterator[Applicant]:
    """Applications alone, shared by the tests of a file."""
    async with applicant(await Installation.create(parts)) as opened:
        yield opened


@pytest.fixture
async def aylin(shared_applicant: Applicant, on_monday: datetime) -> Applicant:  # noqa: ARG001  moves the clock
    """The same without any application, on Monday morning."""
    await shared_applicant.empty()
    return shared_applicant


@pytest.fixture(scope="module")
async def hall(parts: Parts) -> AsyncIterator[Hall]:
    """Gateway and applications in this process, shared by the tests of a file."""
    async with applying.hall(await Installation.create(parts), MONDAY) as opened:
        yield opened


@pytest.fixture
def applications(hall: Hall) -> Applicant:
    """Its applications."""
    return hall.applications


@pytest.fixture
async def phone(hall: Hall) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's phone at its pages."""
    async with browser(hall.url) as client:
        yield client

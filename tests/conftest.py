"""Fixtures: the real parts once a session, an installation of the system where a test asks for one."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from hypothesis import settings
from playwright.async_api import Browser

from tests.harness import chromium as browsers
from tests.harness.citizen import Citizen, Mailbox
from tests.harness.installation import Installation
from tests.harness.parts import Parts

# A slow machine is no fault of what is tested.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

NewInstallation = Callable[..., Awaitable[Installation]]


@pytest.fixture(scope="session")
async def parts() -> AsyncIterator[Parts]:
    """PostgreSQL and Kafka, shared by all tests of this worker."""
    started = await Parts.start()
    yield started
    await started.stop()


@pytest.fixture
async def new_installation(parts: Parts) -> AsyncIterator[NewInstallation]:
    """Make installations that end with the test."""
    made: list[Installation] = []

    async def create(**options: str) -> Installation:
        made.append(await Installation.create(parts, **options))
        return made[-1]

    yield create
    for installation in made:
        await installation.stop()


@pytest.fixture
async def installation(new_installation: NewInstallation) -> Installation:
    """One installation for this test alone, with nothing started."""
    return await new_installation()


@pytest.fixture(scope="session")
async def system(parts: Parts) -> AsyncIterator[Installation]:
    """The whole system as processes, shared by tests that only use it as people do."""
    whole = await Installation.create(parts)
    await whole.start("mailbox", "gateway", "booking", "applications", "notifications", "statistics")
    yield whole
    await whole.stop()


@pytest.fixture(scope="session")
async def citizen(system: Installation) -> AsyncIterator[Citizen]:
    """Somebody who uses the shared system."""
    async with httpx.AsyncClient(base_url=system.url("gateway"), trust_env=False, timeout=30) as client:
        yield Citizen(client)


@pytest.fixture(scope="session")
async def mailbox(system: Installation) -> AsyncIterator[Mailbox]:
    """The mailbox of the shared system."""
    box = Mailbox.of(system)
    yield box
    await box.close()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The system's browser."""
    path = browsers.find_chromium() or pytest.fail(browsers.HOW_TO_GET_A_BROWSER)
    async with browsers.launched(path) as browser:
        yield browser

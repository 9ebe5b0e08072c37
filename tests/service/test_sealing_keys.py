"""Sealing keys rotate: a new one every month, announced once, an old one destroyed when nobody needs it any more."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from services.notifications.jobs import tend_keys
from services.notifications.keys import KeyRing
from shared import clock
from tests.harness.inprocess import moved_clock
from tests.harness.installation import Installation
from tests.harness.sender import Sender
from tests.harness.sender import sender as open_sender
from tests.service.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("on_monday")


@pytest.fixture
async def sender(installation: Installation, on_monday: datetime) -> AsyncIterator[Sender]:  # noqa: ARG001  first
    async with open_sender(installation) as opened:
        yield opened


def keys(sender: Sender) -> list[str]:
    return [key.id for key in KeyRing(sender.service.settings.sealing_keys_file).all()]


async def tend(sender: Sender, days: float) -> list[str]:
    """Do the job so many days after Monday; return the keys there are then."""
    with moved_clock(MONDAY + timedelta(days=days)):
        await tend_keys(sender.service)
    return keys(sender)


async def announced(sender: Sender) -> list[str]:
    query = "SELECT * FROM outbox WHERE type = 'notifications.key-announced.v1' ORDER BY id"
    rows = await sender.installation.rows("notifications", query)
    assert all(row["key"] == json.loads(row["payload"])["key_id"] for row in rows)
    return [row["key"] for row in rows]


async def test_the_first_key_is_made_and_announced_once(sender: Sender) -> None:
    first = keys(sender)
    assert len(first) == 1
    assert await tend(sender, 1) == first
    assert await tend(sender, 29.9) == first
    assert await announced(sender) == first


async def test_what_is_announced_is_the_public_half_only(sender: Sender) -> None:
    [key] = KeyRing(sender.service.settings.sealing_keys_file).all()
    [row] = await sender.installation.rows("notifications", "SELECT * FROM outbox")
    assert json.loads(row["payload"])["public_key"] == key.public
    assert key.private not in str(row)


async def test_after_a_month_there_is_a_new_key_announced_once(sender: Sender) -> None:
    [old] = keys(sender)
    rotated = await tend(sender, 30.1)
    assert rotated[0] == old
    assert len(rotated) == 2
    assert await tend(sender, 30.2) == rotated
    assert await announced(sender) == rotated


async def test_an_old_key_is_destroyed_when_its_retention_is_over_and_not_before(sender: Sender) -> None:
    [old] = keys(sender)
    [_, new] = await tend(sender, 31)
    assert old in await tend(sender, 31 + 89.9)
    left = await tend(sender, 31 + 90.1)
    assert old not in left
    assert new in left, "its own successor is younger"


async def test_a_key_that_an_unsent_message_needs_is_kept_until_the_message_has_ended(sender: Sender) -> None:
    [old] = keys(sender)
    with moved_clock(MONDAY + timedelta(days=1)):
        await sender.confirm("a@example.org")
    await tend(sender, 31)
    assert old in await tend(sender, 200)
    await sender.installation.rows("notifications", "DELETE FROM due_messages")
    assert old not in await tend(sender, 201)


async def test_the_only_key_is_never_destroyed(sender: Sender) -> None:
    assert keys(sender)[0] in await tend(sender, 29)
    with moved_clock(MONDAY + timedelta(days=1000)):
        await tend_keys(sender.service)
        newest = KeyRing(sender.service.settings.sealing_keys_file).all()[-1]
        assert clock.now() - newest.created_at < timedelta(minutes=1), "an outage of years ends with a fresh key"


async def test_a_file_that_cannot_be_written_keeps_the_old_key_in_use(sender: Sender) -> None:
    file = sender.service.settings.sealing_keys_file
    [old] = keys(sender)
    file.with_suffix(".new").mkdir()  # root may write everywhere, but not over a folder
    assert await tend(sender, 31) == [old]
    assert await announced(sender) == [old]

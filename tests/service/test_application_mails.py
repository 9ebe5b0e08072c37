"""A mail about an application says what holds when it is sent: a paper that had come in is not asked for again."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.notifications.jobs import forget_messages
from services.notifications.mailer import Mailer
from shared import clock
from shared.events import Event
from tests.harness.events import BANK, handed_in, inquired, status_changed
from tests.harness.inprocess import moved_clock
from tests.harness.installation import Installation
from tests.harness.sender import Sender
from tests.harness.sender import sender as open_sender

ROUNDS, TOGETHER = 25, 40  # 1,000 applications


@pytest.fixture
async def sender(installation: Installation) -> AsyncIterator[Sender]:
    async with open_sender(installation) as opened, opened.post.open(installation.ports["smtp"]):
        yield opened


async def mail_now(sender: Sender) -> None:
    """Send what is due, to the end."""
    mailer = Mailer(sender.service)
    while await mailer._send_due():  # noqa: SLF001  one look of the mailer, which otherwise looks for ever
        pass


async def test_a_paper_that_arrived_while_the_mail_waited_is_not_asked_for(sender: Sender) -> None:
    about = uuid4()
    await sender.receive(inquired(application_id=about, recipient=sender.sealed("waits@example.org")))
    arrived = clock.now() + timedelta(minutes=90)
    with moved_clock(arrived):
        await sender.receive(handed_in(application_id=about), at=arrived)
        await mail_now(sender)
    [mail] = sender.post.to("waits@example.org")
    body = mail.get_body(("plain",))
    assert body is not None
    read = body.get_content()
    assert "Kontoauszüge" in read
    assert "Mietvertrag" not in read
    as_of = arrived.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{as_of:%H:%M} Uhr" in read


async def test_no_mail_asks_for_what_had_arrived_before_it_was_claimed_however_the_two_meet(sender: Sender) -> None:
    chance = random.Random(7)
    arrived: set[UUID] = set()  # whose paper notifications has heard of for certain
    mailer = Mailer(sender.service)

    async def happen(about: UUID) -> None:
        first: list[Event] = [
            inquired(application_id=about, recipient=sender.sealed(f"{about}@example.org")),
            handed_in(application_id=about),
        ]
        if chance.random() < 0.2:  # the paper came before the question, which then knows of it
            first = [
                handed_in(application_id=about, version=1),
                inquired(
                    application_id=about, version=2, missing=[BANK], recipient=sender.sealed(f"{about}@example.org")
                ),
            ]
        for event in first:
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            await sender.receive(event)
        arrived.add(about)

    late = early = 0
    for _ in range(ROUNDS):
        happening = [asyncio.ensure_future(happen(uuid4())) for _ in range(TOGETHER)]
        gathered = asyncio.gather(*happening)
        done = False
        while not done:
            done = gathered.done()  # one more look after the last has happened
            known, seen = set(arrived), len(sender.post.received)
            await mailer._send_due()  # noqa: SLF001  as above
            for mail in sender.post.received[seen:]:
                about = UUID(str(mail["To"]).partition("@")[0])
                asks = "Mietvertrag" in mail.as_string()
                assert not (asks and about in known), about
                late, early = late + (about in known), early + asks
        await gathered
    assert len(sender.post.received) == ROUNDS * TOGETHER
    assert late > 50, "the paper was often known before the claim"
    assert early > 50, "and often it was not"


async def test_an_older_version_changes_nothing(sender: Sender) -> None:
    about = uuid4()
    for event in (
        inquired(application_id=about, version=4, missing=[], recipient=sender.sealed("newer@example.org")),
        handed_in(application_id=about, version=3),
    ):
        await sender.receive(event)
    await mail_now(sender)
    [mail] = sender.post.to("newer@example.org")
    assert "Kontoauszüge" not in mail.as_string()


async def test_without_an_address_nothing_is_sent_and_of_a_decision_and_a_request_only_one_mail_tells(
    sender: Sender,
) -> None:
    about = uuid4()
    await sender.receive(inquired(application_id=about))
    box = sender.sealed("once@example.org")
    for version, state in enumerate(("documents-missing", "decided"), 2):
        await sender.receive(status_changed(application_id=about, version=version, state=state, recipient=box))
    assert (
        await sender.installation.rows("notifications", "SELECT id FROM messages WHERE about = :about", about=about)
        == []
    )
    await sender.receive(status_changed(application_id=about, version=4, recipient=box))
    assert (await sender.message(about))["kind"] == "application-changed"


async def test_what_was_heard_of_an_application_is_forgotten_and_told_anew_by_the_next_event(sender: Sender) -> None:
    about = uuid4()
    await sender.receive(handed_in(application_id=about))
    days = sender.service.settings.message_retention_days
    with moved_clock(clock.now() + timedelta(days=days, minutes=1)):
        await forget_messages(sender.service)
        states = "SELECT 1 FROM application_states WHERE application_id = :about"
        assert await sender.installation.rows("notifications", states, about=about) == []
        await sender.receive(
            inquired(application_id=about, version=3, missing=[BANK], recipient=sender.sealed("b@example.org"))
        )
        await mail_now(sender)
    assert len(sender.post.to("b@example.org")) == 1

"""What becomes of a mail when the mail server is away, refuses, or takes its time; and of the mails behind it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import clock
from shared.contracts.values import SealedRecipient
from tests.harness.events import booked
from tests.harness.inprocess import moved_clock
from tests.harness.installation import Installation
from tests.harness.sender import Sender
from tests.harness.sender import sender as open_sender
from tests.harness.waiting import eventually

SENT, FAILED = "notifications.message-sent.v1", "notifications.message-failed.v1"


@pytest.fixture
async def sender(installation: Installation) -> AsyncIterator[Sender]:
    async with open_sender(installation) as opened:
        yield opened


@pytest.fixture
async def post(sender: Sender) -> AsyncIterator[None]:
    """The mail server is there from the beginning."""
    async with sender.post.open(sender.installation.ports["smtp"]):
        yield


async def has(sender: Sender, about: UUID, **wanted: Any) -> dict[str, Any]:
    """Wait until the message about an appointment has these values."""

    async def arrived() -> dict[str, Any]:
        row = await sender.message(about)
        return row if wanted.items() <= row.items() else {}

    return await eventually(arrived)


def later(seconds: float) -> Any:
    return moved_clock(clock.now() + timedelta(seconds=seconds))


async def test_a_mail_waits_while_the_mail_server_is_away_and_is_sent_when_it_is_back(sender: Sender) -> None:
    about = await sender.confirm("a@example.org")
    async with sender.mailing():

        async def given_back() -> bool:
            later_due = "SELECT id FROM due_messages WHERE claimed_until IS NULL AND due_at > :now"
            return bool(await sender.installation.rows("notifications", later_due, now=clock.now()))

        await eventually(given_back)
        waiting = await has(sender, about, state="waiting")
        assert waiting["attempts"] == 0, "its absence says nothing about the mail"
        async with sender.post.open(sender.installation.ports["smtp"]):
            with later(6):
                await has(sender, about, state="sent")
    assert len(sender.post.to("a@example.org")) == 1
    assert await sender.published(about) == [(SENT, "")]


@pytest.mark.usefixtures("post")
async def test_a_mail_that_was_sent_keeps_nobody_by_name(sender: Sender) -> None:
    about = await sender.confirm("a@example.org")
    async with sender.mailing():
        row = await has(sender, about, state="sent")
    assert (row["box"], row["error"], row["attempts"]) == ("", "", 1)
    assert row["ended_at"] is not None
    assert await sender.installation.rows("notifications", "SELECT * FROM due_messages") == []


@pytest.mark.usefixtures("post")
async def test_a_recipient_who_is_refused_for_good_is_given_up_at_once_and_others_are_not(sender: Sender) -> None:
    sender.post.answers["nobody@example.org"] = "550 5.1.1 no such user"
    refused = await sender.confirm("nobody@example.org")
    others = [await sender.confirm(f"somebody{n}@example.org") for n in range(8)]
    async with sender.mailing():
        row = await has(sender, refused, state="failed")
        for other in others:
            await has(sender, other, state="sent")
    assert (row["error"], row["box"]) == ("refused", "")
    assert await sender.published(refused) == [(FAILED, "refused")]


@pytest.mark.usefixtures("post")
async def test_a_recipient_who_is_refused_for_now_is_tried_again_later(sender: Sender) -> None:
    sender.post.answers["full@example.org"] = "450 4.2.2 mailbox full"
    about = await sender.confirm("full@example.org")
    async with sender.mailing():
        row = await has(sender, about, attempts=1)
        assert (row["state"], row["error"]) == ("waiting", "the mail server answered 450")
        with later(31):
            assert (await has(sender, about, attempts=2))["state"] == "waiting"
            sender.post.answers.clear()
            with later(61):
                await has(sender, about, state="sent")
    assert await sender.published(about) == [(SENT, "")]


@pytest.mark.usefixtures("post")
async def test_after_three_days_of_refusals_a_mail_is_given_up(sender: Sender) -> None:
    sender.post.answers["full@example.org"] = "450 4.2.2 mailbox full"
    about = await sender.confirm("full@example.org")
    async with sender.mailing():
        await has(sender, about, attempts=1)
        with later(72 * 3600 + 1):
            await has(sender, about, state="failed")
    assert await sender.published(about) == [(FAILED, "expired")]


@pytest.mark.usefixtures("post")
async def test_a_mail_whose_key_is_destroyed_is_unreadable(sender: Sender) -> None:
    about = await sender.confirm("", recipient=SealedRecipient(key_id="destroyed", box="AAAA"))
    async with sender.mailing():
        await has(sender, about, state="failed")
    assert await sender.published(about) == [(FAILED, "unreadable")]


@pytest.mark.usefixtures("post")
async def test_a_cancellation_never_overtakes_its_confirmation(sender: Sender) -> None:
    sender.post.answers["a@example.org"] = "450 4.2.2 mailbox full"
    about = await sender.confirm("a@example.org")
    await sender.withdraw(about, "b@example.org")  # whom the server would accept at once
    async with sender.mailing():
        await eventually(lambda: attempts(sender, about))
        canary = await sender.confirm("canary@example.org")
        await has(sender, canary, state="sent")
        assert sender.post.to("b@example.org") == []
        sender.post.answers.clear()
        with later(31):
            await eventually(lambda: received(sender, 3))
    assert [str(mail["To"]) for mail in sender.post.received] == [
        "canary@example.org",
        "a@example.org",
        "b@example.org",
    ]


async def attempts(sender: Sender, about: UUID) -> bool:
    rows = await sender.installation.rows(
        "notifications", "SELECT 1 AS n FROM messages WHERE about = :about AND attempts > 0", about=about
    )
    return bool(rows)


async def received(sender: Sender, count: int) -> bool:
    return len(sender.post.received) >= count


@pytest.mark.usefixtures("post")
async def test_a_claim_is_respected_until_it_expires_and_then_taken_up_again(sender: Sender) -> None:
    about = await sender.confirm("a@example.org")
    claim = "UPDATE due_messages SET claimed_until = :until"
    await sender.installation.rows("notifications", claim, until=clock.now() + timedelta(seconds=60))
    async with sender.mailing():
        await has(sender, await sender.confirm("canary@example.org"), state="sent")
        assert sender.post.to("a@example.org") == [], "the sender that claimed it may still be at it"
        with later(61):
            await has(sender, about, state="sent")


@pytest.mark.usefixtures("post")
async def test_a_message_of_a_tenant_that_is_gone_does_not_keep_others_from_being_sent(sender: Sender) -> None:
    orphan = await sender.confirm("orphan@example.org", tenant="closed-down")
    async with sender.mailing():
        others = [await sender.confirm(f"somebody{n}@example.org") for n in range(4)]
        for other in others:
            await has(sender, other, state="sent")
    assert (await sender.message(orphan))["state"] == "waiting"


async def test_an_address_the_server_cannot_take_is_refused_and_does_not_hold_up_others(sender: Sender) -> None:
    async with sender.post.open(sender.installation.ports["smtp"], utf8=False):
        odd = await sender.confirm("jürgen@example.org")
        others = [await sender.confirm(f"somebody{n}@example.org") for n in range(8)]
        async with sender.mailing():
            for other in others:
                await has(sender, other, state="sent")
            assert (await has(sender, odd, state="failed"))["error"] == "refused"


async def test_without_a_recipient_there_is_no_message(sender: Sender) -> None:
    await sender.confirm("", recipient=None)
    assert await sender.installation.rows("notifications", "SELECT * FROM messages") == []


async def test_an_event_older_than_two_weeks_mails_nobody(sender: Sender) -> None:
    ago = {days: booked(recipient=sender.sealed(f"{days}@example.org")) for days in (13, 15)}
    for days, event in ago.items():
        await sender.receive(event, at=clock.now() - timedelta(days=days))
    rows = await sender.installation.rows("notifications", "SELECT about FROM messages")
    assert [row["about"] for row in rows] == [ago[13].appointment_id]

"""What became of a mail shows at the appointment: booking hears it from notifications, through Kafka."""

from typing import Any

import httpx
import pytest

from tests.harness.answers import problem_of
from tests.harness.identity import Signed, SignedAs, clerk
from tests.harness.inprocess import clock_offset
from tests.harness.installation import Installation
from tests.harness.smtp import Post
from tests.harness.waiting import eventually

pytestmark = pytest.mark.usefixtures("on_monday")


async def book(client: httpx.AsyncClient, start: str, email: str) -> dict[str, Any]:
    body = {"office": "mitte", "concern": "neuantrag", "start": start, "name": "Aylin Öz", "email": email}
    answer = await client.post("/appointments", json=body, headers={"Idempotency-Key": f"for-{email}"})
    assert answer.status_code == 201, answer.text
    booked: dict[str, Any] = answer.json()
    return booked


async def mail_becomes(client: httpx.AsyncClient, booked: dict[str, Any], state: str) -> None:
    async def shown() -> bool:
        headers = {"Authorization": f"Bearer {booked['code']}"}
        return bool((await client.get(f"/appointments/{booked['number']}", headers=headers)).json()["mail"] == state)

    await eventually(shown)


async def test_booking_waits_for_a_key_and_then_shows_what_became_of_each_mail(installation: Installation) -> None:
    post = Post()
    post.answers["refused@example.org"] = "550 5.1.1 no such user"
    post.answers["slow@example.org"] = "450 4.2.2 mailbox full"
    async with installation.app("booking", clock_offset_seconds=clock_offset()) as booking:
        client = booking.client
        client.auth = Signed("booking")
        early = await client.get("/health/ready")
        assert (early.status_code, early.json()["parts"]["database"]) == (503, "ok")
        assert "none has been announced" in early.json()["parts"]["keys"]
        body = {"office": "mitte", "concern": "neuantrag", "start": "2026-09-08T06:00:00Z", "name": "A"}
        refused = await client.post("/appointments", json=body, headers={"Idempotency-Key": "too-early"})
        problem_of(refused, 503, "no-sealing-key")
        async with (
            installation.app("notifications", clock_offset_seconds=clock_offset()),
            post.open(installation.ports["smtp"]),
        ):
            await eventually(lambda: is_ready(client))
            delivered = await book(client, "2026-09-08T06:00:00Z", "a@example.org")
            failed = await book(client, "2026-09-08T06:00:00Z", "refused@example.org")
            waiting = await book(client, "2026-09-08T06:00:00Z", "slow@example.org")
            await mail_becomes(client, delivered, "sent")
            await mail_becomes(client, failed, "failed")
            await mail_becomes(client, waiting, "waiting")

            headers = {"Authorization": f"Bearer {failed['code']}"}
            post.answers.clear()
            await client.delete(f"/appointments/{failed['number']}", headers=headers)
            await mail_becomes(client, failed, "sent")
    assert [str(mail["To"]) for mail in post.received] == ["a@example.org", "refused@example.org"]


async def is_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health/ready")).is_success


async def test_after_staff_corrected_a_name_the_next_mail_greets_by_it(installation: Installation) -> None:
    post = Post()
    async with (
        installation.app("booking", clock_offset_seconds=clock_offset()) as booking,
        installation.app("notifications", clock_offset_seconds=clock_offset()),
        post.open(installation.ports["smtp"]),
    ):
        client = booking.client
        client.auth = Signed("booking")
        await eventually(lambda: is_ready(client))
        booked = await book(client, "2026-09-08T06:00:00Z", "a@example.org")
        await mail_becomes(client, booked, "sent")
        number, staff = booked["number"], SignedAs("booking", clerk("mitte"))
        corrected = await client.patch(f"/staff/appointments/{number}", json={"name": "Bao Nguyen"}, auth=staff)
        assert corrected.status_code == 200, corrected.text
        headers = {"Authorization": f"Bearer {booked['code']}"}
        move = {"start": "2026-09-08T07:00:00Z"}
        assert (await client.patch(f"/appointments/{number}", json=move, headers=headers)).is_success
        await mail_becomes(client, booked, "sent")
    greeted = [mail.get_body(("plain",)).get_content() for mail in post.received]  # type: ignore[union-attr]
    assert ["Aylin Öz" in text for text in greeted] == [True, False]
    assert ["Bao Nguyen" in text for text in greeted] == [False, True]

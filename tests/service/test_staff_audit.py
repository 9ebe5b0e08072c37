"""Who did what: of gateway, booking and applications in one list; managers see their offices, admins everything."""

import uuid
from datetime import timedelta

from services.booking.jobs import forget_audit as forget_bookings
from shared import clock
from tests.harness.accounts import Staff
from tests.harness.identity import SignedAs, clerk
from tests.harness.inprocess import moved_clock

AUDIT = "/de/staff/audit"


async def write(
    staff: Staff,
    service: str,
    action: str,
    office: str = "mitte",
    minutes: int = 0,
    subject: str = "schedule",
    target: str = "a-target",
    after: str = '{"x": 2}',
) -> None:
    """Write an entry of so many minutes ago."""
    await staff.town.installation.rows(
        service,
        "INSERT INTO audit_entries (id, tenant, at, subject, action, office_id, target, before, after) VALUES (:id, "
        "'musterstadt', :at, :subject, :action, :office, :target, '{\"x\": 1}', CAST(:after AS jsonb))",
        id=uuid.uuid4(), at=clock.now() - timedelta(minutes=minutes), subject=subject,
        action=action, office=office, target=target, after=after,
    )  # fmt: skip


async def test_all_services_entries_are_in_one_list_newest_first_with_names(staff: Staff) -> None:
    admin = await staff.signed_in("admin")
    subject = str((await staff.account("clerk"))["id"])
    await write(staff, "booking", "in-booking", minutes=-2, subject=subject)
    await write(staff, "gateway", "in-gateway", minutes=-1)
    await write(staff, "applications", "in-applications", minutes=-3)
    page = (await admin.get(AUDIT)).text
    assert (
        page.index("in applications")
        < page.index("in booking")
        < page.index("in gateway")
        < page.index("Angemeldet</strong>")
    )
    assert "Demo clerk" in page
    assert "Nach Zeitplan" in page
    assert "<del>1</del> → <ins>2</ins>" in page


async def test_what_changed_is_told_in_words_and_dates_are_written_out(staff: Staff) -> None:
    admin = await staff.signed_in("admin")
    after = '{"kind": "display", "start": "2026-09-10T07:00:00+00:00", "told": true, "state": "no-show"}'
    await write(staff, "gateway", "register-device", minutes=-3, target=str(uuid.uuid4()), after=after)
    await write(staff, "booking", "view-day", minutes=-4, target="2026-09-11")
    page = (await admin.get(AUDIT)).text
    assert "<strong>Terminal oder Anzeige angemeldet</strong><br>" in page
    for text in ("Aufrufanzeige", "Donnerstag, 10. September 2026, 09:00 Uhr", "ja", "nach dem Aufruf nicht gekommen"):
        assert f"<ins>{text}</ins>" in page
    assert "<strong>Tag angesehen</strong>: Freitag, 11. September 2026<br>" in page


async def test_managers_see_their_offices_alone(staff: Staff) -> None:
    manager, admin = await staff.signed_in("manager"), await staff.signed_in("admin")
    for service in ("booking", "gateway"):
        await write(staff, service, f"own-of-{service}")
        await write(staff, service, f"foreign-of-{service}", "elsewhere")
    seen, all_ = (await manager.get(AUDIT)).text, (await admin.get(AUDIT)).text
    for service in ("booking", "gateway"):
        assert (f"own of {service}" in seen, f"foreign of {service}" in seen) == (True, False)
        assert f"foreign of {service}" in all_
    assert "foreign" not in (await manager.get(f"{AUDIT}?office=elsewhere")).text


async def test_booking_tells_nobody_else_whatever_the_gateway_asks(staff: Staff) -> None:
    booking = staff.town.booking.client
    for role, status in (("clerk", 403), ("placement", 403), ("council", 403), ("manager", 200), ("admin", 200)):
        answer = await booking.get("/staff/audit", auth=SignedAs("booking", clerk("mitte", role=role)))
        assert answer.status_code == status, role


async def test_it_is_filtered_by_office_and_action(staff: Staff) -> None:
    admin = await staff.signed_in("admin")
    await write(staff, "booking", "one-thing", "there")
    await write(staff, "gateway", "other-thing", "there")
    page = (await admin.get(f"{AUDIT}?office=there&action=one-thing")).text
    assert ("one thing" in page, "other thing" in page) == (True, False)
    assert (await admin.get(f"{AUDIT}?office=%00&action=%27")).status_code == 422
    for moment in ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"):
        assert (await admin.get(f"{AUDIT}?before={moment}")).status_code == 422


async def test_older_ones_are_a_page_away_and_none_is_left_out(staff: Staff) -> None:
    admin = await staff.signed_in("admin")
    for number in range(60):
        await write(
            staff,
            ("booking", "gateway", "applications")[number % 3],
            f"paged-{number:02}",
            "paged",
            minutes=number // 7,
        )
    address, seen = f"{AUDIT}?office=paged", []
    for _ in range(2):
        page = (await admin.get(address)).text
        seen += [number for number in range(60) if f"paged {number:02}<" in page]
        address = AUDIT + older(page)
    assert sorted(seen) == list(range(60))


async def test_after_a_year_it_is_forgotten(staff: Staff) -> None:
    service = staff.town.booking.service
    await write(staff, "booking", "of-last-year", "old")
    with moved_clock(clock.now() + timedelta(days=364)):
        await forget_bookings(service)
    query = "SELECT id FROM audit_entries WHERE action = 'of-last-year'"
    assert len(await staff.town.installation.rows("booking", query)) == 1
    with moved_clock(clock.now() + timedelta(days=366)):
        await forget_bookings(service)
    assert len(await staff.town.installation.rows("booking", query)) == 0


def older(page: str) -> str:
    """Return the address behind the button for older entries."""
    _, found, rest = page.partition('href="?office=')
    return ("?office=" + rest.partition('"')[0].replace("&amp;", "&")) if found else "?office=nowhere"

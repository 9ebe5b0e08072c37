"""What a member of staff does at a desk, on the way to a state or through a journey."""

from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.harness.visitor import Visitor

OFFICE = "/staff/offices/mitte"
DAY = "2026-09-10"  # which other tests use less
CALM = "2026-09-15"
WEDNESDAY = "2026-09-16"  # with `bescheid` alone: nobody else misses a day that closes


async def day(someone: Visitor) -> None:
    await appointment(someone)
    await someone.open(f"{OFFICE}/day?day={DAY}")


async def empty_day(someone: Visitor) -> None:
    await someone.sign_in("manager", f"{OFFICE}/day?day=2026-09-13")


async def search(someone: Visitor, typed: str = "Aylin") -> None:
    await appointment(someone)
    await look_for(someone, typed)


async def look_for(someone: Visitor, typed: str) -> None:
    await someone.open(f"{OFFICE}/search")
    await someone.page.fill("#q", typed)
    await someone.press("#send")


async def search_error(someone: Visitor) -> None:
    await someone.sign_in("clerk")
    await look_for(someone, "ab")


async def concerns(someone: Visitor) -> None:
    await someone.open(f"{OFFICE}/book")
    if await someone.page.locator("#login").count():
        await someone.sign_in("clerk", f"{OFFICE}/book")


async def times(someone: Visitor, concern: str = "neuantrag") -> None:
    await concerns(someone)
    await someone.page.click(f"label[for={await someone.page.get_attribute(f'input[value={concern}]', 'id')}]")
    await someone.send()


async def details(someone: Visitor, day: str = DAY, concern: str = "neuantrag") -> None:
    await times(someone, concern)
    await someone.open(f"{OFFICE}/book/time?concern={concern}&day={day}")
    await someone.choose_time(number=2)


async def details_error(someone: Visitor) -> None:
    await details(someone)
    await someone.page.fill("#email", "no address")
    await someone.send()


async def overbooking(someone: Visitor) -> None:
    await times(someone)
    await someone.page.click("main summary")
    await someone.page.fill("#on", DAY)
    await someone.page.fill("#at", "17:45")
    await someone.press("details button")


async def overbooking_error(someone: Visitor) -> None:
    await overbooking(someone)
    await someone.page.fill("#name", "Aylin Öz")
    await someone.send()


async def appointment(
    someone: Visitor, day: str = DAY, name: str = "Aylin Öz", concern: str = "neuantrag", **more: str
) -> str:
    """Book for a caller; return the path of the appointment behind the language."""
    await details(someone, day, concern)
    for field, value in {"name": name, **more}.items():
        await someone.page.fill(f"#{field}", value)
    await someone.send()
    await expect(someone.page.locator(".secret")).to_have_count(2)
    return urlsplit(someone.page.url).path.removeprefix(f"/{someone.language}")


async def correction_error(someone: Visitor) -> None:
    await appointment(someone)
    await someone.page.click("summary >> nth=0")
    await someone.page.fill("#name", "")
    await someone.press("details[open] button")


async def move(someone: Visitor) -> None:
    await someone.open(await appointment(someone) + "/move")


async def move_check(someone: Visitor) -> None:
    await move(someone)
    await someone.choose_time(day=3)


async def cancel(someone: Visitor) -> None:
    await someone.open(await appointment(someone) + "/cancel")


async def close(someone: Visitor) -> None:
    await someone.sign_in("manager", f"{OFFICE}/close-day")


async def close_error(someone: Visitor) -> None:
    await close(someone)
    await someone.send()


async def close_check(someone: Visitor, day: str = DAY) -> None:
    await close(someone)
    await someone.page.fill("#day", day)
    await someone.page.fill("#reason", "Wasserschaden")
    await someone.send()

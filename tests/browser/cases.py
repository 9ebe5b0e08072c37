"""What a clerk does with applications, on the way to a state or through a journey."""

from urllib.parse import urlsplit

from tests.harness.visitor import Visitor

LIST = "/staff/applications"


async def register(someone: Visitor, name: str = "Aylin Öz", **more: str) -> str:
    """Register an application for somebody at the counter; return its path behind the language."""
    await someone.open(f"{LIST}/new?office=mitte")
    if await someone.page.locator("#login").count():
        await someone.sign_in("clerk", f"{LIST}/new?office=mitte")
    for choice in ("benefit-1", "channel-1"):
        await someone.page.click(f"label[for={choice}]")
    for field, value in {"name": name, "birth_date": "17.05.1990", **more}.items():
        await someone.page.fill(f"#{field}", value)
    await someone.send()
    path = urlsplit(someone.page.url).path
    return path.removeprefix(f"/{someone.language}").removesuffix("/code")


async def empty(someone: Visitor) -> None:
    await someone.sign_in("clerk", f"{LIST}?state=withdrawn&older_than_days=3000")


async def list_error(someone: Visitor) -> None:
    await register(someone)
    await someone.open(f"{LIST}?older_than_days=viele")


async def search(someone: Visitor) -> None:
    await register(someone)
    await someone.open(LIST)
    await someone.page.fill("#q", "Aylin")
    await someone.press("#find")


async def register_error(someone: Visitor) -> None:
    await someone.sign_in("clerk", f"{LIST}/new")
    await someone.send()


async def case(someone: Visitor) -> None:
    """With a paper that is here, one that does not do, and one that is missing."""
    path = await register(someone)
    await someone.open(path)
    await someone.press("#post-ausweis")
    await someone.press("#counter-mietvertrag")
    await reject(someone, "mietvertrag")


async def reject(someone: Visitor, item: str) -> None:
    await someone.page.click(f"#paper-{item} summary")
    await someone.page.click(f"label[for=reason-{item}]")
    await someone.press(f"#reject-{item}")


async def case_error(someone: Visitor) -> None:
    await case(someone)
    await someone.page.click("#paper-ausweis summary")
    await someone.press("#reject-ausweis")


async def step_back_error(someone: Visitor) -> None:
    await someone.open(await register(someone))
    await someone.press("#to-in-review")
    await someone.press("a[href*='to=received']")
    await someone.send()


async def overtaken(someone: Visitor) -> None:
    path = await register(someone)
    await someone.open(path)
    await someone.press("a[href*='to=withdrawn']")
    address = someone.page.url
    await someone.open(path)
    await someone.press("#post-ausweis")
    await someone.page.goto(address)


async def request_error(someone: Visitor) -> None:
    await someone.open(await register(someone) + "/request")
    for number in (1, 2, 3):
        await someone.page.click(f"label[for=items-{number}]")
    await someone.send()


async def records_error(someone: Visitor) -> None:
    """Handed over, and a manager about to erase the wrong person."""
    await someone.sign_in("manager", f"{LIST}/new?office=mitte")
    await someone.open(await register(someone) + "/records")
    await someone.press("#mark")
    await someone.page.fill("#typed", "K7QM-3XPD-F")
    await someone.press("#erase-now")


async def letter(someone: Visitor) -> None:
    await someone.open(await register(someone) + "/letter")


async def new_code(someone: Visitor) -> None:
    await someone.open(await register(someone) + "/code")


async def code_letter(someone: Visitor) -> None:
    await register(someone)


async def tasks(someone: Visitor) -> None:
    await case(someone)
    await someone.open("/staff/tasks")

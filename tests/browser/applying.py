"""States of the pages of applications."""

from tests.harness.visitor import Visitor


async def start(someone: Visitor) -> None:
    await someone.open("/applications")


async def nothing_chosen(someone: Visitor) -> None:
    await someone.open("/applications/new")
    await someone.send()


async def details(someone: Visitor) -> None:
    await someone.open("/applications/new/details?benefit=l1")


async def details_error(someone: Visitor) -> None:
    await details(someone)
    await someone.page.fill("#birth_date", "31.2.1990")
    await someone.page.fill("#email", "no address")
    await someone.send()


async def check(someone: Visitor) -> None:
    await details(someone)
    await someone.page.fill("#name", "Aylin Öz")
    await someone.page.fill("#birth_date", "17.5.1990")
    await someone.page.fill("#email", "aylin@example.org")
    await someone.send()


async def sent(someone: Visitor) -> None:
    await check(someone)
    await someone.send()


async def applied(someone: Visitor) -> str:
    """Apply; return the path of the application behind the language."""
    await sent(someone)
    reference, _ = await someone.secrets()
    return f"/applications/{reference}"


async def standing(someone: Visitor) -> None:
    await someone.open(await applied(someone))


async def paper(someone: Visitor) -> None:
    await someone.open(f"{await applied(someone)}/items/kontoauszuege")


async def withdrawal(someone: Visitor) -> None:
    await someone.open(f"{await applied(someone)}/withdrawal")


async def left(someone: Visitor) -> None:
    await standing(someone)
    await someone.press("form[data-leave] button")


async def opening(someone: Visitor) -> None:
    await someone.open("/applications/open")


async def mistyped(someone: Visitor) -> None:
    await opening(someone)
    await someone.page.fill("#reference", "0000-0000-1")
    await someone.send()


async def state_only(someone: Visitor) -> None:
    path = await applied(someone)
    await opening(someone)
    await someone.page.fill("#reference", path.rpartition("/")[2])
    await someone.page.click("details summary")
    await someone.page.fill("#birth_date", "17.5.1990")
    await someone.send()


async def forged_link(someone: Visitor) -> None:
    await someone.open("/applications/0000-0000-0/forged")

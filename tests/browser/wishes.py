"""States of pages for more than one concern in the office, of confirming, waiting for an earlier time and offers."""

from uuid import uuid4

from tests.harness.visitor import Visitor

TOGETHER = "office=mitte&concern=weiterbewilligung&also=bescheid"  # one appointment for a person, at office or by phone
BY_MAIL = "office=mitte&concern=arbeitsberatung"  # to be confirmed; also by video


def new_address() -> str:
    return f"{uuid4().hex}@example.org"


async def further(someone: Visitor) -> None:
    await someone.open(f"/book/time?{TOGETHER}")
    await someone.page.click("details summary")


async def not_together(someone: Visitor) -> None:
    await someone.open(f"/book/time?{TOGETHER}&also=neuantrag")


async def details(someone: Visitor, place: str = TOGETHER) -> None:
    await someone.open(f"/book/time?{place}")
    await someone.choose_time(-1, day=1)


async def kinds(someone: Visitor) -> None:
    await details(someone, BY_MAIL)


async def all_typed(someone: Visitor, name: str, phone: str) -> None:
    page = someone.page
    await page.click("label[for=kind-2]")
    await page.fill("#phone", phone)
    if not await page.locator("details[open]").count():
        await page.click("details summary")
    await page.select_option("#interpreter", "uk")
    await page.click("label[for=needs-1]")
    await page.click("label[for=needs-6]")
    await someone.tell(name)


async def phone_missing(someone: Visitor) -> None:
    await details(someone)
    await all_typed(someone, "Aylin Öz", "")


async def birth_date(someone: Visitor) -> None:
    name = f"Aylin {uuid4().hex.translate(str.maketrans('0123456789', 'ghijklmnop'))[:8]}"
    for _ in range(2):
        await details(someone)
        await all_typed(someone, name, "030 123456")
        await someone.send()


async def check_all(someone: Visitor) -> None:
    await birth_date(someone)
    await someone.page.fill("#name", "Aylin Öz")
    await someone.page.fill("#birth_date", "31.12.1980")
    await someone.send()


async def by_phone(someone: Visitor) -> None:
    await details(someone, "office=mitte&concern=bescheid&also=arbeitsberatung")
    await someone.page.click("label[for=kind-2]")
    await someone.page.fill("#phone", "030 123456")
    await confirmed(someone)


async def unconfirmed(someone: Visitor) -> None:
    await kinds(someone)
    await someone.page.click("label[for=kind-3]")
    await someone.tell("Aylin Öz", new_address())
    await someone.send()


async def confirm(someone: Visitor) -> None:
    address = new_address()
    await kinds(someone)
    await someone.tell("Aylin Öz", address)
    await someone.send()
    await someone.page.goto(await someone.linked_in_mail(address, "/appointments/"))


async def confirmed(someone: Visitor) -> None:
    address = new_address()
    await someone.tell("Aylin Öz", address)
    await someone.send()
    await someone.page.goto(await someone.linked_in_mail(address, "/appointments/"))
    await someone.send()


async def waitlist_error(someone: Visitor) -> None:
    await someone.open(await someone.book(day=5))
    await someone.page.fill("#email", "no address")
    await someone.press("#waitlist button")


async def waiting(someone: Visitor) -> tuple[str, str]:
    """Return the path of an appointment whose owner would come earlier, and their address."""
    address = new_address()
    path = await someone.book(email=address, day=5)
    await someone.open(path)
    await someone.press("#waitlist button")
    return path, address


async def offer(someone: Visitor) -> str:
    """Return the path of the appointment that could be earlier."""
    early = await someone.book(day=1)
    path, address = await waiting(someone)
    await someone.open(f"{early}/cancel")
    await someone.send()
    await someone.page.goto(await someone.linked_in_mail(address, "/offers/", mails=2))
    return path


async def accepted(someone: Visitor) -> None:
    await offer(someone)
    address = someone.page.url
    await someone.send()
    await someone.page.goto(address)


async def declined(someone: Visitor) -> None:
    await offer(someone)
    await someone.press("button[value=decline]")


async def gone(someone: Visitor) -> None:
    path = await offer(someone)
    address = someone.page.url
    await someone.open(f"{path}/cancel")
    await someone.send()
    await someone.page.goto(address)

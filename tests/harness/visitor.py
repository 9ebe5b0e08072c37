"""Somebody with a browser: opens pages, chooses, types, presses, as far as a test asks."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request, Response, expect

from tests.harness.citizen import Mailbox

CONCERN, OFFICE = "neuantrag", "mitte"
Rows = Callable[..., Awaitable[list[dict[str, Any]]]]


class Visitor:
    """A page of the gateway in a browser, and what was noticed on the way."""

    def __init__(
        self,
        page: Page,
        base_url: str,
        language: str = "de",
        mailbox: Mailbox | None = None,
        rows: Rows | None = None,
    ) -> None:
        self.page, self.base_url, self.language, self._mailbox, self._rows = page, base_url, language, mailbox, rows
        self.statuses: list[int] = []
        self.last: Response | None = None
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def open(self, path: str) -> Response | None:
        """Open a path behind the language."""
        return await self.page.goto(f"{self.base_url}/{self.language}{path}")

    async def press(self, selector: str) -> None:
        """Press something that leads to another page."""
        async with self.page.expect_navigation():
            await self.page.click(selector)

    async def send(self) -> None:
        """Press the main button of a form."""
        await self.press("main button.kern-btn--primary")

    async def choose_concern(self, concern: str = CONCERN) -> None:
        """From the homepage to the times of a concern, by the links and buttons that a person uses."""
        await self.open("/")
        await self.press(".main-tile a")
        await self.page.click(f"label[for={await self._id_of('concern', concern)}]")
        await self.send()

    async def choose_time(self, number: int = 0, day: int = 0) -> None:
        """On the page with the times: choose a day, then one of its times."""
        if day:
            await self.press(f".days .pick >> nth={day}")
        await self.press(f".times .pick >> nth={number}")

    async def tell(self, name: str, email: str = "") -> None:
        """On the page for the details: type and go on."""
        await self.page.fill("#name", name)
        await self.page.fill("#email", email)
        await self.send()

    async def to_times(self, office: str = OFFICE) -> None:
        """Begin at the times."""
        await self.open(f"/book/time?concern={CONCERN}&office={office}")

    async def to_details(self, number: int = 0, day: int = 1, office: str = OFFICE) -> None:
        """Begin at the details."""
        await self.to_times(office)
        await self.choose_time(number, day)

    async def to_check(
        self, name: str = "Aylin Öz", email: str = "", number: int = 0, day: int = 1, office: str = OFFICE
    ) -> None:
        """Begin where everything can be checked."""
        await self.to_details(number, day, office)
        await self.tell(name, email)

    async def let_it_be_today(self, number: str, start: str) -> None:
        """Move an appointment to today: nobody can book for today themselves."""
        assert self._rows
        begin = f"timestamptz '2026-09-07T{start}:00+02:00'"
        moved = f"UPDATE appointments SET starts_at = {begin}, ends_at = {begin} + interval '30 minutes'"
        await self._rows("booking", f"{moved} WHERE number = :number", number=number)

    async def book(
        self, name: str = "Aylin Öz", email: str = "", number: int = 0, day: int = 1, office: str = OFFICE
    ) -> str:
        """Book; returns the path of the appointment behind the language."""
        await self.to_check(name, email, number, day, office)
        await self.send()
        await expect(self.page.locator("dl.ticket")).to_be_visible()
        return urlsplit(self.page.url).path.removeprefix(f"/{self.language}").removesuffix("/booked")

    async def linked_in_mail(self, address: str, path: str, mails: int = 1) -> str:
        """Wait for so many mails to an address; return the link to such a path in the newest."""
        assert self._mailbox
        newest = (await self._mailbox.to(address, mails))[-1].get_body(("plain",))
        assert newest
        found = re.search(rf"https?://[^/\s]+({path}\S*)", newest.get_content())
        assert found, newest.get_content()
        return self.base_url + found[1]

    async def sign_in(self, login: str, path: str = "/staff") -> None:
        """Sign in with one of the demo accounts, and go on to a page for staff."""
        await self.open(path)
        await self.page.fill("#login", login)
        await self.page.fill("#password", "demo")
        await self.send()

    async def secrets(self) -> tuple[str, str]:
        """Return number and code that the page shows."""
        number, code = await self.page.locator(".secret").all_inner_texts()
        return number, code

    async def problems(self) -> list[str]:
        """Return what the summary of problems says."""
        return [text.strip() for text in await self.page.locator("#problems li").all_inner_texts()]

    @property
    def status(self) -> int:
        """The status of the page that is shown."""
        return self.statuses[-1]

    async def _id_of(self, name: str, value: str) -> str:
        return await self.page.get_attribute(f"input[name={name}][value={value}]", "id") or ""

    def _on_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.base_url).netloc and not request.url.startswith("data:"):
            self.foreign.append(request.url)

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self.statuses.append(response.status)
            self.last = response

    def _on_console(self, message: ConsoleMessage) -> None:
        # A browser also complains of each page whose status says that something has to be put right.
        # And of a header that it heeds over TLS only.
        expected = r"Failed to load resource: .* status of [45]|The Cross-Origin-Opener-Policy header has been ignored"
        if message.type == "error" and not re.match(expected, message.text):
            self.complaints.append(message.text)

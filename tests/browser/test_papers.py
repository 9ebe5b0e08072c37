"""Papers by phone: with and without a script, without a connection and then with one, from two tabs."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.browser import applying, audit
from tests.browser.conftest import NewVisitor
from tests.harness.installation import Installation
from tests.harness.visitor import Visitor

SHOTS = Path("test-output/screenshots")
ALL = "SELECT sequence, file_name, bytes FROM documents d JOIN applications a ON a.id = d.application_id"


def photo(name: str, width: int = 2600, height: int = 1700) -> FilePayload:
    """Return a photo that is larger than anybody needs."""
    made = io.BytesIO()
    Image.effect_noise((width, height), 40).save(made, "JPEG", quality=90)
    return {"name": name, "mimeType": "image/jpeg", "buffer": made.getvalue()}


async def pages_of(site: Installation, someone: Visitor) -> list[tuple[int, str, int]]:
    """Return the files that applications has of the application on this page, in their order."""
    reference = someone.page.url.split("/applications/")[1].split("/")[0]
    rows = await site.rows("applications", f"{ALL} WHERE reference = :reference ORDER BY sequence", reference=reference)
    return [(row["sequence"], row["file_name"], row["bytes"]) for row in rows]


async def lines(page: Page) -> list[str]:
    return [text.strip() for text in await page.locator("[data-queue] li").all_inner_texts()]


async def test_without_a_script_the_form_hands_in_and_shows_receipts(visitor: NewVisitor, site: Installation) -> None:
    someone = await visitor(java_script_enabled=False)
    await applying.paper(someone)
    await someone.page.set_input_files("#file", [photo("1.jpg", 600, 400), photo("2.jpg", 600, 400)])
    await someone.send()
    assert someone.status == 200
    await expect(someone.page.locator(".handed li")).to_have_count(2)
    assert [(number, name) for number, name, _ in await pages_of(site, someone)] == [(1, "1.jpg"), (2, "2.jpg")]
    await someone.press(".handed a >> nth=0")
    await expect(someone.page.get_by_role("heading", level=1)).to_have_text("Empfangsbestätigung")
    await someone.page.screenshot(path=SHOTS / "receipt-de-320.png", full_page=True)


@pytest.mark.parametrize("tabs", [1, 2])
async def test_what_is_chosen_without_a_connection_is_sent_once_and_in_order_when_there_is_one(
    visitor: NewVisitor, site: Installation, tabs: int
) -> None:
    someone = await visitor()
    await applying.paper(someone)
    page, context = someone.page, someone.page.context
    others = [await context.new_page() for _ in range(tabs - 1)]
    for other in others:
        await other.goto(page.url)
    await page.set_input_files("#file", [photo("1.jpg"), photo("2.jpg"), photo("3.jpg")])
    await expect(page.locator("[data-queue] li")).to_have_count(3, timeout=60_000)
    assert all("Noch nicht eingereicht" in line for line in await lines(page))
    await page.get_by_role("button", name="3.jpg eine Seite nach vorn").click()
    await expect(page.locator("[data-queue] li").nth(1)).to_contain_text("3.jpg")
    await context.set_offline(True)
    await page.click("#send")
    await expect(page.locator("[data-queue] [role=status]")).to_contain_text("Es gibt keine Verbindung")
    assert await audit.axe_violations(page) == []
    await page.screenshot(path=SHOTS / "papers-offline-de-320.png", full_page=True)
    assert await pages_of(site, someone) == []
    await context.set_offline(False)
    await expect(page.locator("[data-queue] li a")).to_have_count(3, timeout=60_000)
    await expect(page.locator("[data-queue] [role=status]")).to_have_text("Eingereicht")
    found = await pages_of(site, someone)
    assert [name for _, name, _ in found] == ["1.jpg", "3.jpg", "2.jpg"]
    assert [number for number, _, _ in found] == [1, 2, 3]
    assert all(size < len(photo("x")["buffer"]) for _, _, size in found), "they were made smaller"
    assert someone.complaints == [] or all("Failed to load" in one for one in someone.complaints)


async def test_photos_that_are_not_handed_in_are_told_everywhere_and_forgotten_on_leaving(visitor: NewVisitor) -> None:
    someone = await visitor("en")
    await applying.paper(someone)
    page = someone.page
    await page.set_input_files("#file", [photo("1.jpg", 300, 200)])
    await expect(page.locator("[data-queue] li")).to_contain_text("Not yet handed in")
    asked: list[str] = []

    async def agree(dialog: object) -> None:
        asked.append(getattr(dialog, "type", ""))
        await dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", agree)
    await someone.press("main .buttons a[href$='" + page.url.split("/items")[0].split("/en")[1] + "']")
    assert asked == ["beforeunload"]
    await expect(page.locator("[data-queue] li")).to_contain_text("Not yet handed in")
    address = page.url
    await someone.press("form[data-leave] button")
    assert asked == ["beforeunload", "confirm"]
    await applying.paper(someone)
    assert await lines(page) == []
    assert address != page.url

"""A chosen time is kept while the form is filled in, without JavaScript too."""

from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.harness.installation import Installation

NEWEST = "SELECT held_until, extended FROM holds WHERE purpose = 'form' ORDER BY id DESC LIMIT 1"


async def test_the_page_says_until_when_the_time_is_kept_and_keeps_it_longer_with_all_that_was_typed(
    visitor: NewVisitor, site: Installation
) -> None:
    someone = await visitor(java_script_enabled=False)
    await someone.to_details(day=4)
    await expect(someone.page.locator(".held")).to_contain_text("für Sie frei")
    [first] = await site.rows("booking", NEWEST)
    await someone.page.fill("#name", "Aylin Öz")
    await someone.press(".held button")
    [longer] = await site.rows("booking", NEWEST)
    assert longer["extended"] == 1
    assert longer["held_until"] >= first["held_until"]
    await expect(someone.page.locator("#name")).to_have_value("Aylin Öz")
    await someone.send()
    await expect(someone.page.locator(".held")).to_contain_text("für Sie frei")
    await someone.send()
    await expect(someone.page.locator("dl.ticket")).to_be_visible()
    assert not someone.complaints


async def test_after_the_hold_everything_typed_is_there_and_a_free_time_is_booked_all_the_same(
    visitor: NewVisitor, site: Installation
) -> None:
    someone = await visitor()
    await someone.to_check("Aylin Öz", "aylin@example.org", day=4)
    await site.rows("booking", "UPDATE occupancies SET held_until = '2020-01-01Z' WHERE held_until IS NOT NULL")
    await site.rows("booking", "UPDATE holds SET held_until = '2020-01-01Z'")
    await someone.press(".held button")
    assert "nicht mehr" in (await someone.problems())[0]
    await expect(someone.page.locator("main")).to_contain_text("Aylin Öz")
    await someone.send()
    await expect(someone.page.locator("dl.ticket")).to_be_visible()

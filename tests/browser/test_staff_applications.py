"""A clerk works with applications in a browser: no JavaScript is needed, and a state is changed in three clicks."""

import pytest
from playwright.async_api import expect

from tests.browser import cases
from tests.browser.conftest import NewVisitor


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_clerk_registers_asks_for_papers_ticks_one_and_changes_the_state(
    visitor: NewVisitor, *, javascript: bool
) -> None:
    someone = await visitor(viewport={"width": 360, "height": 740}, java_script_enabled=javascript)
    name = f"Bert Ohne-{javascript}"
    path = await cases.register(someone, name, email="bert@example.org")
    reference = path.rpartition("/")[2]
    await expect(someone.page.locator("main")).to_contain_text(reference)
    await expect(someone.page.locator(".letter .secret")).to_have_count(2)
    await someone.page.emulate_media(media="print")
    for hidden in ("nav >> nth=0", ".staff-bar", ".buttons", ".kern-alert", ".foot"):
        await expect(someone.page.locator(hidden)).to_be_hidden()
    await expect(someone.page.locator(".letter")).to_be_visible()
    await someone.page.emulate_media(media="screen")

    await someone.open(path)
    await someone.press("a[href$='/request']")
    await someone.page.click("label[for=items-4]")
    await someone.page.fill("#note", "Bitte die letzten sechs Monate.")
    await someone.send()
    await expect(someone.page.locator("main")).to_contain_text("Unterlagen fehlen, seit")
    await someone.press("#counter-ausweis")
    await expect(someone.page.locator("#paper-ausweis .flag")).to_have_text("ist eingegangen")
    await someone.press("#accept-ausweis")
    await expect(someone.page.locator("#paper-ausweis .flag")).to_have_text("angenommen")

    await someone.open(f"{cases.LIST}?state=documents-missing")
    clicks = [f"a.who-is:has-text('{name}')", "#to-in-review"]
    for one in clicks:
        await someone.press(one)
    await expect(someone.page.locator("main")).to_contain_text("In Bearbeitung, seit")
    assert len(clicks) <= 3
    await someone.open(f"{cases.LIST}?state=in-review")
    clicks = [f"a.who-is:has-text('{name}')", "a[href*='to=decided']", "#send"]
    for one in clicks:
        await someone.press(one)
    await expect(someone.page.locator("main")).to_contain_text("Entschieden, Brief versandt, seit")
    assert len(clicks) <= 3
    assert someone.complaints == []
    assert someone.foreign == []

"""What a call sounds like in the waiting room: the browser's own sound and voice, as the page asks for them."""

from playwright.async_api import Page, expect

from tests.browser import office
from tests.browser.conftest import NewVisitor

# Notes what the page lets the browser play and say, and lets it.
RECORDS = """
    window.heard = [];
    const start = OscillatorNode.prototype.start, speak = SpeechSynthesis.prototype.speak;
    OscillatorNode.prototype.start = function (at) {
      heard.push(this.frequency.value);
      return start.call(this, at);
    };
    SpeechSynthesis.prototype.speak = function (said) {
      heard.push(said.lang + ": " + said.text);
      return speak.call(this, said);
    };
"""
DUMB = """
    delete window.SpeechSynthesisUtterance;
    Object.defineProperty(window, "speechSynthesis", {value: undefined});
"""
TONES = [660, 880]


async def test_each_call_is_sounded_and_said_once_where_sound_is_on(visitor: NewVisitor) -> None:
    display, clerk = await visitor(), await visitor()
    await office.become(display, "display")
    await office.open_desk(clerk)
    await office.empty_queue(clerk)

    async def screen(language: str = "de", script: str = "", *, sound: bool = True) -> Page:
        page = await display.page.context.new_page()
        page.on("pageerror", lambda error: display.complaints.append(str(error)))
        await page.add_init_script(RECORDS + script)
        await page.goto(f"{display.base_url}/{language}/office/mitte/display")
        if sound:
            await page.click("#sound")
            await expect(page.locator("#sound")).to_be_hidden()
        return page

    async def heard(page: Page, calls: str) -> list[object]:
        await expect(page.locator(f"[data-call='{calls}']")).to_be_visible(timeout=10_000)
        found: list[object] = await page.evaluate("heard")
        return found

    silent = await screen(sound=False)
    german, english, dumb = await screen(), await screen("en"), await screen(script=DUMB)
    await clerk.open(f"{office.HERE}/reception")
    await clerk.press("#draw")
    await office.open_desk(clerk, signed_in=True)
    await clerk.press("#next")
    label = await clerk.page.locator("#live .label").inner_text()
    desk = await clerk.page.locator("h1").inner_text()
    in_german, in_english = f"de: {label}, bitte zu {desk}.", f"en: {label}, please go to {desk}."
    assert await heard(silent, f"{label}-1") == []
    assert await heard(german, f"{label}-1") == [*TONES, in_german]
    assert await heard(english, f"{label}-1") == [*TONES, in_english]
    assert await heard(dumb, f"{label}-1") == TONES
    await dumb.close()

    await silent.reload()  # sound is wanted since it was switched on beside it, but nobody has touched this page
    await expect(silent.locator("#sound")).to_be_visible()
    await english.reload()
    await english.click("#sound")
    await clerk.press("#again")
    assert await heard(german, f"{label}-2") == [*TONES, in_german] * 2
    assert await heard(english, f"{label}-2") == [*TONES, in_english], "old calls are not said anew"
    assert await heard(silent, f"{label}-2") == []
    await silent.click("#sound")
    await expect(silent.locator("#sound")).to_be_hidden()
    assert await heard(silent, f"{label}-2") == [], "what was missed is not caught up on"
    await clerk.press("#again")
    assert await heard(silent, f"{label}-3") == [*TONES, in_german]
    await office.serve(clerk)
    assert display.complaints == []

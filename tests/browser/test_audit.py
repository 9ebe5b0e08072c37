"""Every page and error state, looked at by measure: accessibility, layout, words, headers. Screenshots are kept."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize

from services.gateway.render import HERE
from shared import languages
from tests.browser import audit
from tests.browser.conftest import NewVisitor
from tests.browser.states import STATES, State
from tests.browser.validator import validate
from tests.harness.visitor import Visitor

SHOTS = Path("test-output/screenshots")
SNAPSHOTS = Path(__file__).parent / "snapshots"
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=320, height=640)
GERMAN = {
    str(message.id): str(message.string)
    for message in languages.messages(HERE, "de")
    if message.id and isinstance(message.id, str) and message.id != message.string
}
SENT: dict[str, str] = {}  # what the gateway sent for each state, for the validator


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", STATES)
async def test_a_page(visitor: NewVisitor, lonely: str, crowded: str, name: str, language: str) -> None:
    state = STATES[name]
    base_url = (lonely if state.away else "") or (crowded if state.crowded else "")
    someone = await visitor(language, host=state.host, base_url=base_url)
    if state.host.endswith(".example"):
        someone.language = language
    await state.reach(someone)
    page = someone.page
    assert someone.status == state.status
    assert someone.last
    SENT[f"{name}-{language}"] = await someone.last.text()
    await check_words(someone, state)
    await check_headers(someone, state)
    await compare_snapshot(page, f"{name}-{language}")
    faults: list[str] = []
    for mode, look in looks(language):
        await page.set_viewport_size(look)
        dark, forced = mode == "dark", mode == "forced"
        await page.emulate_media(color_scheme="dark" if dark else "light", forced_colors="active" if forced else "none")
        if language == "de" or mode == "320":
            faults += [f"{mode} {fault}" for fault in await audit.axe_violations(page)]
        if mode in ("320", "1280"):
            await page.evaluate("document.fonts.ready")
            await page.screenshot(path=SHOTS / f"{name}-{language}-{mode}.png", full_page=True)
            faults += [f"{mode} {fault}" for fault in await layout_faults(page)]
    assert not faults, "\n".join(faults)
    assert someone.foreign == []
    assert someone.complaints == []


async def test_what_was_sent_is_valid_html() -> None:
    assert SENT, "the pages come from the test above"
    errors, warnings = await validate(SENT)
    print(*warnings, sep="\n")
    assert not errors, "\n".join(errors)


def looks(language: str) -> list[tuple[str, ViewportSize]]:
    """Colours and wide screens do not depend on the language: they are judged once."""
    both = [("1280", WIDE), ("320", NARROW)]
    return [*both, ("dark", NARROW), ("forced", NARROW)] if language == "de" else both


async def layout_faults(page: Page) -> list[str]:
    faults = [*await audit.layout_faults(page), *await audit.small_targets(page)]
    faults += [f"chart text {size}" for size in await audit.small_chart_text(page)]
    await audit.with_spacing(page)
    faults += [f"with spacing: {fault}" for fault in await audit.layout_faults(page)]
    await audit.with_large_text(page)
    faults += [f"with large text: {fault}" for fault in await audit.layout_faults(page)]
    await audit.as_designed(page)
    return faults


async def check_words(someone: Visitor, state: State) -> None:
    page, german = someone.page, someone.language == "de"
    assert await page.get_attribute("html", "lang") == someone.language
    title = await page.title()
    assert title.startswith("Fehler: " if german else "Error: ") is state.error, title
    if state.error:
        problems = await someone.problems()
        assert problems
        for link in await page.locator("#problems a").all():
            target = await link.get_attribute("href")
            assert await page.locator(f"main {target}").count() == 1, f"{target} is not there"
    text = await page.locator("body").inner_text()
    if german:
        lines = {line.strip() for line in text.splitlines()}
        assert not lines & set(GERMAN), "English on a German page"


async def check_headers(someone: Visitor, state: State) -> None:
    page = someone.page
    assert someone.last
    rule = someone.last.headers["cache-control"]
    assert (rule == "no-store") is state.personal, rule
    if await page.locator(".times").count():
        for time in await page.locator(".times .pick").all():
            name = await time.get_attribute("aria-label") or ""
            assert re.search(r"2026,? .*\d\d:\d\d", name), name


async def compare_snapshot(page: Page, name: str) -> None:
    """Compare the tree that assistive technology sees with the one that was looked at and kept.

    A changed page: delete the file, run the test (it writes a new one and fails), look at it, commit it.
    """
    seen = await page.locator("body").aria_snapshot()
    for pattern, stable in (
        (r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z])?\b", "XXXX-XXXX"),
        (r"(um|at) \d\d:\d\d", "\\1 HH:MM"),
        (r"/url: .*", "/url: …"),
        (r"\b[A-Z]\d{3}\b", "A000"),
        (r"Nummer \d+ in der Reihe|number \d+ in the queue", "number N in the queue"),
        (r"strong: (lässt sich nicht sagen|cannot be told|.*\d (Minuten?|minutes?))", "strong: N minutes"),
        (r" \d+ (bis|to) \d+ (Minuten|minutes)", ""),
        (r"(Wartezeit ohne Termin|without an appointment):.*", "\\1: …"),
        (r"(Stand|[Aa]s of).*\d\d:\d\d( Uhr)?", "\\1 HH:MM"),
        (r"\d+ (Termine? wurden?|appointments? (was|were))", "N appointments"),
        (r"(Vor Ihnen sind|turn in about|Sie sind in etwa) \d+", "\\1 N"),
        (r"\d+ people are before", "N people are before"),
        (r"(bis|until|by) \d\d:\d\d", "\\1 HH:MM"),
        (r"\w+,? \d{1,2}\.? September 2026(, \d\d:\d\d)?", "SOME DAY"),  # which is free, other tests decide
    ):
        seen = re.sub(pattern, stable, seen)
    seen = without_figures(seen)
    file = SNAPSHOTS / f"{name}.yml"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(seen + "\n", encoding="utf-8")
        pytest.fail(f"{file.name} was written: look at it and commit it")
    assert seen == file.read_text(encoding="utf-8").rstrip("\n")


def without_figures(tree: str) -> str:
    """Leave out what other tests change: how much is booked, so which times are free, and how the chart looks."""
    kept = [line for line in tree.splitlines() if not re.search(r'button "SOME DAY|img "|row "|cell "', line)]
    return "\n".join(line for line in kept if not re.match(r"\s+- (text|rowheader|columnheader|figure)", line))
